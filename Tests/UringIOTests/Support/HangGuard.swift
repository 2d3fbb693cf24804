import Dispatch
import Foundation
import Synchronization

@testable import UringIO

/// How long is taken for hanging. A busy machine must not reach it: a task may wait for minutes until one of the few
/// threads is free on which all the other tests run as well.
enum HangLimit {
  static let thread = 120
  static let task = 900
}

/// Runs `body` on a thread of its own and waits for it: what hangs fails its test instead of stopping all
/// of them. Nothing depends on the time unless the test fails.
func withoutHanging<Value: Sendable>(
  seconds: Int = HangLimit.thread, onHang: @Sendable () -> Void = {},
  _ body: @escaping @Sendable () throws -> Value
) throws -> Value {
  let result = Shared<Result<Value, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    let answer = Result { try body() }
    result.update { $0 = answer }
    done.signal()
  }
  guard done.wait(timeout: .now() + .seconds(seconds)) == .success else {
    onHang()
    throw TestFailure("it hangs")
  }
  return try result.value!.get()
}

extension Engine {
  /// `runToEnd` that fails where the run does not end.
  @discardableResult
  func run(
    _ source: any JobSource, rooms: [Room], cancellation: Cancellation = Cancellation(),
    intercept: Interceptor? = nil
  ) throws -> OperationTally {
    try withoutHanging(onHang: cancellation.cancel) {
      try self.runToEnd(source, rooms: rooms, cancellation: cancellation, intercept: intercept)
    }
  }

  /// `shutdown` that fails where it does not return.
  func stop() throws {
    try withoutHanging { self.shutdown() }
  }
}

/// A value that several threads see.
final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  var value: Value { mutex.withLock { $0 } }

  @discardableResult
  func update<Answer: Sendable>(_ change: (inout Value) throws -> Answer) rethrows -> Answer {
    try mutex.withLock { value in try change(&value) }
  }
}

/// A thread waits here until another one opens it. Once open it stays open.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func open() { semaphore.signal() }

  func wait() {
    semaphore.wait()
    semaphore.signal()
  }

  /// Fails where nobody opens it.
  func waitOrFail(seconds: Int = HangLimit.thread) throws {
    guard semaphore.wait(timeout: .now() + .seconds(seconds)) == .success else {
      throw TestFailure("nobody opened the gate")
    }
    semaphore.signal()
  }

  /// ``waitOrFail()`` for a task: it keeps none of the few threads that tasks run on.
  func opened() async throws {
    let result = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(returning: Result { try self.waitOrFail(seconds: HangLimit.task) })
      }
    }
    try result.get()
  }
}
