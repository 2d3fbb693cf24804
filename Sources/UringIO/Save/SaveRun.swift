import Dispatch
import Synchronization
import SystemPackage

/// One save from its start to its report.
struct SaveRun: Sendable {
  /// What `.bytes` are copied through, in bytes: it stays in a core's cache.
  private static let bufferByteCount = 256 << 10
  /// Files in flight on each ring: while one is being made, another is written. More would only take turns,
  /// and push each other's bytes out of the cache.
  static let depth = 2
  /// As many files wait for the disk at once where each is synced.
  static let durableDepth = 32

  let engines: EngineSelection
  let descriptorBudget: DescriptorBudget
  let options: SaveOptions
  let source: SaveSource
  let cancellation: Cancellation
  let intercept: Interceptor?

  /// - Throws: where nothing could be begun. A save that was cancelled returns what it came to.
  func run() throws(FileIOError) -> SaveReport {
    let start = ContinuousClock.now
    let call = try engines.beginCall()
    defer { engines.endCall(call) }
    let (engine, reason) = try engines.forLargeFiles()
    let (rooms, descriptors) = descriptorBudget.share { limit in
      var rooms = FileRooms.make(
        for: engine, depth: options.depth ?? (options.isDurable ? Self.durableDepth : Self.depth),
        workers: options.workers ?? (options.isDurable ? nil : Self.workerCount),
        bufferByteCount: Self.bufferByteCount,
        placement: options.isDurable ? .durableFiles : .smallFiles)
      // A job has its file open, or the directory that it syncs.
      FileRooms.fit(&rooms, descriptorsOfJob: 1, descriptorCountMax: limit)
      return (rooms, FileRooms.descriptorCount(of: rooms, descriptorsOfJob: 1))
    }
    defer { descriptors.giveBack() }
    source.begin(roomCount: rooms.count, depth: rooms[0].depth, makesAhead: engine.kind == .uring)
    let tally = try engine.runToEnd(source, rooms: rooms, cancellation: cancellation, intercept: intercept)
    var report = source.end()
    report.operations = tally
    report.engine = engine.kind
    report.engineReason = reason
    report.seconds = (ContinuousClock.now - start) / .seconds(1)
    return report
  }

  /// Making files keeps a core busy, and more threads than cores only queue for the directory's lock.
  private static var workerCount: Int { EngineSelection.coreCount }

  /// ``run()`` on a thread of its own, which calls `then` afterwards.
  func start(then: @escaping @Sendable () -> Void = {}) -> SaveEnding {
    let ending = SaveEnding()
    DispatchQueue(label: "UringIO.save").async {
      ending.set(Result { () throws(FileIOError) in try run() })
      then()
    }
    return ending
  }
}

/// How a save ended, for the task that waits for it.
final class SaveEnding: Sendable {
  private enum State {
    case running
    case awaited(CheckedContinuation<Result<SaveReport, FileIOError>, Never>)
    case ended(Result<SaveReport, FileIOError>)
  }
  private let state = Mutex(State.running)

  func set(_ result: Result<SaveReport, FileIOError>) {
    let continuation = state.withLock {
      state -> CheckedContinuation<Result<SaveReport, FileIOError>, Never>? in
      defer { state = .ended(result) }
      if case .awaited(let continuation) = state { return continuation }
      return nil
    }
    continuation?.resume(returning: result)
  }

  /// `nil` while it is under way.
  var value: Result<SaveReport, FileIOError>? {
    state.withLock { if case .ended(let result) = $0 { result } else { nil } }
  }

  nonisolated(nonsending) func result() async -> Result<SaveReport, FileIOError> {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state -> Result<SaveReport, FileIOError>? in
        if case .ended(let result) = state { return result }
        state = .awaited(continuation)
        return nil
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }
}
