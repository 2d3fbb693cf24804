import Dispatch
import Logging
import Synchronization
import SystemPackage

/// An appender's inside: gathers records, and writes what has gathered, one batch at a time.
///
/// While a batch is being written the next one gathers, so under load many records share one write and one
/// sync, and without load a record leaves at once.
///
/// The thread that writes is one of a serial Dispatch queue, there only while there is something to write. It makes
/// plain system calls on every engine. A run of the engine for each batch was measured: an awaited append took 24 µs
/// this way, 35 to 140 through a ring and 70 to 75 through the pool, whose threads the syncs would keep from other
/// work besides; the kernel hands a ring's buffered appends and its syncs to worker threads.
final class AppendQueue: Sendable {
  /// An append that found no room, with its bytes.
  final class Blocked: @unchecked Sendable {
    // The queue's lock guards it.
    let bytes: [UInt8]
    var continuation: AppendBatch.Continuation?
    var isCancelled = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = [UInt8](bytes) }
  }

  struct State {
    var gathering: AppendBatch?
    /// In the order they came.
    var blocked: [Blocked] = []
    var isWriting = false
    var isClosed = false
    var spareBuffer: AlignedBuffer?
    var batchCount = 0
    /// The first failure of each batch in which a record failed that nobody has asked about, since the last flush.
    var unheard: [(batch: Int, error: FileIOError)] = []
    var flushes: [UnsafeContinuation<Void, Never>] = []
    var closes: [@Sendable () -> Void] = []
    var closeError: FileIOError?
    var hasClosedFile = false
    var report = AppendReport()

    /// - Returns: whether the caller is to start the writer.
    mutating func wantsWriter() -> Bool {
      if isWriting || gathering?.isDue != true { return false }
      isWriting = true
      return true
    }
  }

  let path: PathBytes
  let target: AppendTarget
  let options: AppendOptions
  let context: OperationContext
  let logger: Logger
  let measuring: Measuring
  let state = Mutex(State())
  /// A signal that comes late only shortens the next wait.
  let turn = DispatchSemaphore(value: 0)
  let writer = DispatchQueue(label: "UringIO.append")

  init(
    _ target: AppendTarget, options: AppendOptions, intercept: Interceptor?, logger: Logger,
    measuring: Measuring = .counts
  ) {
    self.measuring = measuring
    self.target = target
    self.options = options
    self.logger = logger
    path = target.path
    context = OperationContext(cancellation: Cancellation(), intercept: intercept)
  }

  var report: AppendReport { state.withLock { $0.report } }

  // MARK: Adding records

  /// Failures remembered for the next flush; later ones are only logged.
  static let unheardMax = 64

  enum Addition: Sendable {
    case added(AppendBatch, start: Int)
    case full
    case refused(FileIOError)
  }

  /// Adds a record where there is room, and for whom it waits.
  func add(_ bytes: UnsafeRawBufferPointer, for continuation: AppendBatch.Continuation?) -> Addition {
    var isToStart = false
    let addition = state.withLock { state -> Addition in
      if state.isClosed { return .refused(error(.badFileDescriptor, "the appender is closed")) }
      if bytes.isEmpty { return .refused(error(.invalidArgument, "a record has at least one byte")) }
      // Who waits for room comes first.
      guard state.blocked.isEmpty else { return .full }
      let addition = gather(bytes, for: continuation, in: &state)
      isToStart = state.wantsWriter()
      return addition
    }
    if isToStart { start() }
    return addition
  }

  /// Adds records that lie one behind the other, all or none.
  ///
  /// - Parameter recordEnds: where each ends in `bytes`; at least one, ascending, none empty, the last where they end.
  /// - Returns: the first one's number in its batch, as `start`.
  func add(_ bytes: UnsafeRawBufferPointer, recordEnds: [Int]) -> Addition {
    var isToStart = false
    let addition = state.withLock { state -> Addition in
      if state.isClosed { return .refused(error(.badFileDescriptor, "the appender is closed")) }
      guard state.blocked.isEmpty else { return .full }
      let addition = withRoom(for: bytes.count, in: &state) { batch in
        let first = batch.ends.count
        batch.add(bytes, recordEnds: recordEnds)
        return .added(batch, start: first)
      }
      isToStart = state.wantsWriter()
      return addition
    }
    if isToStart { start() }
    return addition
  }

  /// Adds a record that found no room, once there is some.
  func addBlocked(_ blocked: Blocked, for continuation: AppendBatch.Continuation) {
    var isToStart = false
    let answer = state.withLock { state -> AppendBatch.Answer? in
      if state.isClosed {
        return .failed(.init(error(.badFileDescriptor, "the appender is closed")))
      }
      if blocked.isCancelled { return .failed(.init(canceled)) }
      if state.blocked.isEmpty {
        let addition = blocked.bytes.withUnsafeBytes {
          gather($0, for: continuation, in: &state)
        }
        isToStart = state.wantsWriter()
        switch addition {
        case .added: return nil
        case .refused(let error): return .failed(.init(error))
        case .full: break
        }
      }
      blocked.continuation = continuation
      state.blocked.append(blocked)
      return nil
    }
    if isToStart { start() }
    if let answer { continuation.resume(returning: answer) }
  }

  /// The record is taken back if it still waits for room.
  func cancel(_ blocked: Blocked) {
    let continuation = state.withLock { state -> AppendBatch.Continuation? in
      blocked.isCancelled = true
      guard let position = state.blocked.firstIndex(where: { $0 === blocked }) else { return nil }
      state.blocked.remove(at: position)
      return blocked.continuation
    }
    continuation?.resume(returning: .failed(.init(canceled)))
  }

  var canceled: FileIOError { error(.canceled, "the record was not appended") }

  var full: FileIOError { error(.resourceTemporarilyUnavailable, "the appender's buffer is full") }

  func error(_ errno: Errno, _ note: String) -> FileIOError {
    FileIOError(errno, during: .append, path: path, note: note)
  }

  /// Whoever calls this starts the writer where it is wanted afterwards.
  func gather(
    _ bytes: UnsafeRawBufferPointer, for continuation: AppendBatch.Continuation?, in state: inout State
  ) -> Addition {
    withRoom(for: bytes.count, in: &state) { batch in
      let start = batch.add(bytes)
      if let continuation { batch.wait(for: start, continuation) }
      return .added(batch, start: start)
    }
  }

  private func withRoom(
    for byteCount: Int, in state: inout State, _ add: (AppendBatch) -> Addition
  ) -> Addition {
    if let gathering = state.gathering {
      if gathering.hasRoom(for: byteCount) { return add(gathering) }
      gathering.isDue = true
      return .full
    }
    do throws(FileIOError) {
      return add(try makeBatch(atLeast: byteCount, like: nil, in: &state))
    } catch {
      return .refused(error)
    }
  }

  private func makeBatch(
    atLeast byteCount: Int, like previous: AppendBatch?, in state: inout State
  ) throws(FileIOError) -> AppendBatch {
    let buffer: AlignedBuffer
    if let spare = state.spareBuffer, byteCount <= spare.byteCount {
      buffer = spare
      state.spareBuffer = nil
    } else {
      buffer = try AlignedBuffer(byteCount: max(byteCount, options.bufferByteCount))
    }
    let batch = AppendBatch(number: state.batchCount, queue: self, buffer: buffer, like: previous)
    state.batchCount += 1
    state.gathering = batch
    return batch
  }

  // MARK: The end

  /// No record is taken any more; what was added is written and the file closed.
  ///
  /// - Parameter end: called afterwards, by the thread that wrote, or at once where all is done already.
  func close(_ end: (@Sendable () -> Void)?) {
    switch beginClosing(end) {
    case .toBeWritten: start()
    case .beingWritten: break
    case .closed: end?()
    }
  }

  /// ``close(_:)`` for who may block its thread: where no thread is writing, this one does, and none is woken.
  func closeBlocking() {
    let isClosed = DispatchSemaphore(value: 0)
    switch beginClosing({ isClosed.signal() }) {
    case .toBeWritten: write()
    case .beingWritten: break
    case .closed: return
    }
    isClosed.wait()
  }

  private enum Closing { case toBeWritten, beingWritten, closed }

  private func beginClosing(_ end: (@Sendable () -> Void)?) -> Closing {
    state.withLock { state in
      state.isClosed = true
      if state.hasClosedFile { return .closed }
      if let end { state.closes.append(end) }
      if state.isWriting { return .beingWritten }
      state.isWriting = true
      return .toBeWritten
    }
  }

  /// The file's own error at its end; told once.
  func takeCloseError() -> FileIOError? {
    state.withLock { state in
      defer { state.closeError = nil }
      return state.closeError
    }
  }

  func log(_ error: FileIOError, recordCount: Int) {
    logger.error(
      "\(recordCount == 1 ? "a record" : "\(recordCount) records") that nobody waited for: \(error)",
      metadata: ["path": "\(path.displayed)", "records": "\(recordCount)"])
  }
}
