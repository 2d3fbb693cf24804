import Logging
import Synchronization

/// Work that goes on in the background; see ``FileEngine/background(_:)-(_)``.
///
/// Dropping the handle does not end the work. An error of work whose ``value`` nobody ever awaited goes to the
/// engine's logger, once, as soon as there is neither a result to wait for nor anybody who could ask.
public final class BackgroundTask<Value: Sendable>: Sendable {
  private let task: Task<Value, any Error>
  private let fate: BackgroundFate
  private let reported: BackgroundProgress

  init(
    engine: FileEngine, work: @escaping @Sendable (FileEngine, BackgroundProgress) async throws -> Value
  ) {
    let fate = BackgroundFate(logger: engine.logger)
    let progress = BackgroundProgress()
    self.fate = fate
    reported = progress
    task = Task.detached {
      do {
        let value = try await work(engine, progress)
        fate.ended(nil)
        return value
      } catch {
        fate.ended(error)
        throw error
      }
    }
  }

  deinit { fate.handleDropped() }

  /// What the work came to, once it has ended. Any number of tasks may ask. A task that is cancelled while it
  /// waits cancels nothing but itself.
  ///
  /// - Throws: the work's error; where ``cancel()`` ended it, usually `CancellationError` or a `FileIOError` whose
  ///   `isCancellation` is true.
  public nonisolated(nonsending) var value: Value {
    get async throws {
      fate.awaited()
      return try await task.value
    }
  }

  /// Asks the work to end early, as `Task.cancel` does: copies and the like end at once and clean up.
  public func cancel() { task.cancel() }

  public var isCancelled: Bool { task.isCancelled }

  /// How far the work said last that it is; `nil` where it has said nothing.
  public var progress: CopyProgress? { reported.latest }
}

/// Decides whether an error was heard of.
final class BackgroundFate: Sendable {
  private struct State {
    var isAwaited = false
    var isDropped = false
    var error: (any Error)?
  }

  private let logger: Logger
  private let state = Mutex(State())

  init(logger: Logger) { self.logger = logger }

  func awaited() { state.withLock { $0.isAwaited = true } }

  func ended(_ error: (any Error)?) { logIfUnheard { $0.error = error } }

  func handleDropped() { logIfUnheard { $0.isDropped = true } }

  /// Whichever comes last, the work's end or the handle's, finds both.
  private func logIfUnheard(_ change: (inout State) -> Void) {
    let error = state.withLock { state -> (any Error)? in
      change(&state)
      guard state.isDropped, !state.isAwaited, let error = state.error, !Self.isCancellation(error) else {
        return nil
      }
      state.error = nil
      return error
    }
    if let error { logger.error("background work that nobody waited for failed: \(error)") }
  }

  private static func isCancellation(_ error: any Error) -> Bool {
    error is CancellationError || (error as? FileIOError)?.isCancellation == true
  }
}
