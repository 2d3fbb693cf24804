/// What was asked of the kernel: counts by kind, and how.
public struct OperationTally: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: Operation.Kind.allCases.count)
  /// Operations the ring engine made as plain system calls because the kernel would have handed them to a
  /// worker thread (punts avoided).
  public private(set) var inlineOperations = 0
  /// Times an operation was asked again after EINTR or EAGAIN.
  public var retries = 0

  public init() {}

  mutating func count(_ kind: Operation.Kind, inline: Bool = false) {
    counts[Int(kind.rawValue)] += 1
    if inline { inlineOperations += 1 }
  }

  public mutating func add(_ other: OperationTally) {
    for index in counts.indices { counts[index] += other.counts[index] }
    inlineOperations += other.inlineOperations
    retries += other.retries
  }

  public subscript(kind: Operation.Kind) -> Int { counts[Int(kind.rawValue)] }

  /// The kinds that were used, with their counts.
  public var used: [(kind: Operation.Kind, count: Int)] {
    Operation.Kind.allCases.compactMap { self[$0] > 0 ? ($0, self[$0]) : nil }
  }
}
