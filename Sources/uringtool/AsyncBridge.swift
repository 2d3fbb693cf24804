import Dispatch
import Synchronization

/// Runs asynchronous work for a command that is not: the main thread waits, and a signal cancels the work.
struct AsyncBridge {
  private let interruption: Interruption

  init(_ interruption: Interruption) { self.interruption = interruption }

  /// - Parameter beginsHere: whether the work begins on this thread, where the system can do that, and leaves it when
  ///   it first waits: the first thread of the pool takes a third of a millisecond. Until then a signal cancels only
  ///   the interruption's own cancellation, which the work then asks.
  func run<Value: Sendable>(
    beginsHere: Bool = false, _ work: @escaping @Sendable () async -> Value
  ) -> Value {
    let answer = Answer<Value>()
    let task: Task<Void, Never>
    if beginsHere, #available(macOS 26, *) {
      task = Task.immediateDetached { answer.set(await work()) }
    } else {
      task = Task.detached { answer.set(await work()) }
    }
    let handler = interruption.cancellation.addHandler { task.cancel() }
    defer { interruption.cancellation.removeHandler(handler) }
    return answer.wait()
  }
}

/// A value that one thread waits for.
private final class Answer<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  func set(_ value: Value) {
    self.value.withLock { $0 = value }
    isThere.signal()
  }

  func wait() -> Value {
    isThere.wait()
    return value.withLock { $0! }
  }
}
