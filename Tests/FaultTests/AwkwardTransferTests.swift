#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("A file system with", .enabled(if: Requirement.fuse, "\(Requirement.fuseReason)"))
  struct AwkwardTransferTests {
    static let size: Int64 = 3 << 20 + 123

    /// Copies from, onto and within such a file system.
    private func copies(_ options: [String], _ way: Way, size: Int64 = size) throws {
      try withFuse(options) { fuse in
        let place = fuse.mountedParent
        try fuse.backing.makeFile("source", size: size)
        try place.makeFile("local", size: size)
        for (source, destination) in [
          ("volume/source", "copy"), ("local", "volume/onto"), ("volume/source", "volume/within"),
        ] as [(RawString, RawString)] {
          let outcome = try place.uringcp(source, destination, way: way).run()
          #expect(outcome.succeeded, "\(way) \(outcome)")
        }
        #expect(try place.firstDifference("local", "copy") == nil, "\(way)")
        #expect(try fuse.backing.firstDifference("source", "onto") == nil, "\(way)")
        #expect(try fuse.backing.firstDifference("source", "within") == nil, "\(way)")
      }
    }

    @Test("short reads", arguments: Way.all)
    func shortReads(_ way: Way) throws { try copies(["no_cache", "read_count_max=10007"], way) }

    @Test("short writes", arguments: Way.all)
    func shortWrites(_ way: Way) throws {
      // FUSE makes an error of a short asynchronous direct write.
      try copies(["no_cache", "refuses_direct", "write_count_max=10007"], way)
    }

    @Test("short reads and writes of a page less a byte", arguments: Engine.available)
    func shortBoth(_ engine: Engine) throws {
      try copies(
        ["no_cache", "read_count_max=4095", "write_count_max=4093"], Way(engine: engine, cache: .auto))
    }

    @Test("interrupted reads", arguments: Engine.available)
    func interruptedReads(_ engine: Engine) throws {
      try copies(["no_cache", "reads_interrupted=7"], Way(engine: engine, cache: .auto))
    }

    @Test("files that end before their size: never a shorter copy that claims success", arguments: Way.all)
    func endsEarly(_ way: Way) throws {
      try withFuse(["no_cache", "read_ends_at=\(1 << 20 + 77)"]) { fuse in
        try fuse.backing.makeFile("source", size: Self.size)
        let outcome = try fuse.mountedParent.uringcp("volume/source", "copy", way: way).run()
        #expect(outcome.status == .exited(1), "\(way) \(outcome)")
        #expect(outcome.errorText.contains("'volume/source'"), "\(way) \(outcome)")
      }
    }

    @Test("no direct I/O", arguments: Way.all)
    func noDirect(_ way: Way) throws { try copies(["refuses_direct"], way, size: 20 << 20 + 5) }

    @Test("direct I/O that is refused by every transfer, several at once", arguments: Engine.available)
    func failingDirect(_ engine: Engine) throws {
      for _ in 0..<5 {
        try copies(["fails_direct"], Way(engine: engine, cache: .bypass), size: 20 << 20 + 5)
      }
    }

    @Test("no preallocation", arguments: Way.all)
    func noAllocation(_ way: Way) throws { try copies(["refuses_allocate"], way, size: 20 << 20 + 5) }

    @Test("no server-side copies of its own", arguments: Engine.available)
    func noServerSideCopy(_ engine: Engine) throws {
      try copies([], Way(engine: engine, cache: .auto), size: 20 << 20 + 5)
    }

    @Test("no direct I/O: --cache=bypass counts the fallback")
    func countsFallback() throws {
      try withFuse(["refuses_direct"]) { fuse in
        let place = fuse.mountedParent
        try place.makeFile("local", size: 20 << 20)
        let outcome = try place.uringcp("--json", "local", "volume/copy", cache: .bypass).run()
        #expect(outcome.succeeded, "\(outcome)")
        let object = try #require(try outcome.jsonObjects().first)
        #expect((object["fallbacks"] as? [Any])?.isEmpty == false, "\(outcome)")
        #expect(object["strategy"] as? String != "direct")
      }
    }
  }
#endif
