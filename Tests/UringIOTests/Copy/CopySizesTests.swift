import SystemPackage
import Testing

@testable import UringIO

/// Whole files of many sizes, on every engine and with every way to treat the cache.
@Suite struct CopySizesTests {
  private static let sizes = [
    0, 1, 4095, 4096, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 123,
  ]

  @Test(arguments: CopySetting.all)
  func `a copy has its source's bytes and size`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      for size in Self.sizes {
        try scratch.makePattern("source", size: size)
        let report = try copy(in: scratch, setting.engine, setting.options, to: "to-\(size)")
        #expect(try scratch.firstDifference("source", "to-\(size)") == nil, "\(size) bytes")
        #expect(report.byteCount == Int64(size))
        #expect(report.size == Int64(size))
        #expect(report.holeByteCount == 0)
        #expect(report.fallbacks.isEmpty)
      }
    }
  }

  @Test(arguments: CopySetting.all)
  func `a copy of an uncached source has its bytes`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: (5 << 20) + 4097)
      try scratch.dropFromCache("source")
      try copy(in: scratch, setting.engine, setting.options)
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }

  @Test(arguments: CopySetting.all)
  func `an existing longer destination is overwritten and cut`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      for size in [0, 1, 4097, (2 << 20) + 5] {
        try scratch.makePattern("source", size: size)
        try scratch.makePattern("destination", size: size + 300_000, seed: 9)
        let inode = try scratch.status("destination").st_ino
        try copy(in: scratch, setting.engine, setting.options)
        #expect(try scratch.firstDifference("source", "destination") == nil, "\(size) bytes")
        #expect(try scratch.status("destination").st_ino == inode, "it is written into, not replaced")
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an existing destination is written through the cache: somebody may have it mapped`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 3 << 20)
      try scratch.write("destination", [])
      let directCount = Shared(0)
      let report = try copy(in: scratch, kind) { operation in
        if operation.kind == .write, operation.isDirect { directCount.update { $0 += 1 } }
        return .pass
      }
      #expect(report.strategy == .buffered)
      #expect(report.byteCount == 3 << 20 && directCount.value == 0)
    }
  }

  @Test(arguments: CopySetting.all)
  func `chunk sizes and depths of all kinds copy the same bytes`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: (2 << 20) + 77)
      for (chunk, depth) in [(4096, 1), (5_000, 3), (65_536, 64), (4 << 20, 2), (1 << 30, 1)] {
        var options = setting.options
        options.chunkByteCount = chunk
        options.depth = depth
        let name = "to-\(chunk)-\(depth)"
        try copy(in: scratch, setting.engine, options, to: name)
        #expect(try scratch.firstDifference("source", name) == nil, "chunk \(chunk), depth \(depth)")
      }
    }
  }

  @Test(arguments: CopySetting.all)
  func `short transfers of every kind copy the same bytes`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: (1 << 20) + 4321)
      for byteCount in [8_191, 100_001] {
        let name = "to-\(byteCount)"
        try copy(
          in: scratch, setting.engine, setting.options,
          intercept: { operation in
            // A direct transfer of an odd length would be refused: it is cut at a block's end.
            guard let count = operation.transferByteCount, count > byteCount else { return .pass }
            return .shorten(to: operation.isDirect ? byteCount / 4096 * 4096 : byteCount)
          }, to: name)
        #expect(try scratch.firstDifference("source", name) == nil)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `copies at once on one engine do not mix`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let engine = try kind.makeFileEngine()
      for number in 0..<6 {
        try scratch.makePattern("from-\(number)", size: 700_000 * number + 5, seed: UInt64(number))
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<6 {
          group.addTask {
            _ = try await engine.copyFile(
              from: scratch.filePath("from-\(number)"), to: scratch.filePath("to-\(number)"))
          }
        }
        try await group.waitForAll()
      }
      await engine.shutdown()
      for number in 0..<6 {
        #expect(try scratch.firstDifference("from-\(number)", "to-\(number)") == nil)
      }
    }
  }
}
