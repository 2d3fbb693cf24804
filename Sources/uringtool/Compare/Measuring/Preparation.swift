import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Brings the machine into the same state before each run.
struct Preparation {
  let workload: any Workload
  let state: CacheState
  let interruption: Interruption
  /// The least and the most of the source that was in the page cache before a run; `nil` where nobody can tell.
  private(set) var cachedByteCounts: ClosedRange<Int64>?

  /// A file system mounted with `discard` gives removed blocks back for a while after the sync.
  private static let settlingMicroseconds: UInt32 = 300_000
  /// What a process uses beside the pages of the files.
  private static let processByteCount: Int64 = 64 << 20
  /// Memory that touching leaves alone, so that it does not push out more than caches.
  private static let reserveByteCount: Int64 = 1 << 30

  init(_ workload: any Workload, _ state: CacheState, interruption: Interruption) {
    self.workload = workload
    self.state = state
    self.interruption = interruption
  }

  mutating func prepare() throws(ToolError) {
    sync()
    usleep(Self.settlingMicroseconds)
    // Before the source is read: touching may push it out, and reading it in uses memory just touched.
    try touchMemory()
    if let cached = try workload.prepare(state, interruption) {
      let before = cachedByteCounts ?? cached...cached
      cachedByteCounts = min(before.lowerBound, cached)...max(before.upperBound, cached)
    }
  }

  /// What a run will use of the memory: the pages of what it reads and of what it makes.
  private var usedByteCount: Int64 { workload.sourceByteCount + workload.outcomeByteCount }

  /// Takes, touches and frees the memory a run will use.
  ///
  /// The host of a virtual machine may have taken free pages back; whoever touches one first then waits for
  /// it, which costs more than copying into it. That must not fall on whichever contestant comes first.
  private func touchMemory() throws(ToolError) {
    guard let available = MachineProbe.availableMemoryByteCount() else { return }
    let byteCount = min(usedByteCount + Self.processByteCount, available - Self.reserveByteCount)
    guard byteCount > 0, let buffer = try? AlignedBuffer(byteCount: Int(byteCount)) else { return }
    try buffer.touch(interruption)
  }

  /// Takes the free memory that the runs do not need, until the result is let go of.
  ///
  /// A run gets any of the free pages, not those touched last: only where few others are free does touching
  /// reach the ones it will get.
  ///
  /// - Returns: `nil` where there is nothing to take.
  func ballast() throws(ToolError) -> AlignedBuffer? {
    guard let free = MachineProbe.freeMemoryByteCount() else { return nil }
    // Twice the reserve: what others take meanwhile must not push the source out of the cache.
    let byteCount = free - usedByteCount - 2 * Self.reserveByteCount
    guard byteCount > 0, let buffer = try? AlignedBuffer(byteCount: Int(byteCount)) else { return nil }
    try buffer.touch(interruption)
    return buffer
  }
}

extension AlignedBuffer {
  /// Bytes between two looks for a signal.
  private static let touchingByteCount = 64 << 20

  /// Writes into every page, so that the machine has them all.
  fileprivate func touch(_ interruption: Interruption) throws(ToolError) {
    for start in stride(from: 0, to: byteCount, by: Self.touchingByteCount) {
      try interruption.check()
      self[start..<min(start + Self.touchingByteCount, byteCount)].withMutableBytes { bytes in
        for offset in stride(from: 0, to: bytes.count, by: 4096) { bytes[offset] = 1 }
      }
    }
  }
}
