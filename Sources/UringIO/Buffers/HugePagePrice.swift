/// Whether the next new huge page is worth its price, which is what the last one took when it was first touched.
///
/// Clearing 2 MiB takes 0.1 ms, and as 512 pages with a fault for each 0.7. But the host of a virtual machine takes
/// back free memory in just such pieces (free page reporting), and whoever touches one of them then waits 5 ms for it,
/// while smaller free pieces stay (bench/README.md, "new memory"). Only trying tells.
struct HugePagePrice {
  /// More than small pages take, and less than one that the host has to find.
  private static let nanosecondsMax: UInt64 = 1_000_000
  /// After an expensive one so many are not asked for, and twice as many each time it happens again.
  private static let pausesRange = 32...1024

  private var pause = pausesRange.lowerBound
  private var left = 0

  mutating func isWorthIt() -> Bool {
    guard left > 0 else { return true }
    left -= 1
    return false
  }

  /// - Parameter nanoseconds: what first touching a huge page took.
  mutating func note(_ nanoseconds: UInt64) {
    guard nanoseconds > Self.nanosecondsMax else {
      pause = Self.pausesRange.lowerBound
      return
    }
    left = pause
    pause = min(2 * pause, Self.pausesRange.upperBound)
  }
}
