import Testing

@testable import UringIO

#if LINUX
  import CLinux
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct LoadArenasTests {
  @Test func `memory of all sizes shares no byte`() throws {
    var arenas = LoadArenas()
    let sizes = [1, 256, 5000, 4096, 100_000, 500_000, 600_000, 1, 3 << 20, 300_000]
    // Over several arenas, and several mappings.
    let slices = try (0..<400).map { try arenas.make(sizes[$0 % sizes.count]) }
    for (number, slice) in slices.enumerated() {
      #expect(slice.count == sizes[number % sizes.count])
      slice.withMutableBytes { bytes in
        #expect(bytes[0] == 0 && bytes[bytes.count - 1] == 0)
        bytes.copyBytes(from: LoadPattern.bytes(number, count: bytes.count))
      }
    }
    for (number, slice) in slices.enumerated() {
      #expect(slice.withBytes { LoadPattern.matches($0, number, count: $0.count) })
    }
  }

  @Test func `what is left of an arena is at hand, and nothing else`() throws {
    var arenas = LoadArenas()
    let before = arenas.isAtHand(1)
    _ = try arenas.make(20 << 10)
    let after = [108 << 10, (108 << 10) + 1, 3 << 20].map { arenas.isAtHand($0) }
    #expect(!before)
    #expect(after == [true, false, false])
  }

  #if LINUX
    @Test(arguments: [4096, 100_000, 500_000, 1 << 20])
    func `new memory has its pages before it is touched`(byteCount: Int) throws {
      let trial = try AlignedBuffer(byteCount: 4096)
      guard linuxPopulateForWriting(trial.base, 4096) == 0 else {
        print("skipped: this kernel populates no memory (Linux 5.14)")
        return
      }
      var arenas = LoadArenas()
      for _ in 0..<50 {
        let slice = try arenas.make(byteCount)
        let pageByteCount = Int(getpagesize())
        let start = Int(bitPattern: slice.address) / pageByteCount * pageByteCount
        let end = Int(bitPattern: slice.address) + byteCount
        var pages = [UInt8](repeating: 0, count: (end - start + pageByteCount - 1) / pageByteCount)
        #expect(mincore(UnsafeMutableRawPointer(bitPattern: start), end - start, &pages) == 0)
        #expect(pages.allSatisfy { $0 & 1 == 1 })
      }
    }
  #endif
}
