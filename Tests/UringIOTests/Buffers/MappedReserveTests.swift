import Testing

@testable import UringIO

@Suite struct MappedReserveTests {
  @Test(arguments: [false, true])
  func `buffers share no byte, start at multiples of their size, and are zeroed`(usesHugePages: Bool) throws {
    var reserve = MappedReserve(usesHugePages: usesHugePages)
    // More than are mapped at a time.
    let buffers = (0..<20).compactMap { _ in reserve.take() }
    #expect(buffers.count == 20)
    #expect(Set(buffers.map(\.base)).count == buffers.count)
    for (number, buffer) in buffers.enumerated() {
      #expect(buffer.byteCount == MappedReserve.bufferByteCount)
      #expect(UInt(bitPattern: buffer.base) % UInt(MappedReserve.bufferByteCount) == 0)
      buffer.whole.withMutableBytes { bytes in
        for position in [0, bytes.count - 1] {
          #expect(bytes[position] == 0)
          bytes[position] = UInt8(number + 1)
        }
      }
    }
    for (number, buffer) in buffers.enumerated() {
      buffer.whole.withBytes { #expect($0[0] == number + 1 && $0[$0.count - 1] == number + 1) }
    }
  }

  @Test func `a buffer outlives the reserve and the other buffers`() throws {
    var kept: AlignedBuffer?
    do {
      var reserve = MappedReserve(usesHugePages: false)
      let others = [reserve.take(), reserve.take()]
      kept = reserve.take()
      let leftCount = reserve.leftCount
      #expect(!others.contains { $0 == nil } && leftCount > 0)
    }
    let bytes = LoadPattern.bytes(1, count: MappedReserve.bufferByteCount)
    kept!.whole.withMutableBytes { $0.copyBytes(from: bytes) }
    #expect(kept!.whole.withBytes { $0.elementsEqual(bytes) })
  }
}
