/// A number that changes over time, such as how many operations are in flight: its mean in equal spans, at most 128
/// of them, however long that was.
public struct LevelOverTime: Sendable, Equatable {
  static let spanCountMax = 128

  /// A span has 2^shift nanoseconds, and begins at a multiple of that: so those of several threads fit together.
  private var shift: UInt64 = 14
  /// The number of the first span.
  private var first: UInt64 = 0
  /// Level times nanoseconds.
  private var areas: [UInt64] = []
  /// From when to when it was looked at, in nanoseconds of the monotonic clock.
  private var begin = UInt64.max
  private var end: UInt64 = 0
  private var level = 0

  init() {}

  /// The level is another one from now on.
  mutating func change(to level: Int, at now: UInt64) {
    if begin == .max { begin = now } else { add(self.level, from: end, to: now) }
    end = max(end, now)
    self.level = level
  }

  /// Adds to the level between two moments.
  mutating func add(_ level: Int, from: UInt64, to: UInt64) {
    guard to > from else { return }
    begin = min(begin, from)
    end = max(end, to)
    guard level > 0 else { return }
    makeRoom(from: from, to: to)
    for span in from >> shift...(to - 1) >> shift {
      let overlap = min(to, (span + 1) << shift) - max(from, span << shift)
      areas[Int(span - first)] += UInt64(level) * overlap
    }
  }

  /// Adds what others had at the same time.
  mutating func add(_ other: LevelOverTime) {
    guard other.end > 0 else { return }
    begin = min(begin, other.begin)
    end = max(end, other.end)
    guard !other.areas.isEmpty else { return }
    var other = other
    while other.shift < shift { other.coarsen() }
    while shift < other.shift { coarsen() }
    makeRoom(from: other.first << other.shift, to: (other.first + UInt64(other.areas.count)) << other.shift)
    while other.shift < shift { other.coarsen() }
    for (index, area) in other.areas.enumerated() { areas[Int(other.first - first) + index] += area }
  }

  /// Has spans for all of that time.
  private mutating func makeRoom(from: UInt64, to: UInt64) {
    while true {
      let low = areas.isEmpty ? from >> shift : min(first, from >> shift)
      let high = max(areas.isEmpty ? 0 : first + UInt64(areas.count) - 1, (to - 1) >> shift)
      guard high - low >= UInt64(Self.spanCountMax) else {
        if areas.isEmpty { first = low }
        areas.insert(contentsOf: repeatElement(0, count: Int(first - low)), at: 0)
        first = low
        areas += repeatElement(0, count: Int(high - low) + 1 - areas.count)
        return
      }
      coarsen()
    }
  }

  /// Makes two spans one.
  private mutating func coarsen() {
    let newFirst = first >> 1
    var newAreas: [UInt64] = []
    for (index, area) in areas.enumerated() {
      let position = Int((first + UInt64(index)) >> 1 - newFirst)
      if position == newAreas.count { newAreas.append(area) } else { newAreas[position] += area }
    }
    shift += 1
    first = newFirst
    areas = newAreas
  }

  // MARK: What it came to

  /// Over the whole time.
  public var mean: Double {
    end > begin ? Double(areas.reduce(0, +)) / Double(end - begin) : 0
  }

  /// The largest mean of a span.
  public var peak: Double { spans.map(\.mean).max() ?? 0 }

  /// The length of a span, in seconds.
  public var spanSeconds: Double { Double(1 << shift) / 1e9 }

  /// The spans in which it was more than nothing and those between them: when each begins, in nanoseconds of the
  /// monotonic clock, and its mean, of the first and the last over the part that was looked at.
  public var spans: [(start: UInt64, mean: Double)] {
    areas.indices.map { index in
      let start = (first + UInt64(index)) << shift
      let from = max(start, begin)
      let to = min(start + 1 << shift, end)
      return (from, to > from ? Double(areas[index]) / Double(to - from) : 0)
    }
  }
}
