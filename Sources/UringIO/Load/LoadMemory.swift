/// Where one worker's files get their memory. Used on that worker's thread alone.
///
/// What was returned is given out again last in, first out: it is still in the core's cache, and loading cached
/// files into memory that is not takes twice as long (bench/README.md, "loading").
struct LoadMemory: ~Copyable {
  /// There are eight sizes to each power of two, so that at most a ninth of a region is left over.
  private static let smallestByteCount = 256

  private var arenas = LoadArenas()
  /// Returned files, by the size class of their regions.
  private var free: [[LoadedFile]] = []
  private(set) var freeByteCount = 0

  /// The class of regions with at least that many bytes, and their size.
  static func sizeClass(_ byteCount: Int) -> (index: Int, byteCount: Int) {
    guard byteCount > smallestByteCount else { return (0, smallestByteCount) }
    // 256 has the leading bit 8: of each octave, the three bits behind the leading one choose the class.
    let octave = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount
    let step = 1 << (octave - 3)
    let eighth = (byteCount - 1) >> (octave - 3) & 7
    return ((octave - 8) * 8 + eighth + 1, (1 << octave) + (eighth + 1) * step)
  }

  /// From how many bytes on a file may have a region of this size that was made for another one: smaller ones would
  /// leave more than a quarter of it unused, for as long as somebody keeps them.
  static func leastByteCount(for regionByteCount: Int) -> Int {
    regionByteCount > smallestByteCount ? regionByteCount / 4 * 3 : 1
  }

  /// A file that was returned and has room for that many bytes.
  mutating func reuse(_ byteCount: Int) -> LoadedFile? {
    let index = Self.sizeClass(byteCount).index
    guard index < free.count, let file = free[index].popLast() else { return nil }
    freeByteCount -= file.region!.slice.count
    return file
  }

  /// Whether that many bytes are to be had without asking the kernel.
  func isAtHand(_ byteCount: Int) -> Bool { arenas.isAtHand(Self.sizeClass(byteCount).byteCount) }

  /// New memory.
  mutating func make(_ byteCount: Int) throws(FileIOError) -> LoadRegion {
    LoadRegion(try arenas.make(Self.sizeClass(byteCount).byteCount))
  }

  mutating func giveBack(_ file: LoadedFile) {
    guard let region = file.region else { return }
    let index = Self.sizeClass(region.slice.count).index
    while free.count <= index { free.append([]) }
    free[index].append(file)
    freeByteCount += region.slice.count
  }

  /// Lets go of what was returned, where files need other sizes now.
  mutating func dropFree() {
    free = []
    freeByteCount = 0
  }
}
