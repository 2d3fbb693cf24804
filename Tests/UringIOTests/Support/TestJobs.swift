import SystemPackage

@testable import UringIO

/// A job whose steps are a test's: asked with the number of the call, starting at 0.
final class ScriptedJob: Job {
  typealias Script = (_ call: Int, _ completions: Completions, _ buffer: BufferSlice) -> Step

  private let script: Script
  private var callCount = 0

  init(_ script: @escaping Script) { self.script = script }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    defer { callCount += 1 }
    return script(callCount, completions, buffer)
  }

  /// Makes one step and hands what it came to to `end`.
  convenience init(
    _ step: @escaping (BufferSlice) -> Step,
    then end: @escaping (Completions, BufferSlice) -> Void = { _, _ in }
  ) {
    self.init { call, completions, buffer in
      guard call > 0 else { return step(buffer) }
      end(completions, buffer)
      return .finish(completions.outcome)
    }
  }
}

extension Completions {
  /// How a job ends that asked for nothing but this step: with the bytes moved, or the first failure.
  var outcome: Result<Int, FileIOError> {
    var byteCount = 0
    for completion in self {
      switch completion {
      case .count(let count): byteCount += count
      case .failed(let errno): return .failure(FileIOError(errno, during: .copy))
      }
    }
    return .success(byteCount)
  }
}

extension Result where Success == Int, Failure == FileIOError {
  var byteCount: Int? { try? get() }
  var error: FileIOError? { if case .failure(let error) = self { error } else { nil } }
}

extension Step {
  var operation: Operation? {
    switch self {
    case .perform(let operation), .performInline(let operation): operation
    default: nil
    }
  }
  var isInline: Bool { if case .performInline = self { true } else { false } }
  var outcome: Result<Int, FileIOError>? { if case .finish(let outcome) = self { outcome } else { nil } }
  var isFinish: Bool { outcome != nil }
}

extension Room {
  static func of(
    _ depth: Int, lane: Lane = .any, bufferByteCount: Int = 4096, placement: PlacementTable = .allRing
  ) -> Room {
    Room(lane: lane, depth: depth, bufferByteCount: bufferByteCount, placement: placement)
  }
}
