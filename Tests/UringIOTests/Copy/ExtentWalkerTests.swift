import SystemPackage
import Testing

@testable import UringIO

/// How a file's data is found, without a file.
@Suite struct ExtentWalkerTests {
  /// A walker over made-up data.
  private func walker(
    _ data: [Range<Int64>], size: Int64, alignment: Int = 4096
  ) -> ExtentWalker {
    ExtentWalker(size: size, alignment: alignment) { offset in
      .success(data.first { $0.upperBound > offset }.map { max($0.lowerBound, offset)..<$0.upperBound })
    }
  }

  private func batches(_ walker: ExtentWalker) throws -> [[Range<Int64>]] {
    var walker = walker
    var batches: [[Range<Int64>]] = []
    while !walker.isAtEnd { batches.append(try walker.next().get()) }
    return batches
  }

  @Test func `extents are widened to the alignment, but not beyond the size`() throws {
    let found = try batches(walker([5_000..<9_000, 40_960..<50_001], size: 50_001))
    #expect(found == [[4_096..<12_288, 40_960..<50_001]])
  }

  @Test func `extents that touch once widened are merged`() throws {
    let found = try batches(walker([0..<100, 4_200..<4_300, 8_191..<8_192, 20_480..<20_481], size: 1 << 20))
    #expect(found == [[0..<8_192, 20_480..<24_576]])
  }

  @Test func `two islands in one block are one extent`() throws {
    #expect(try batches(walker([10..<20, 30..<40], size: 1 << 20)) == [[0..<4_096]])
  }

  @Test func `an alignment of the device's is kept`() throws {
    let found = try batches(walker([70_000..<70_001], size: 1 << 20, alignment: 65_536))
    #expect(found == [[65_536..<131_072]])
  }

  @Test func `more extents than a batch holds come in batches, none missing and none twice`() throws {
    let count = ExtentWalker.extentCountMax * 2 + 10
    let data = (0..<count).map { Int64($0) * 8_192..<Int64($0) * 8_192 + 4_096 }
    // Found by position, or this test would be quadratic.
    let walker = ExtentWalker(size: Int64(count) * 8_192, alignment: 4096) { offset in
      let index = Int((offset + 4_096) / 8_192)
      return .success(index < count ? max(data[index].lowerBound, offset)..<data[index].upperBound : nil)
    }
    let found = try batches(walker)
    #expect(found.map(\.count).allSatisfy { $0 <= ExtentWalker.extentCountMax })
    #expect(found.count >= 3)
    #expect(found.flatMap { $0 } == data)
  }

  @Test func `a file that is one hole has no extents`() throws {
    #expect(try batches(walker([], size: 1 << 40)) == [[]])
  }

  @Test func `an empty file is at its end`() {
    #expect(walker([], size: 0).isAtEnd)
  }

  @Test func `data beyond the size is left out`() throws {
    #expect(try batches(walker([0..<4_096, 8_192..<12_288], size: 8_192)) == [[0..<4_096]])
    #expect(try batches(walker([0..<1 << 30], size: 10_000)) == [[0..<10_000]])
  }

  @Test func `an error is the walker's`() {
    var walker = ExtentWalker(size: 10, alignment: 4096) { _ in .failure(.ioError) }
    #expect(walker.next() == .failure(.ioError))
  }

  @Test func `a walker without holes gives the whole file`() throws {
    #expect(try batches(.whole(size: 12_345, alignment: 4096)) == [[0..<12_345]])
  }

  @Test func `a real file's islands are found, and ENXIO behind the last is its end`() throws {
    try withScratch { scratch in
      try scratch.write("file", [])
      scratch.resize("file", to: 1 << 20)
      try scratch.fill("file", 65_536..<65_540)
      try scratch.fill("file", 262_144..<270_336)
      let file = try scratch.open("file", .readOnly)
      defer { try? file.close() }
      let found = try batches(.ofData(in: file, size: 1 << 20, alignment: 4096)).flatMap { $0 }
      #expect(found == [65_536..<69_632, 262_144..<270_336])
    }
  }
}
