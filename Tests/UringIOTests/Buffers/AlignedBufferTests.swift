import SystemPackage
import Testing

@testable import UringIO

@Suite struct AlignedBufferTests {
  @Test(arguments: [1, 4095, 4096, 100_000, (2 << 20) - 1])
  func `memory is zeroed and starts at a page`(byteCount: Int) throws {
    let buffer = try AlignedBuffer(byteCount: byteCount)
    #expect(buffer.byteCount == byteCount)
    #expect(buffer.whole.count == byteCount)
    #expect(UInt(bitPattern: buffer.base) % 4096 == 0)
    #expect(buffer.whole.withBytes { $0.allSatisfy { $0 == 0 } })
  }

  @Test(arguments: [2 << 20, (2 << 20) + 1, 16 << 20])
  func `from 2 MiB on memory starts at a multiple of 2 MiB and all of it is there`(byteCount: Int) throws {
    let buffer = try AlignedBuffer(byteCount: byteCount)
    #expect(UInt(bitPattern: buffer.base) % (2 << 20) == 0)
    buffer.whole.withMutableBytes { bytes in
      bytes[0] = 1
      bytes[byteCount - 1] = 2
    }
    #expect(buffer[byteCount - 1..<byteCount].withBytes { $0[0] } == 2)
  }

  @Test(arguments: [0, -1])
  func `a size below 1 is refused`(byteCount: Int) {
    #expect(throws: FileIOError(.invalidArgument, during: .allocateMemory)) {
      _ = try AlignedBuffer(byteCount: byteCount)
    }
  }

  @Test func `memory that is not to be had is an error`() {
    #expect(throws: FileIOError(.noMemory, during: .allocateMemory)) {
      _ = try AlignedBuffer(byteCount: 1 << 50)
    }
  }

  @Test func `slices lie one behind the other and share no byte`() throws {
    let buffer = try AlignedBuffer(byteCount: 10 * 4096 + 100)
    let slices = buffer.slices(byteCount: 4096)
    #expect(slices.map(\.offset) == (0..<10).map { $0 * 4096 })
    #expect(slices.allSatisfy { $0.count == 4096 && $0.buffer === buffer })
    for (index, slice) in slices.enumerated() {
      slice.withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: UInt8(index + 1)) }
    }
    for (index, slice) in slices.enumerated() {
      #expect(slice.withBytes { $0.allSatisfy { $0 == UInt8(index + 1) } })
    }
  }

  @Test func `a slice of a slice counts from the slice's first byte`() throws {
    let buffer = try AlignedBuffer(byteCount: 100)
    buffer.whole.withMutableBytes { bytes in for index in 0..<100 { bytes[index] = UInt8(index) } }
    let slice = buffer[10..<90][5..<15]
    #expect(slice.offset == 15)
    #expect(slice.withBytes { Array($0) } == Array(15..<25))
    #expect(buffer[100..<100].count == 0)
  }

  @Test func `a slice keeps its buffer alive, and the last one lets it go`() throws {
    weak var seen: AlignedBuffer?
    var slice: BufferSlice?
    do {
      let buffer = try AlignedBuffer(byteCount: 4096)
      seen = buffer
      slice = buffer[0..<1]
    }
    #expect(seen != nil)
    withExtendedLifetime(slice) {}
    slice = nil
    #expect(seen == nil)
  }

  // MARK: Bounds

  @Test func `a slice beyond its buffer traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = try AlignedBuffer(byteCount: 100)[50..<101]
    }
  }

  @Test func `a slice before its buffer traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = try AlignedBuffer(byteCount: 100)[-1..<10]
    }
  }

  @Test func `a slice beyond its slice traps, though its buffer goes on`() async {
    await #expect(processExitsWith: .failure) {
      _ = try AlignedBuffer(byteCount: 100)[0..<50][40..<51]
    }
  }

  @Test func `a slice before its slice traps, though its buffer begins earlier`() async {
    await #expect(processExitsWith: .failure) {
      _ = try AlignedBuffer(byteCount: 100)[50..<60][-1..<5]
    }
  }

  @Test func `slices of no bytes trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = try AlignedBuffer(byteCount: 100).slices(byteCount: 0)
    }
  }
}
