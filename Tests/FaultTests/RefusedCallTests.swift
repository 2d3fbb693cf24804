#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// Calls that the kernel or a container refuses. "Not supported" means another way; anything else is an
  /// error, and never a copy full of zeros.
  @Suite("A refused call") struct RefusedCallTests {
    static let size: Int64 = 20 << 20 + 123

    @Test("fallocate: the copy goes on without preallocation", arguments: [EOPNOTSUPP, ENOSYS], Way.all)
    func allocate(_ errno: Int32, _ way: Way) throws {
      try withScratch { place in
        try place.makeFile("source", size: Self.size)
        try place.makeSparseFile("sparse", size: 100 << 20, islands: [7 << 20..<30 << 20])
        for source in ["source", "sparse"] as [RawString] {
          try place.copyAndCompare(
            source, "copy",
            place.uringcp(source, "copy", way: way).with { $0.refusals = [.init(.fallocate, errno: errno)] })
          #expect(try place.dataRanges("copy") == place.dataRanges(source))
          try place.remove("copy")
        }
      }
    }

    @Test("cachestat: the copy goes on without knowing what is cached", arguments: [ENOSYS, EPERM], Way.few)
    func cachestat(_ errno: Int32, _ way: Way) throws {
      try withScratch { place in
        try place.makeFile("source", size: Self.size)
        for isCached in [true, false] {
          if !isCached { try place.dropFromCache("source") }
          try place.copyAndCompare(
            "source", "copy",
            place.uringcp("source", "copy", way: way).with { $0.refusals = [.init(.cachestat, errno: errno)] }
          )
        }
      }
    }

    @Test("O_DIRECT: --cache=bypass goes on another way and counts it", arguments: Engine.available)
    func direct(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: Self.size)
        let outcome = try place.copyAndCompare(
          "source", "copy",
          place.uringcp("--json", "--reflink=never", "source", "copy", engine: engine, cache: .bypass)
            .with { $0.refusals = Command.Refusal.directIO })
        let object = try #require(try outcome.jsonObjects().first)
        #expect((object["fallbacks"] as? [Any])?.isEmpty == false, "\(outcome)")
        let expected = place.takesDropBehindWrites ? "dontcache" : "buffered"
        #expect(object["strategy"] as? String == expected, "\(outcome)")
      }
    }

    @Test(
      "RWF_DONTCACHE by several chunks at once: every one of them falls back", arguments: Engine.available)
    func dropBehindTogether(_ engine: Engine) throws {
      try withScratch(.memory) { place in
        try place.makeFile("source", size: Self.size)
        for _ in 0..<20 {
          var command = place.uringcp("--workers=4", "source", "copy", engine: engine, cache: .bypass)
          command.refusals = Command.Refusal.directIO
          // Slow writes: while one learns of the refusal, others are under way.
          command.supervision = .init([.pwritev2], affected: 12, .delay(milliseconds: 2))
          try place.copyAndCompare("source", "copy", command)
          try place.remove("copy")
        }
      }
    }

    @Test("O_DIRECT: the other policies go on too", arguments: Engine.available, [Cache.auto, .keep])
    func directElsewhere(_ engine: Engine, _ cache: Cache) throws {
      try withScratch { place in
        try place.makeFile("source", size: 64 << 20 + 123)
        for isCached in [true, false] {
          if !isCached { try place.dropFromCache("source") }
          try place.copyAndCompare(
            "source", "copy",
            place.uringcp("source", "copy", engine: engine, cache: cache)
              .with { $0.refusals = Command.Refusal.directIO })
          try place.remove("copy")
        }
      }
    }

    @Test(
      "FICLONE with an error that is not \"not supported\" is an error",
      .enabled(if: Requirement.cloning, "\(Requirement.cloningReason)"), arguments: FileSystem.cloning,
      [EIO, ENOSPC])
    func brokenClone(_ fileSystem: FileSystem, _ errno: Int32) throws {
      try withVolume(fileSystem) { volume, _ in
        try volume.makeFile("source", size: Self.size)
        for engine in Engine.available {
          let outcome = try volume.uringcp("source", "copy", engine: engine)
            .with { $0.refusals = [.clone(errno: errno)] }.run()
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorText.contains(String(cString: strerror(errno))), "\(outcome)")
          #expect(outcome.errorText.contains("'copy'"), "\(outcome)")
          #expect(!volume.exists("copy"))
        }
      }
    }

    @Test(
      "FICLONE where it is not supported falls through to chunks",
      .enabled(if: Requirement.cloning, "\(Requirement.cloningReason)"), arguments: FileSystem.cloning)
    func refusedClone(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { volume, _ in
        try volume.makeFile("source", size: Self.size)
        for errno in [EOPNOTSUPP, EXDEV, EINVAL, ENOTTY] {
          let outcome = try volume.copyAndCompare(
            "source", "copy",
            volume.uringcp("--json", "source", "copy").with { $0.refusals = [.clone(errno: errno)] })
          let object = try #require(try outcome.jsonObjects().first)
          #expect(object["strategy"] as? String != "clone")
          #expect((object["fallbacks"] as? [Any])?.isEmpty == false, "\(outcome)")
          #expect(try volume.extents("copy").shared == 0)
          try volume.remove("copy")
        }
        let always = try volume.uringcp("--reflink=always", "source", "copy")
          .with { $0.refusals = [.clone(errno: EOPNOTSUPP)] }.run()
        #expect(always.status == .exited(1), "\(always)")
        #expect(!volume.exists("copy"))
      }
    }
  }
#endif
