#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("uringcp copies") struct CopyTests {
    static let mebibyte: Int64 = 1 << 20
    static let sizes: [Int64] = [
      0, 1, 511, 4095, 4096, 4097, 65_537, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte + 511,
      10 * mebibyte + 12_345,
    ]

    @Test("every size byte for byte", arguments: Way.all)
    func sizes(_ way: Way) throws {
      try withScratch { place in
        for size in Self.sizes {
          try place.makeFile("source", size: size, seed: UInt64(size))
          try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", way: way))
          try place.remove("source")
          try place.remove("copy")
        }
      }
    }

    @Test(
      "with any chunk size and depth", arguments: Engine.available,
      [
        ("4096", "4096"), ("5000", "1"), ("5000", "3"), ("64K", "4096"), ("1MB", "1"), ("1MiB", "3"),
        ("1G", "1"),
      ])
    func chunkSizes(_ engine: Engine, _ size: (chunk: String, depth: String)) throws {
      try withScratch { place in
        try place.makeFile("source", size: 5 * Self.mebibyte + 77)
        try place.copyAndCompare(
          "source", "copy",
          place.uringcp(
            "--chunk-size=\(size.chunk)", "--depth=\(size.depth)", "--workers=3", "source", "copy",
            engine: engine))
      }
    }

    @Test("onto an existing file, longer or shorter, and keeps its inode", arguments: Way.all)
    func overExisting(_ way: Way) throws {
      try withScratch { place in
        try place.makeFile("source", size: 3 * Self.mebibyte + 5)
        for oldSize in [0, Self.mebibyte, 3 * Self.mebibyte + 5, 9 * Self.mebibyte] {
          try place.makeFile("copy", size: oldSize, seed: 99)
          let inode = place.status("copy")?.inode
          try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", way: way))
          #expect(place.status("copy")?.inode == inode)
          try place.remove("copy")
        }
      }
    }

    @Test("on tmpfs", .enabled(if: FileManager.default.fileExists(atPath: "/dev/shm")), arguments: Way.all)
    func onTmpfs(_ way: Way) throws {
      try withScratch(.memory) { place in
        try place.makeFile("source", size: 7 * Self.mebibyte + 321)
        try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", way: way))
        try place.makeSparseFile(
          "sparse", size: 64 * Self.mebibyte + 1, islands: [0..<5, 20_000_000..<22_000_000])
        try place.copyAndCompare("sparse", "sparse copy", place.uringcp("sparse", "sparse copy", way: way))
        #expect(try place.dataRanges("sparse copy") == place.dataRanges("sparse"))
      }
    }

    @Test("the contents of the file a link points to")
    func followsLinks() throws {
      try withScratch { place in
        try place.makeFile("source", size: 100_000)
        try place.makeSymbolicLink("link", to: "source")
        try place.copyAndCompare("source", "copy", place.uringcp("link", "copy"))
        #expect(place.status("copy")?.isRegular == true)
        try place.makeFile("target", size: 5, seed: 3)
        try place.makeSymbolicLink("destination link", to: "target")
        try place.copyAndCompare("source", "target", place.uringcp("source", "destination link"))
        #expect(place.status("destination link")?.isSymbolicLink == true)
      }
    }

    @Test("the permissions of the source, less the umask")
    func permissions() throws {
      try withScratch { place in
        for (mode, expected) in [(0o644, 0o644), (0o755, 0o755), (0o600, 0o600), (0o666, 0o644)]
          as [(UInt32, UInt32)]
        {
          try place.makeFile("source", size: 10)
          try place.changeMode("source", mode)
          try place.copyAndCompare("source", "copy", place.uringcp("source", "copy"))
          #expect(place.status("copy").map { $0.mode & 0o7777 } == expected)
          try place.remove("copy")
        }
      }
    }
  }

  @Suite("Holes") struct HoleTests {
    static let mebibyte: Int64 = 1 << 20
    static let sparseSize: Int64 = 300 << 20
    static let islands: [Range<Int64>] = [
      0..<1, 65_536..<69_632, 5_000_000..<9_000_000, 100 << 20..<101 << 20,
      (101 << 20) + 4096..<(101 << 20) + 8192,
      (300 << 20) - 3..<300 << 20,
    ]

    @Test("are kept: the same ranges of data, no more blocks", arguments: Way.all)
    func areKept(_ way: Way) throws {
      try withScratch { place in
        for (name, islands) in [("islands", Self.islands), ("tail hole", [0..<3 << 20]), ("hole", [])]
          as [(RawString, [Range<Int64>])]
        {
          try place.makeSparseFile(name, size: Self.sparseSize, islands: islands)
          try place.dropFromCache(name)
          try place.copyAndCompare(name, "copy", place.uringcp(name, "copy", way: way))
          #expect(try place.dataRanges("copy") == place.dataRanges(name), "\(name)")
          let blocks = try #require(place.status("copy")?.blocks)
          let sourceBlocks = try #require(place.status(name)?.blocks)
          // A few blocks for the extent tree of a file written in another order.
          #expect(blocks <= sourceBlocks + 32, "\(name)")
          try place.remove("copy")
        }
      }
    }

    @Test("are kept where the source was just written and is not on disk yet", arguments: Way.few)
    func ofDirtyFiles(_ way: Way) throws {
      try withScratch { place in
        try place.makeSparseFile("source", size: Self.sparseSize, islands: Self.islands)
        try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", way: way))
        #expect(try place.dataRanges("copy") == place.dataRanges("source"))
      }
    }

    @Test("appear as zeros over the old bytes of an existing destination", arguments: Engine.available)
    func overOldBytes(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeSparseFile("source", size: 20 << 20, islands: [5 << 20..<6 << 20])
        try place.makeFile("copy", size: 25 << 20, seed: 4)
        try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", engine: engine))
      }
    }

    @Test("A file of 1 TiB that is one hole stays one", arguments: Way.all)
    func oneTebibyte(_ way: Way) throws {
      try withScratch { place in
        try place.makeSparseFile("source", size: 1 << 40, islands: [])
        let outcome = try place.uringcp("source", "copy", way: way).run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(place.size("copy") == 1 << 40)
        #expect(place.status("copy")?.blocks == 0)
      }
    }
  }

  @Suite("Files beyond 2 and 4 GiB", .serialized) struct LargeFileTests {
    @Test("arrive whole where they are sparse", arguments: Way.all)
    func sparse(_ way: Way) throws {
      let mebibyte: Int64 = 1 << 20
      let size: Int64 = 1 << 32 + 8 * mebibyte + 123
      // The most that one call transfers is 0x7ffff000 bytes.
      let islands: [Range<Int64>] = [
        0..<mebibyte, 0x7fff_f000 - 4096..<0x7fff_f000 + 4096,
        (1 << 31) - mebibyte - 5..<(1 << 31) + mebibyte + 3,
        (1 << 32) - mebibyte - 7..<(1 << 32) + mebibyte + 9, size - 12_345..<size,
      ]
      try withScratch { place in
        try place.makeSparseFile("source", size: size, islands: islands)
        try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", way: way))
        #expect(try place.dataRanges("copy") == place.dataRanges("source"))
      }
    }

    @Test(
      "arrive whole where they are dense, within 64 MiB of memory",
      .enabled(if: Requirement.freeDisk(gibibytes: 12), "needs 12 GiB of disk"))
    func dense() throws {
      let size: Int64 = 1 << 32 + 3 << 20 + 123
      try withScratch { place in
        try place.makeFile("source", size: size)
        var command = place.uringcp("source", "copy", engine: .auto)
        command.supervision = .init([.exitGroup], .hold)
        command.timeoutSeconds = 300
        try command.running { running in
          #expect(running.waitForHold())
          #expect(running.memoryMax < 64 << 20)
          running.release()
          let outcome = try running.wait()
          #expect(outcome.succeeded, "\(outcome)")
        }
        #expect(try place.firstDifference("source", "copy") == nil)
        #expect(place.size("copy") == size)
      }
    }
  }

  @Suite("The page cache") struct CacheTests {
    @Test(
      "gets nothing from --cache=bypass",
      .enabled(if: Requirement.directDisk, "\(Requirement.directDiskReason)"), arguments: Engine.available)
    func bypass(_ engine: Engine) throws {
      try withScratch { (place) throws in
        try place.makeFile("source", size: 48 << 20 + 123)
        try place.dropFromCache("source")
        let before = try place.cachedBytes("source")
        try place.copyAndCompareLater(
          "source", "copy", place.uringcp("source", "copy", engine: engine, cache: .bypass)
        ) { () throws in
          // The unaligned tail may have gone through the cache.
          #expect(try place.cachedBytes("source") <= before + 128 << 10)
          #expect(try place.cachedBytes("copy") <= 128 << 10)
        }
      }
    }

    @Test("has the whole copy after --cache=keep", arguments: Engine.available)
    func keep(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 16 << 20)
        try place.copyAndCompareLater(
          "source", "copy", place.uringcp("source", "copy", engine: engine, cache: .keep)
        ) { () throws in
          #expect(try place.cachedBytes("copy") == 16 << 20)
        }
      }
    }
  }

  extension Workplace {
    /// Copies, then lets the test look at what comparing would change, then compares.
    func copyAndCompareLater(
      _ source: RawString, _ destination: RawString, _ command: Command, _ look: () throws -> Void
    ) throws {
      let outcome = try command.run()
      #expect(outcome.succeeded, "\(outcome)")
      try look()
      #expect(try firstDifference(source, destination) == nil)
    }
  }
#endif
