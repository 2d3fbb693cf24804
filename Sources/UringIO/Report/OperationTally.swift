import SystemPackage

/// What was asked of the kernel: counts and bytes by kind, what was refused, and how it was asked.
///
/// Two are equal where the counts are: how long things took is never the same twice.
public struct OperationTally: Sendable, Equatable {
  private struct KindCount: Sendable, Equatable {
    var count = 0
    var byteCount: Int64 = 0
  }

  private struct Refusal: Hashable {
    var kind: Operation.Kind
    var errno: CInt
  }

  private var kinds = [KindCount](repeating: KindCount(), count: Operation.Kind.allCases.count)
  /// Operations the ring engine made as plain system calls because the kernel would have handed them to a
  /// worker thread (punts avoided).
  public private(set) var inlineOperations = 0
  /// Times an operation was asked again after EINTR or EAGAIN.
  public var retries = 0
  /// Entries put on rings, and the system calls (`io_uring_enter`) that submitted them or waited for them. Where
  /// several calls of an engine share a ring, a system call counts for each.
  public internal(set) var ringEntries = 0
  public internal(set) var ringCalls = 0
  private var refusals: [Refusal: Int] = [:]

  /// `nil` where only counts were asked for.
  private(set) var measured: OperationMeasurements?

  public init() {}

  /// A place to keep a tally from which one was taken; made once.
  static let empty = OperationTally()

  /// - Parameter lane: of a trace, which thread it is that works.
  init(measuring: Measuring, lane: OperationTrace.Lane = OperationTrace.Lane()) {
    if measuring != .counts {
      measured = OperationMeasurements(trace: measuring == .trace ? OperationTrace(lane: lane) : nil)
    }
  }

  public static func == (one: OperationTally, other: OperationTally) -> Bool {
    one.kinds == other.kinds && one.inlineOperations == other.inlineOperations
      && one.retries == other.retries
  }

  // MARK: While operations are made

  mutating func count(_ kind: Operation.Kind, inline: Bool = false) {
    kinds[Int(kind.rawValue)].count += 1
    if inline { inlineOperations += 1 }
  }

  mutating func count(
    _ kinds: some Sequence<Operation.Kind>, times: Int = 1, inline: Bool = false
  ) {
    for kind in kinds {
      self.kinds[Int(kind.rawValue)].count += times
      if inline { inlineOperations += times }
    }
  }

  mutating func countBytes(_ kind: Operation.Kind, _ byteCount: Int) {
    kinds[Int(kind.rawValue)].byteCount += Int64(byteCount)
  }

  /// The clock, where the operation that begins now is one of those that are measured; otherwise 0.
  mutating func startOfNext() -> UInt64 {
    guard measured != nil, measured!.measuresNext() else { return 0 }
    return MonotonicTime.nanoseconds()
  }

  /// An operation has its answer.
  ///
  /// - Parameters:
  ///   - start: what ``startOfNext()`` said when the operation was begun.
  ///   - slot: where it was on a ring; `nil` where the thread made it itself.
  mutating func note(_ kind: Operation.Kind, _ completion: Completion, since start: UInt64, slot: Int? = nil)
  {
    switch completion {
    case .count(let count): if kind.isTransfer { countBytes(kind, count) }
    case .failed(let errno): refusals[Refusal(kind: kind, errno: errno.rawValue), default: 0] += 1
    }
    guard start > 0, measured != nil else { return }
    measured!.note(kind, completion, from: start, to: MonotonicTime.nanoseconds(), slot: slot)
  }

  // MARK: While threads work

  var measures: Bool { measured != nil }

  /// So many operations are on the ring from now on.
  mutating func noteOnRing(_ count: Int, at now: UInt64) { measured?.inFlight.change(to: count, at: now) }

  /// A thread begins to work for this tally; `nil` where nobody wants to know.
  func beginWork() -> ThreadTime? { measured == nil ? nil : ThreadTime.now() }

  /// It has ended.
  ///
  /// - Parameter isInFlight: whether that was one thing in flight, as a pool's job is.
  mutating func endWork(_ begin: ThreadTime?, isInFlight: Bool) {
    guard let begin, measured != nil else { return }
    measured!.worked(from: begin, to: ThreadTime.now(), isInFlight: isInFlight)
  }

  /// A thread that does what one of the engine's asks has worked meanwhile.
  mutating func noteHelp(nanoseconds: UInt64) { measured?.helpingNanoseconds += nanoseconds }

  /// How many threads the kernel has started for a ring.
  mutating func noteKernelWorkers(_ count: Int) { measured?.kernelWorkerCount += count }

  public mutating func add(_ other: OperationTally) {
    for index in kinds.indices {
      kinds[index].count += other.kinds[index].count
      kinds[index].byteCount += other.kinds[index].byteCount
    }
    inlineOperations += other.inlineOperations
    retries += other.retries
    ringEntries += other.ringEntries
    ringCalls += other.ringCalls
    if !other.refusals.isEmpty { refusals.merge(other.refusals, uniquingKeysWith: +) }
    guard let others = other.measured else { return }
    if measured == nil { measured = others } else { measured!.add(others) }
  }

  // MARK: What it came to

  public subscript(kind: Operation.Kind) -> Int { kinds[Int(kind.rawValue)].count }

  /// Bytes that operations of a kind moved: reads, writes and copies of ranges.
  public func byteCount(_ kind: Operation.Kind) -> Int64 { kinds[Int(kind.rawValue)].byteCount }

  /// The kinds that were used, with their counts.
  public var used: [(kind: Operation.Kind, count: Int)] {
    Operation.Kind.allCases.compactMap { self[$0] > 0 ? ($0, self[$0]) : nil }
  }

  /// What was not done, by kind and the kernel's reason, the most frequent first. A read of what is not cached
  /// (`EAGAIN`) and a clone where there are none (`EOPNOTSUPP`) are in it: most refusals are questions.
  public var errors: [(kind: Operation.Kind, errno: Errno, count: Int)] {
    refusals.map { ($0.key.kind, Errno(rawValue: $0.key.errno), $0.value) }
      .sorted { ($1.2, $0.0.rawValue, $0.1.rawValue) < ($0.2, $1.0.rawValue, $1.1.rawValue) }
  }

  /// How long the operations took, by kind, where that was measured (``Measuring/statistics``): of the first
  /// thousands each, then of one in sixteen.
  public var latencies: [(kind: Operation.Kind, summary: LatencySummary)] {
    guard let measured else { return [] }
    return Operation.Kind.allCases.compactMap { kind in measured.latencies[kind].map { (kind, $0) } }
  }

  /// How many operations the rings had, or how many of a pool's threads had a job, over time; `nil` where that was
  /// not measured.
  public var inFlight: LevelOverTime? { measured?.inFlight }

  /// How long the engine's threads worked, and how long they did not although they had something under way: they
  /// waited for a device, or for a core. In seconds, all threads together.
  public var threadSeconds: (working: Double, waiting: Double)? {
    measured.map { ($0.workingSeconds, $0.waitingSeconds) }
  }

  /// Threads the kernel had started for the rings when the work ended, for operations that it would not do while they
  /// were submitted (punts).
  public var kernelWorkerCount: Int? { measured?.kernelWorkerCount }

  /// Every operation, where that was asked for.
  public var trace: OperationTrace? { measured?.trace }
}

extension Operation.Kind {
  /// Whether a completion counts bytes.
  var isTransfer: Bool {
    switch self {
    case .read, .write, .readVector, .writeVector, .copyRange, .movePages: true
    default: false
    }
  }
}
