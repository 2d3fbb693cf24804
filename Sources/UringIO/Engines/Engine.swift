import Dispatch

/// Runs sources to their end with a bounded number of jobs in flight.
package protocol Engine: AnyObject, Sendable {
  var kind: EngineKind { get }
  /// Rings, or workers: how many rooms make progress at the same time.
  var workerCount: Int { get }
  /// Starts a run; its `onEnd` tells when it is over.
  func start(_ run: EngineRun)
  /// Waits for the runs that were started, then gives the threads back. No run may be started afterwards.
  func shutdown()
}

/// The engines, by the names the commands use.
public enum EngineKind: String, Sendable, CaseIterable {
  case uring, threads, sequential
}

extension Engine {
  /// Runs a source to its end while this thread waits.
  package func runToEnd(
    _ source: any JobSource, rooms: [Room], cancellation: Cancellation, intercept: Interceptor? = nil
  ) throws(FileIOError) -> OperationTally {
    let ended = Ending()
    let run = try EngineRun(
      source: source, rooms: rooms, cancellation: cancellation, intercept: intercept,
      onEnd: ended.signal)
    start(run)
    return ended.wait()
  }
}

/// Hands a run's tally to the thread that waits for it.
private final class Ending: @unchecked Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private var tally = OperationTally()

  // The semaphore orders the write before the read.
  var signal: @Sendable (OperationTally) -> Void {
    { tally in
      self.tally = tally
      self.semaphore.signal()
    }
  }

  func wait() -> OperationTally {
    semaphore.wait()
    return tally
  }
}
