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
    var closes: [UnsafeContinuation<Void, Never>] = []
    var closeError: FileIOError?
    var hasClosedFile = false
    var report = AppendReport()
  }

  let path: PathBytes
  let target: AppendTarget
  let options: AppendOptions
  let context: OperationContext
  let logger: Logger
  let state = Mutex(State())
  /// A signal that comes late only shortens the next wait.
  let turn = DispatchSemaphore(value: 0)
  let writer = DispatchQueue(label: "UringIO.append")

  init(_ target: AppendTarget, options: AppendOptions, intercept: Interceptor?, logger: Logger) {
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
      return gather(bytes, for: continuation, in: &state, isToStart: &isToStart)
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
          gather($0, for: continuation, in: &state, isToStart: &isToStart)
        }
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

  private func error(_ errno: Errno, _ note: String) -> FileIOError {
    FileIOError(errno, during: .append, path: path, note: note)
  }

  func gather(
    _ bytes: UnsafeRawBufferPointer, for continuation: AppendBatch.Continuation?, in state: inout State,
    isToStart: inout Bool
  ) -> Addition {
    let batch: AppendBatch
    if let gathering = state.gathering {
      guard gathering.hasRoom(for: bytes.count) else { return .full }
      batch = gathering
    } else {
      do throws(FileIOError) {
        batch = try makeBatch(atLeast: bytes.count, like: nil, in: &state)
      } catch {
        return .refused(error)
      }
    }
    let start = batch.add(bytes)
    if let continuation { batch.wait(for: start, continuation) }
    if !state.isWriting {
      state.isWriting = true
      isToStart = true
    }
    return .added(batch, start: start)
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

  // MARK: Asking about records

  /// What became of a record, if that is known.
  func answer(_ batch: AppendBatch, _ start: Int) -> AppendBatch.Answer? {
    state.withLock { state in batch.isSettled ? hear(batch, start, in: &state) : nil }
  }

  func wait(_ batch: AppendBatch, _ start: Int, _ continuation: AppendBatch.Continuation) {
    let answer = state.withLock { state -> AppendBatch.Answer? in
      if batch.isSettled { return hear(batch, start, in: &state) }
      batch.wait(for: start, continuation)
      return nil
    }
    if let answer { continuation.resume(returning: answer) }
  }

  private func hear(_ batch: AppendBatch, _ start: Int, in state: inout State) -> AppendBatch.Answer {
    let answer = batch.hear(start)
    if case .failed = answer, batch.firstUnheard == nil {
      state.unheard.removeAll { $0.batch == batch.number }
    }
    return answer
  }

  /// Resumes when every record that was added before is settled.
  func flush(_ continuation: UnsafeContinuation<Void, Never>) {
    let isIdle = state.withLock { state -> Bool in
      if let gathering = state.gathering {
        gathering.flushes.append(continuation)
      } else if state.isWriting {
        state.flushes.append(continuation)
      } else {
        return true
      }
      return false
    }
    if isIdle { continuation.resume() }
  }

  /// The first failure, since somebody last asked here, of a record nobody has asked about.
  func takeUnheard() -> FileIOError? {
    state.withLock { state in
      defer { state.unheard = [] }
      return state.unheard.first?.error
    }
  }

  // MARK: The end

  /// No record is taken any more; what was added is written and the file closed.
  func close(_ continuation: UnsafeContinuation<Void, Never>?) {
    var isToStart = false
    let isClosed = state.withLock { state -> Bool in
      state.isClosed = true
      if state.hasClosedFile { return true }
      if let continuation { state.closes.append(continuation) }
      isToStart = !state.isWriting
      state.isWriting = true
      return false
    }
    if isToStart { start() }
    if isClosed { continuation?.resume() }
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
