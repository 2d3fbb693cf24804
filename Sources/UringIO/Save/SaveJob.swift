import SystemPackage

/// Saves one file: makes its bytes, opens it, writes, syncs and renames it as asked; or leaves nothing that
/// looks complete and is not.
///
/// The bytes (or the first piece of them) are made before the file is: a producer that fails changes nothing.
final class SaveJob: Job {
  private enum State {
    case starting, making, opening, writing, waitingToWrite, syncing, closing, renaming
    /// After a failure.
    case identifying, givingUp, lookingForName, removing
  }

  let file: FileToSave
  /// The file's place in the sequence.
  let index: Int
  /// Two entries for the same file have the same.
  let key: PathBytes
  let target: SaveTarget
  /// Parents of directories that this job created: to be synced where the save is durable.
  var changedDirectories: [PathBytes] { opening.changedDirectories }

  private let options: SaveOptions
  private let cancellation: Cancellation
  private let progress: SaveProgressCounter
  private var contents: SaveContents
  private var opening: SaveOpening
  private var state = State.starting
  /// The slot's memory.
  private var buffer: BufferSlice?
  private var piece: BufferSlice?
  private var pieceIsLast = false
  private var pieceWritten = 0
  private var written = 0
  private var opened: SaveOpening.Opened?
  private var status: StatusBox?
  private var identity: FileStatus?
  private var failure: FileIOError?
  /// When the source dealt it.
  let dealtAt = MonotonicTime.nanoseconds()

  init(
    _ file: FileToSave, index: Int, key: PathBytes = PathBytes([]), options: SaveOptions,
    pool: ProducedBytesPool, cancellation: Cancellation, progress: SaveProgressCounter
  ) {
    self.file = file
    self.index = index
    self.key = key
    self.options = options
    self.cancellation = cancellation
    self.progress = progress
    target = SaveTarget(file)
    contents = SaveContents(file, pool: pool)
    opening = SaveOpening(
      target, path: file.path, options: options,
      permissions: UInt16((file.permissions ?? options.permissions).rawValue & 0o7777))
  }

  /// Whether the bytes are made all at once, by the file's own code; and how many were made.
  var isMade: Bool { contents.isMade }
  var madeByteCount: Int { contents.madeByteCount }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    self.buffer = buffer
    guard let completion = completions.first else { return takePiece() }
    return switch state {
    case .starting: preconditionFailure("nothing was asked for")
    case .making: made(completion)
    case .opening: open(completion)
    case .writing: wrote(completion)
    case .waitingToWrite: isWritable(completion)
    case .syncing: synced(completion)
    case .closing: closed(completion)
    case .renaming: renamed(completion)
    case .identifying: identified(completion)
    case .givingUp: gaveUp()
    case .lookingForName: lookedForName(completion)
    case .removing: removed(completion)
    }
  }

  // MARK: The bytes

  private func takePiece() -> Step {
    if cancellation.isCancelled { return fail(.canceled, .save) }
    switch contents.next(buffer!) {
    case .memory(let slice, let isLast): return have(slice, isLast: isLast)
    case .compute(let work):
      state = .making
      return .compute(work)
    }
  }

  private func made(_ completion: Completion) -> Step {
    switch contents.made(completion, buffer!) {
    case .success(.memory(let slice, let isLast)): have(slice, isLast: isLast)
    case .success(.compute): preconditionFailure("one step makes a piece")
    case .failure(let error): fail(error)
    }
  }

  private func have(_ slice: BufferSlice, isLast: Bool) -> Step {
    if cancellation.isCancelled { return fail(.canceled, .save) }
    piece = slice
    pieceIsLast = isLast
    pieceWritten = 0
    return opened == nil ? open(nil) : write()
  }

  // MARK: The file

  private func open(_ completion: Completion?) -> Step {
    state = .opening
    switch opening.next(after: completion) {
    // The names were looked up when the file was to be created: none of this waits.
    case .perform(let operation): return .performInline(operation)
    case .opened(let opened):
      self.opened = opened
      return write()
    case .failed(let error, let descriptor):
      guard let descriptor else { return fail(error) }
      failure = error
      state = .givingUp
      return .perform(.closeFile(descriptor))
    }
  }

  private func write() -> Step {
    guard pieceWritten < piece!.count else {
      // Nobody may hold the memory when the next piece is made in it, or the next file.
      piece = nil
      return pieceIsLast ? complete() : takePiece()
    }
    state = .writing
    let rest = piece![pieceWritten..<piece!.count]
    return .perform(
      .write(opened!.descriptor, from: rest, at: opened!.isStream ? nil : Int64(written)))
  }

  private func wrote(_ completion: Completion) -> Step {
    switch completion {
    case .count(0):
      // A write of something that wrote nothing, and no error: asking again could go on for ever.
      return fail(.ioError, .write, at: written)
    case .count(let count):
      pieceWritten += count
      written += count
      progress.wrote(count)
      return write()
    case .failed(.resourceTemporarilyUnavailable) where opened!.isStream:
      state = .waitingToWrite
      return .perform(.poll(opened!.descriptor, .writable))
    case .failed(let errno):
      return fail(errno, .write, at: written)
    }
  }

  private func isWritable(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, .poll) }
    return cancellation.isCancelled ? fail(.canceled, .save) : write()
  }

  // MARK: The end

  private func complete() -> Step {
    letGoOfContents()
    guard options.isDurable, !opened!.isStream else { return close() }
    state = .syncing
    return .perform(.synchronize(opened!.descriptor, dataOnly: false))
  }

  private func synced(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, .synchronize) }
    return close()
  }

  private func close() -> Step {
    state = .closing
    return .perform(.closeFile(opened!.descriptor))
  }

  private func closed(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion {
      // Written data may be lost (NFS reports it here). The descriptor is gone all the same.
      failure = FileIOError(errno, during: .close, path: file.path)
      return closedAfterFailure()
    }
    guard let temporary = opened!.temporary else { return .finish(.success(written)) }
    state = .renaming
    return .perform(
      .rename(
        target.directory, FileName(temporary), to: target.directory, FileName(target.name),
        replaces: !options.isExclusive))
  }

  private func renamed(_ completion: Completion) -> Step {
    guard case .failed(let errno) = completion else { return .finish(.success(written)) }
    failure = FileIOError(errno, during: .rename, path: file.path)
    return closedAfterFailure()
  }

  private func letGoOfContents() {
    piece = nil
    contents.end()
  }

  // MARK: After a failure

  private func fail(_ errno: Errno, _ activity: FileIOError.Activity, at offset: Int? = nil) -> Step {
    fail(FileIOError(errno, during: activity, path: file.path, offset: offset.map(Int64.init)))
  }

  private func fail(_ error: FileIOError) -> Step {
    letGoOfContents()
    failure = error
    guard let opened else { return .finish(.failure(error)) }
    if opened.existed || opened.temporary != nil { return giveUp() }
    // Only the file this job made is removed, whatever has the name by then.
    state = .identifying
    status = StatusBox()
    return .perform(.status(opened.descriptor, into: status!))
  }

  private func identified(_ completion: Completion) -> Step {
    if case .count = completion { identity = status!.status }
    return giveUp()
  }

  private func giveUp() -> Step {
    state = .givingUp
    return .perform(.closeFile(opened!.descriptor))
  }

  private func gaveUp() -> Step { opened == nil ? .finish(.failure(failure!)) : closedAfterFailure() }

  private func closedAfterFailure() -> Step {
    let opened = opened!
    if let temporary = opened.temporary { return remove(temporary) }
    guard !opened.existed else {
      if opened.isStream { return .finish(.failure(failure!)) }
      return finish(
        noting: "the file existed and is damaged: its first \(written) bytes are new, the rest is gone")
    }
    state = .lookingForName
    status = StatusBox()
    return .perform(.statusOfName(target.directory, FileName(target.name), into: status!))
  }

  private func lookedForName(_ completion: Completion) -> Step {
    guard case .count = completion, status!.status.type == .regular,
      identity.map({ $0.isSameFile(as: status!.status) }) ?? true
    else { return finish(noting: "the unfinished file was moved or replaced meanwhile") }
    return remove(target.name)
  }

  private func remove(_ name: PathBytes) -> Step {
    state = .removing
    return .perform(.remove(target.directory, FileName(name), isDirectory: false))
  }

  private func removed(_ completion: Completion) -> Step {
    switch completion {
    case .count, .failed(.noSuchFileOrDirectory): finish(noting: "the unfinished file was removed")
    case .failed(let errno):
      finish(
        noting: "the unfinished file \(opened!.temporary.map { "'\($0.displayed)' " } ?? "")"
          + "could not be removed: \(errno)")
    }
  }

  private func finish(noting note: String) -> Step { .finish(.failure(failure!.noting(note))) }
}
