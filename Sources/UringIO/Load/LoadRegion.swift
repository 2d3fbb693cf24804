/// Memory that one file is loaded into. Whoever holds it may look at the bytes; the engine writes to it again
/// only when nobody does.
final class LoadRegion: Sendable {
  let slice: BufferSlice

  init(_ slice: BufferSlice) { self.slice = slice }
}

/// Where one worker's files get their memory. Used on that worker's thread alone.
///
/// What was returned is given out again last in, first out: it is still in the core's cache, and loading cached
/// files into memory that is not takes twice as long (bench/README.md, "loading"). New memory for smaller files
/// is cut from arenas, each twice as large as the one before up to a huge page, while such pages are cheap: a page
/// fault for each 4 KiB costs as much as reading them, and clearing 2 MiB for files that are let go of at once
/// delays the first of them. So a file that is kept may keep an arena alive.
struct LoadMemory {
  private static let firstArenaByteCount = 128 << 10
  private static let arenaByteCountMax = AlignedBuffer.hugePageByteCount
  /// Files up to that part of the largest arena share one.
  private static let sharing = 4
  /// There are eight sizes to each power of two, so that at most a ninth of a region is left over.
  private static let smallestByteCount = 256

  private var arena: AlignedBuffer?
  private var usedByteCount = 0
  private var nextArenaByteCount = firstArenaByteCount
  private var price = HugePagePrice()
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

  /// New memory.
  mutating func make(_ byteCount: Int) throws(FileIOError) -> LoadRegion {
    let size = Self.sizeClass(byteCount).byteCount
    guard size <= Self.arenaByteCountMax / Self.sharing else {
      return LoadRegion(try AlignedBuffer(byteCount: size).whole)
    }
    if usedByteCount + size > arena?.byteCount ?? 0 {
      while nextArenaByteCount < Self.sharing * size { nextArenaByteCount *= 2 }
      arena = try makeArena(nextArenaByteCount)
      nextArenaByteCount = min(2 * nextArenaByteCount, Self.arenaByteCountMax)
      usedByteCount = 0
    }
    defer { usedByteCount += size }
    return LoadRegion(arena![usedByteCount..<usedByteCount + size])
  }

  private mutating func makeArena(_ byteCount: Int) throws(FileIOError) -> AlignedBuffer {
    let usesHugePage = byteCount >= AlignedBuffer.hugePageByteCount && price.isWorthIt()
    let arena = try AlignedBuffer(byteCount: byteCount, usesHugePages: usesHugePage)
    if usesHugePage {
      let start = MonotonicTime.nanoseconds()
      arena.base.storeBytes(of: 0, as: UInt8.self)
      price.note(MonotonicTime.nanoseconds() - start)
    }
    return arena
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
