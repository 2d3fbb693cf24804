/// What was asked of the kernel: counts by kind, and how.
///
/// Two are equal where the counts are: how long things took is never the same twice.
public struct OperationTally: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: Operation.Kind.allCases.count)
  /// Operations the ring engine made as plain system calls because the kernel would have handed them to a
  /// worker thread (punts avoided).
  public private(set) var inlineOperations = 0
  /// Times an operation was asked again after EINTR or EAGAIN.
  public var retries = 0

  /// `nil` where nobody asked for them.
  private var measured: OperationLatencies?

  public init() {}

  /// A place to keep a tally from which one was taken; made once.
  static let empty = OperationTally()

  /// - Parameter measuresLatencies: whether ``note(_:since:)`` keeps what it is told.
  init(measuresLatencies: Bool) { if measuresLatencies { measured = OperationLatencies() } }

  var measuresLatencies: Bool { measured != nil }

  /// The clock, where the operation that begins now is one of those that are measured; otherwise 0.
  mutating func startOfNext() -> UInt64 {
    guard measured != nil, measured!.samplesNext() else { return 0 }
    return MonotonicTime.nanoseconds()
  }

  /// - Parameter start: what ``startOfNext()`` said when the operation was begun.
  mutating func note(_ kind: Operation.Kind, since start: UInt64) {
    guard start > 0, measured != nil else { return }
    measured!.note(kind, nanoseconds: MonotonicTime.nanoseconds() - start)
  }

  /// How long the operations took, by kind, where the engine was told to measure that
  /// (``FileEngine/Configuration/measuresLatencies``): of the first thousands each, then of one in sixteen.
  public var latencies: [(kind: Operation.Kind, summary: LatencySummary)] {
    guard let measured else { return [] }
    return Operation.Kind.allCases.compactMap { kind in measured[kind].map { (kind, $0) } }
  }

  public static func == (one: OperationTally, other: OperationTally) -> Bool {
    one.counts == other.counts && one.inlineOperations == other.inlineOperations
      && one.retries == other.retries
  }

  mutating func count(_ kind: Operation.Kind, inline: Bool = false) {
    counts[Int(kind.rawValue)] += 1
    if inline { inlineOperations += 1 }
  }

  public mutating func add(_ other: OperationTally) {
    for index in counts.indices { counts[index] += other.counts[index] }
    inlineOperations += other.inlineOperations
    retries += other.retries
    guard let others = other.measured else { return }
    if measured == nil { measured = others } else { measured!.add(others) }
  }

  public subscript(kind: Operation.Kind) -> Int { counts[Int(kind.rawValue)] }

  /// The kinds that were used, with their counts.
  public var used: [(kind: Operation.Kind, count: Int)] {
    Operation.Kind.allCases.compactMap { self[$0] > 0 ? ($0, self[$0]) : nil }
  }
}
