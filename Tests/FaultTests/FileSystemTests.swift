#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("On a new file system", .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"))
  struct FileSystemTests {
    static let denseSize: Int64 = 64 << 20 + 12_345
    static let islands: [Range<Int64>] = [
      0..<100, 5_000_000..<9_000_000, 40 << 20..<41 << 20, denseSize - 1..<denseSize,
    ]

    @Test("dense and sparse files arrive whole by chunks, every way", arguments: FileSystem.available)
    func chunks(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { volume, _ in
        try volume.makeFile("dense", size: Self.denseSize)
        try volume.makeSparseFile("sparse", size: Self.denseSize, islands: Self.islands)
        for way in Way.all {
          for isCached in [true, false] {
            for source in ["dense", "sparse"] as [RawString] {
              if !isCached { try volume.dropFromCache(source) }
              let outcome = try volume.copyAndCompare(
                source, "copy", volume.uringcp("--json", "--reflink=never", source, "copy", way: way))
              let object = try #require(try outcome.jsonObjects().first)
              #expect(object["strategy"] as? String != "clone")
              if fileSystem == .xfs || fileSystem == .btrfs {
                #expect(try volume.extents("copy").shared == 0, "\(way)")
              }
              if source == "sparse" {
                let ranges = try volume.dataRanges("copy")
                #expect(try ranges == volume.dataRanges("sparse"), "\(way) cached: \(isCached) \(ranges)")
                // XFS leaves blocks that it reserved beyond the end in the holes of a file that grows.
                let blocks = try #require(volume.status("copy")?.blocks)
                let sourceBlocks = try #require(volume.status("sparse")?.blocks)
                #expect(blocks <= sourceBlocks + 64, "\(way) cached: \(isCached)")
              }
              try volume.remove("copy")
            }
          }
        }
      }
    }

    @Test("a copy from the disk onto it arrives whole", arguments: FileSystem.available)
    func acrossFileSystems(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { _, disk in
        try disk.makeFile("source", size: Self.denseSize)
        for way in Way.all {
          let outcome = try disk.copyAndCompare(
            "source", "volume/copy", disk.uringcp("--json", "source", "volume/copy", way: way))
          #expect(try outcome.jsonObjects().first?["strategy"] as? String != "clone")
          try disk.remove("volume/copy")
        }
      }
    }

    @Test(
      "blocks are shared, whole and at once",
      .enabled(if: Requirement.cloning, "\(Requirement.cloningReason)"),
      arguments: FileSystem.cloning)
    func clones(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { volume, _ in
        try volume.makeFile("dense", size: Self.denseSize)
        try volume.makeSparseFile("sparse", size: Self.denseSize, islands: Self.islands)
        for engine in Engine.available {
          for source in ["dense", "sparse"] as [RawString] {
            for options in [["--json"], ["--json", "--reflink=always"], ["--json", "--reflink"]]
              as [[RawString]]
            {
              let outcome = try volume.copyAndCompare(
                source, "copy", volume.uringcp(options + [source, "copy"], engine: engine))
              let object = try #require(try outcome.jsonObjects().first)
              #expect(object["strategy"] as? String == "clone")
              #expect((object["operations"] as? [String: Int])?["write"] ?? 0 == 0)
              let extents = try volume.extents("copy")
              #expect(extents.count > 0 && extents.shared == extents.count, "\(outcome)")
              try volume.remove("copy")
            }
          }
        }
      }
    }

    @Test(
      "a clone over a longer file leaves nothing of that",
      .enabled(if: Requirement.cloning, "\(Requirement.cloningReason)"), arguments: FileSystem.cloning)
    func cloneOverExisting(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { volume, _ in
        try volume.makeFile("source", size: 5 << 20 + 1)
        try volume.makeFile("copy", size: 9 << 20, seed: 7)
        try volume.copyAndCompare("source", "copy", volume.uringcp("source", "copy"))
      }
    }

    @Test("files beyond 4 GiB arrive whole by chunks", arguments: FileSystem.available)
    func large(_ fileSystem: FileSystem) throws {
      let size: Int64 = 1 << 32 + 5 << 20 + 123
      try withVolume(fileSystem) { volume, _ in
        try volume.makeSparseFile(
          "source", size: size,
          islands: [
            (1 << 31) - 5_000_000..<(1 << 31) + 5_000_000, (1 << 32) - 5_000_000..<(1 << 32) + 5_000_000,
            size - 7..<size,
          ])
        for way in Way.few {
          try volume.copyAndCompare(
            "source", "copy", volume.uringcp("--reflink=never", "source", "copy", way: way))
          try volume.remove("copy")
        }
      }
    }
  }
#endif
