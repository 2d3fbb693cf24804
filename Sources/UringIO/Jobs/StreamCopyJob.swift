import SystemPackage

/// Copies what can only be read from its start to its end: FIFOs, terminals, devices, and files whose size
/// says nothing (procfs).
///
/// Where blocks of zeros are to become holes of a regular file, the buffer is filled before it is written, so that the
/// blocks are the file's.
///
/// The descriptors are non-blocking; where they are not ready the job polls, which an engine can be woken
/// from, so that a cancelled copy ends at once on every engine.
package final class StreamCopyJob: Job {
  private enum State { case starting, waitingToRead, reading, waitingToWrite, writing }

  private let source: FileDescriptor
  private let destination: FileDescriptor
  private let sourcePath: PathBytes
  private let destinationPath: PathBytes
  /// A FIFO nobody has opened for writing yet reads as ended: it is polled first.
  private let waitsForWriter: Bool
  /// Blocks of so many bytes that are all zeros are not written; `nil`: all are.
  private let zeroBlockByteCount: Int?
  private let cancellation: Cancellation
  private let progress: CopyProgressCounter
  private var state = State.starting
  private var filled = 0
  private var written = 0
  private var movedByteCount = 0
  private var isAtEnd = false

  package init(
    source: FileDescriptor, destination: FileDescriptor, sourcePath: PathBytes, destinationPath: PathBytes,
    waitsForWriter: Bool, zeroBlockByteCount: Int? = nil, cancellation: Cancellation,
    progress: CopyProgressCounter
  ) {
    self.source = source
    self.destination = destination
    self.sourcePath = sourcePath
    self.destinationPath = destinationPath
    self.waitsForWriter = waitsForWriter
    self.zeroBlockByteCount = zeroBlockByteCount
    self.cancellation = cancellation
    self.progress = progress
  }

  package func next(after completions: Completions, buffer: BufferSlice) -> Step {
    if cancellation.isCancelled { return fail(.canceled, .copy, sourcePath) }
    switch state {
    case .starting:
      return waitsForWriter ? waitToRead() : read(buffer)
    case .waitingToRead:
      if case .failed(let errno) = completions.first! { return fail(errno, .poll, sourcePath) }
      return read(buffer)
    case .reading:
      return didRead(completions.first!, buffer)
    case .waitingToWrite:
      if case .failed(let errno) = completions.first! { return fail(errno, .poll, destinationPath) }
      return write(buffer)
    case .writing:
      return wrote(completions.first!, buffer)
    }
  }

  private func waitToRead() -> Step {
    state = .waitingToRead
    return .perform(.poll(source, .readable))
  }

  private func read(_ buffer: BufferSlice) -> Step {
    state = .reading
    return .perform(.read(source, into: buffer[filled..<buffer.count], at: nil))
  }

  private func didRead(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0):
      isAtEnd = true
      return filled > 0 ? write(buffer) : .finish(.success(movedByteCount))
    case .count(let count):
      filled += count
      if zeroBlockByteCount != nil, filled < buffer.count { return read(buffer) }
      return write(buffer)
    case .failed(.resourceTemporarilyUnavailable):
      return waitToRead()
    case .failed(let errno):
      return fail(errno, .read, sourcePath)
    }
  }

  private func write(_ buffer: BufferSlice) -> Step {
    guard let zeroBlockByteCount else {
      state = .writing
      return .perform(.write(destination, from: buffer[written..<filled], at: nil))
    }
    let data = buffer.nextData(in: written..<filled, blockByteCount: zeroBlockByteCount)
    advance(by: data.lowerBound - written)
    guard !data.isEmpty else { return pieceIsCopied(buffer) }
    state = .writing
    return .perform(.write(destination, from: buffer[data], at: Int64(movedByteCount)))
  }

  private func wrote(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0):
      return fail(.ioError, .write, destinationPath)
    case .count(let count):
      advance(by: count)
      return written < filled ? write(buffer) : pieceIsCopied(buffer)
    case .failed(.resourceTemporarilyUnavailable):
      state = .waitingToWrite
      return .perform(.poll(destination, .writable))
    case .failed(let errno):
      return fail(errno, .write, destinationPath)
    }
  }

  private func advance(by count: Int) {
    written += count
    movedByteCount += count
    progress.add(count)
  }

  private func pieceIsCopied(_ buffer: BufferSlice) -> Step {
    (filled, written) = (0, 0)
    return isAtEnd ? .finish(.success(movedByteCount)) : read(buffer)
  }

  private func fail(_ errno: Errno, _ activity: FileIOError.Activity, _ path: PathBytes) -> Step {
    .finish(.failure(FileIOError(errno, during: activity, path: path, offset: Int64(movedByteCount))))
  }
}

/// A source of one job, which remembers how it ended.
package final class SingleJobSource: JobSource, @unchecked Sendable {
  // Pulled and finished on one thread at a time; whoever waits for the run reads afterwards.
  private var job: (any Job)?
  package private(set) var outcome: Result<Int, FileIOError>?

  package init(_ job: any Job) { self.job = job }

  package func next(for lane: Lane) -> Pull {
    guard let job else { return .end }
    self.job = nil
    return .job(job)
  }

  package func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) { self.outcome = outcome }
}
