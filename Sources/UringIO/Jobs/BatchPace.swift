/// How many files a room takes at once: as many as it is done with in a short time, so that no room keeps many
/// while another has none, and the source's lock is asked for seldom.
struct BatchPace {
  private static let nanoseconds: UInt64 = 300_000
  static let fileCountMax = 128
  /// A batch that has taken longer ends, and what it has not begun is dealt again.
  static let patience = 4 * nanoseconds
  private var fileCount: Int
  private var nanosecondsEach: UInt64

  /// - Parameters:
  ///   - fileCount: how many files the last batch had, 0 at the start.
  ///   - nanosecondsEach: how long each took, at least 1.
  init(fileCount: Int = 0, nanosecondsEach: UInt64 = 1) {
    self.fileCount = fileCount
    self.nanosecondsEach = nanosecondsEach
  }

  /// One at the start, and never more than twice as many as the last time.
  func next(_ maximum: Int) -> Int {
    guard fileCount > 0 else { return 1 }
    return max(1, min(fileCount * 2, maximum, Int(clamping: Self.nanoseconds / nanosecondsEach)))
  }

  /// - Parameters:
  ///   - end: `nil`: now.
  ///   - depth: how many batches the room has at a time; they share its time.
  mutating func note(_ fileCount: Int, since start: UInt64, until end: UInt64? = nil, depth: Int = 1) {
    guard fileCount > 0 else { return }
    self.fileCount = fileCount
    nanosecondsEach = max(
      1, ((end ?? MonotonicTime.nanoseconds()) - start) / UInt64(fileCount * depth))
  }
}
