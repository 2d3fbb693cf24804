import SystemPackage

/// Makes the names in one directory durable: opens it, syncs it, closes it.
final class SyncDirectoryJob: Job {
  private enum State { case starting, opening, syncing, closing }

  let directory: SaveSource.ChangedDirectory
  private var state = State.starting
  private var descriptor: FileDescriptor?
  private var failure: FileIOError?

  init(_ directory: SaveSource.ChangedDirectory) { self.directory = directory }

  var path: PathBytes {
    switch directory {
    case .path(let path): path
    case .opened(let opened): opened.path
    }
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    switch state {
    case .starting:
      switch directory {
      case .opened(let opened): return sync(opened.descriptor)
      case .path(let path):
        state = .opening
        return .perform(.openFile(.workingDirectory, FileName(path), .directory(followsLink: true)))
      }
    case .opening:
      switch completions.first! {
      case .count(let number):
        descriptor = FileDescriptor(rawValue: CInt(number))
        return sync(descriptor!)
      case .failed(let errno):
        return .finish(.failure(error(errno)))
      }
    case .syncing:
      // EINVAL: a file system (CIFS, some FUSE ones) that has no such thing.
      if case .failed(let errno) = completions.first!, errno != .invalidArgument { failure = error(errno) }
      guard let descriptor else { return end() }
      state = .closing
      return .perform(.closeFile(descriptor))
    case .closing:
      return end()
    }
  }

  private func sync(_ descriptor: FileDescriptor) -> Step {
    state = .syncing
    return .perform(.synchronize(descriptor, dataOnly: false))
  }

  private func error(_ errno: Errno) -> FileIOError {
    FileIOError(
      errno, during: .synchronize, path: path, note: "the names in it may not have reached the disk")
  }

  private func end() -> Step { .finish(failure.map { .failure($0) } ?? .success(0)) }
}
