import Testing

@testable import UringIO

/// Finding what is not zeros.
@Suite struct ZeroBlockTests {
  private func data(_ bytes: [UInt8], in range: Range<Int>) throws -> Range<Int> {
    let buffer = try AlignedBuffer(byteCount: 4096)
    let slice = buffer.whole[0..<bytes.count]
    slice.withMutableBytes { $0.copyBytes(from: bytes) }
    return slice.nextData(in: range, blockByteCount: 4)
  }

  @Test func `whole blocks of zeros are skipped, and nothing else`() throws {
    #expect(try data([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], in: 0..<12) == 4..<8)
    #expect(try data([1, 0, 0, 0, 0, 0, 0, 1], in: 0..<8) == 0..<8)
    #expect(try data([0, 0, 0, 0, 0, 0, 0, 0], in: 0..<8).isEmpty)
    // The last block may be short, and a write may have stopped within one.
    #expect(try data([0, 0, 0, 0, 0, 9], in: 0..<6) == 4..<6)
    #expect(try data([0, 0, 0, 0, 0, 0], in: 0..<6).isEmpty)
    #expect(try data([1, 1, 0, 0, 1, 1, 1, 1], in: 2..<8) == 4..<8)
    #expect(try data([1, 0, 1, 0, 0, 0, 0, 0], in: 1..<8) == 1..<4)
  }
}
