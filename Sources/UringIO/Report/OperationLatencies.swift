import Histogram

/// How long operations took, each kind in a histogram of its own: at most 1 % off, whatever they took
/// (HdrHistogram, two significant digits).
///
/// Measuring one costs 80 ns, which is a tenth of what the fastest of them take; so where there are many, one in sixteen is
/// measured, at random (loading 50,000 cached files: 6 % slower with all, 1 to 2 % so; bench/README.md, "statistics").
struct OperationLatencies: Sendable {
  /// All of the first are measured.
  private static let allCount = 4096
  private static let oneIn: UInt32 = 16

  private var startedCount = 0
  private var random: UInt32 = 0x9e37_79b9

  /// Whether the operation that begins now is measured.
  mutating func samplesNext() -> Bool {
    guard startedCount >= Self.allCount else {
      startedCount += 1
      return true
    }
    // Marsaglia's xorshift: what repeats itself in the work must not meet every sixteenth.
    random ^= random << 13
    random ^= random >> 17
    random ^= random << 5
    return random % Self.oneIn == 0
  }

  private var histograms = [Histogram<UInt64>?](repeating: nil, count: Operation.Kind.allCases.count)

  mutating func note(_ kind: Operation.Kind, nanoseconds: UInt64) {
    let index = Int(kind.rawValue)
    if histograms[index] == nil {
      histograms[index] = Histogram<UInt64>(
        highestTrackableValue: Self.nanosecondsMax, numberOfSignificantValueDigits: .two)
    }
    histograms[index]!.record(min(nanoseconds, Self.nanosecondsMax))
  }

  /// An hour: what takes longer counts as that.
  private static let nanosecondsMax: UInt64 = 3_600_000_000_000

  mutating func add(_ other: OperationLatencies) {
    for (index, histogram) in other.histograms.enumerated() {
      guard let histogram else { continue }
      if histograms[index] == nil { histograms[index] = histogram } else { histograms[index]!.add(histogram) }
    }
  }

  subscript(kind: Operation.Kind) -> LatencySummary? {
    histograms[Int(kind.rawValue)].map(LatencySummary.init)
  }
}

/// How long the operations of a kind took, in nanoseconds: from the call, or from being put on the ring, to the answer.
public struct LatencySummary: Sendable, Equatable {
  /// Those that were measured.
  public let count: Int
  /// So long at most took a half, nine of ten, 99 and 999 of a thousand of them.
  public let median: UInt64
  public let percentile90: UInt64
  public let percentile99: UInt64
  public let percentile999: UInt64
  public let maximum: UInt64

  init(_ histogram: Histogram<UInt64>) {
    count = Int(histogram.totalCount)
    median = histogram.valueAtPercentile(50)
    percentile90 = histogram.valueAtPercentile(90)
    percentile99 = histogram.valueAtPercentile(99)
    percentile999 = histogram.valueAtPercentile(99.9)
    maximum = histogram.max
  }
}
