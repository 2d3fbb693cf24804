import Synchronization

/// The files of a load, as they are there or in their order; see ``FileEngine/load(_:options:)``.
///
/// Nothing happens before the first file is asked for. Each iteration loads all over again.
public struct LoadedFiles: AsyncSequence, Sendable {
  public typealias Element = LoadedFile
  public typealias Failure = FileIOError

  private let makeRequest: @Sendable () -> LoadRequest
  private let reporting = LoadReporting()

  init(_ makeRequest: @escaping @Sendable () -> LoadRequest) { self.makeRequest = makeRequest }

  /// What the last iteration that ended came to; `nil` before that.
  public var report: LoadReport? { reporting.report }

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(iteration: LoadIteration(makeRequest(), reporting: reporting))
  }

  /// Pulls files: while nobody asks, no more are loaded than ``LoadOptions/maxBytesInFlight`` has room for.
  /// Dropped, it ends the load and lets go of what was not taken.
  public struct AsyncIterator: AsyncIteratorProtocol {
    public typealias Element = LoadedFile
    public typealias Failure = FileIOError
    let iteration: LoadIteration

    /// The next file, without waiting where one is there; `nil` at the end.
    ///
    /// - Throws: `FileIOError` where the engine cannot be started; with `ECANCELED` after the task was
    ///   cancelled, once the engine has let go of the load; with ``LoadOptions/stopsAtFirstError`` a file's own.
    public mutating func next() async throws(FileIOError) -> LoadedFile? { try await iteration.next() }

    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(FileIOError) -> LoadedFile? { try await iteration.next() }
  }
}

@available(*, unavailable)
extension LoadedFiles.AsyncIterator: Sendable {}

/// What a transform made of each file of a load; see ``FileEngine/load(_:options:transform:)``.
public struct TransformedFiles<Value: Sendable>: AsyncSequence, Sendable {
  public typealias Element = TransformedFile<Value>
  public typealias Failure = FileIOError

  private let files: LoadedFiles

  init(_ files: LoadedFiles) { self.files = files }

  /// What the last iteration that ended came to; `nil` before that.
  public var report: LoadReport? { files.report }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(files: files.makeAsyncIterator()) }

  /// As ``LoadedFiles/AsyncIterator``.
  public struct AsyncIterator: AsyncIteratorProtocol {
    public typealias Element = TransformedFile<Value>
    public typealias Failure = FileIOError
    var files: LoadedFiles.AsyncIterator

    public mutating func next() async throws(FileIOError) -> TransformedFile<Value>? {
      try await files.next().map { TransformedFile($0) }
    }

    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(FileIOError) -> TransformedFile<Value>? {
      try await files.next(isolation: actor).map { TransformedFile($0) }
    }
  }
}

@available(*, unavailable)
extension TransformedFiles.AsyncIterator: Sendable {}

/// Where an iteration leaves its report.
final class LoadReporting: Sendable {
  private let state = Mutex<LoadReport?>(nil)

  var report: LoadReport? {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
