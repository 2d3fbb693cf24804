/// New memory for loaded files.
///
/// That of smaller files is cut from arenas, each twice as large as the one before up to a huge page, while such pages
/// are cheap; otherwise small pages are populated some at a time. A page fault for each 4 KiB costs as much as reading
/// them, and clearing 2 MiB for files that are let go of at once delays the first of them. So a file that is kept may
/// keep an arena alive.
struct LoadArenas: ~Copyable {
  private static let firstByteCount = 128 << 10
  private static let byteCountMax = AlignedBuffer.hugePageByteCount
  /// Files up to that part of the largest arena share one.
  private static let sharing = 4
  /// Small pages are populated so many bytes at a time: a multiple of pages of any size, as arenas are.
  private static let populatedTogether = 128 << 10

  private var arena: AlignedBuffer?
  private var usedByteCount = 0
  private var populatedByteCount = 0
  private var nextByteCount = firstByteCount
  private var hugePages = MappedReserve(usesHugePages: true)
  private var smallPages = MappedReserve(usesHugePages: false)
  private var price = HugePagePrice()

  /// Whether that many bytes are left of the arena.
  func isAtHand(_ byteCount: Int) -> Bool {
    byteCount <= Self.byteCountMax / Self.sharing && usedByteCount + byteCount <= arena?.byteCount ?? 0
  }

  mutating func make(_ byteCount: Int) throws(FileIOError) -> BufferSlice {
    guard byteCount <= Self.byteCountMax / Self.sharing else { return try makeAlone(byteCount) }
    if !isAtHand(byteCount) {
      while nextByteCount < Self.sharing * byteCount { nextByteCount *= 2 }
      try begin(nextByteCount)
      nextByteCount = min(2 * nextByteCount, Self.byteCountMax)
    }
    let range = usedByteCount..<usedByteCount + byteCount
    usedByteCount = range.upperBound
    populate(upTo: usedByteCount)
    return arena![range]
  }

  private func makeAlone(_ byteCount: Int) throws(FileIOError) -> BufferSlice {
    let memory = try AlignedBuffer(byteCount: byteCount)
    // Of huge pages each is one page fault.
    if byteCount < AlignedBuffer.hugePageByteCount { SystemCall.populate(memory.base, byteCount: byteCount) }
    return memory.whole
  }

  private mutating func begin(_ byteCount: Int) throws(FileIOError) {
    let usesHugePage = byteCount == AlignedBuffer.hugePageByteCount && price.isWorthIt()
    let arena = try map(byteCount, usesHugePage: usesHugePage)
    self.arena = arena
    usedByteCount = 0
    populatedByteCount = 0
    guard usesHugePage else { return }
    // The thread's own time: it may have to wait for a core just then, which says nothing of the page.
    let start = MonotonicTime.threadNanoseconds()
    arena.base.storeBytes(of: 0, as: UInt8.self)
    // Where there are no huge pages, these are many small ones.
    populate(upTo: byteCount)
    price.note(MonotonicTime.threadNanoseconds() - start)
  }

  private mutating func map(
    _ byteCount: Int, usesHugePage: Bool
  ) throws(FileIOError) -> AlignedBuffer {
    if byteCount == MappedReserve.bufferByteCount,
      let arena = usesHugePage ? hugePages.take() : smallPages.take()
    {
      return arena
    }
    return try AlignedBuffer(byteCount: byteCount, usesHugePages: usesHugePage)
  }

  private mutating func populate(upTo end: Int) {
    guard let arena, end > populatedByteCount else { return }
    let step = Self.populatedTogether
    let newEnd = min((end + step - 1) / step * step, arena.byteCount)
    SystemCall.populate(arena.base + populatedByteCount, byteCount: newEnd - populatedByteCount)
    populatedByteCount = newEnd
  }
}
