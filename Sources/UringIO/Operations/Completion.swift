import SystemPackage

/// An operation's outcome.
public enum Completion: Sendable, Equatable {
  /// What the call answered: bytes moved, events ready, or 0.
  case count(Int)
  case failed(Errno)

  /// From a system call's answer in the kernel's own form: a count, or a negated errno.
  init(kernelResult: Int) {
    self = kernelResult >= 0 ? .count(kernelResult) : .failed(Errno(rawValue: CInt(-kernelResult)))
  }

  /// Whether it ends a chain: a failure, or a transfer that moved less than asked.
  func breaksChain(of operation: Operation) -> Bool {
    switch self {
    case .failed: true
    case .count(let count):
      switch operation.kind {
      case .read, .write, .readVector, .writeVector: count != operation.transferByteCount
      default: false
      }
    }
  }
}

/// The outcomes of the step before: none at a job's start, one after `.perform` or `.compute`, one for
/// each operation of a chain, in the chain's order, the cancelled ones included.
public struct Completions: Sendable {
  /// The outcome of the only operation, or of a chain's first.
  public let first: Completion?
  private let rest: [Completion]

  public init() {
    first = nil
    rest = []
  }

  public init(_ completion: Completion) {
    first = completion
    rest = []
  }

  public init(_ completions: [Completion]) {
    first = completions.first
    rest = Array(completions.dropFirst())
  }
}

extension Completions: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { first == nil ? 0 : rest.count + 1 }
  public subscript(position: Int) -> Completion { position == 0 ? first! : rest[position - 1] }
}
