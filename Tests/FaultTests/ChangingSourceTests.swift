#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("A source that changes while it is copied") struct ChangingSourceTests {
    static let size: Int64 = 64 << 20
    static let shrunkSize: Int64 = 40 << 20 + 123
    static let grownSize: Int64 = 70 << 20 + 321

    private func reportsChange(_ outcome: Outcome, _ source: String, _ way: Way) {
      #expect(outcome.status == .exited(1), "\(way) \(outcome)")
      #expect(
        outcome.errorText.hasPrefix("uringcp: '\(source)' changed while it was copied"), "\(way) \(outcome)")
      #expect(outcome.errorLines.count == 1, "\(way) \(outcome)")
    }

    @Test(
      "and shrinks: reported, and the copy has no padding",
      .enabled(if: Requirement.fuse, "\(Requirement.fuseReason)"), arguments: Way.all)
    func shrinking(_ way: Way) throws {
      for cacheOption in [[], ["no_cache"]] {
        try withFuse(["change_after=\(2 << 20)", "change_size=\(Self.shrunkSize)"] + cacheOption) { fuse in
          try fuse.backing.makeFile("source", size: Self.size)
          let outcome = try fuse.mountedParent.uringcp("--chunk-size=256K", "volume/source", "copy", way: way)
            .run()
          reportsChange(outcome, "volume/source", way)
          if let copied = fuse.mountedParent.size("copy") {
            #expect(copied == Self.shrunkSize, "\(way) \(outcome)")
            #expect(
              try fuse.mountedParent.firstDifferenceFromPattern("copy", 0..<copied) == nil,
              "\(way) \(outcome)")
          }
        }
      }
    }

    @Test(
      "and grows: reported, what was read is right, and it ends",
      .enabled(if: Requirement.fuse, "\(Requirement.fuseReason)"), arguments: Way.all)
    func growing(_ way: Way) throws {
      for cacheOption in [[], ["no_cache"]] {
        try withFuse(["change_after=\(2 << 20)", "change_size=\(Self.grownSize)"] + cacheOption) { fuse in
          try fuse.backing.makeFile("source", size: Self.size)
          let outcome = try fuse.mountedParent.uringcp("--chunk-size=256K", "volume/source", "copy", way: way)
            .run()
          reportsChange(outcome, "volume/source", way)
          let copied = fuse.mountedParent.size("copy")
          #expect(copied.map { $0 >= Self.size && $0 <= Self.grownSize } ?? true, "\(way) \(outcome)")
          if copied != nil {
            #expect(
              try fuse.mountedParent.firstDifferenceFromPattern("copy", 0..<Self.size) == nil,
              "\(way) \(outcome)")
          }
        }
      }
    }

    /// Changes the source while the copy is stopped at its preallocation, or else at its first transfer: it
    /// knows the old size and has read nothing.
    private func copyChangedAtStart(
      _ place: Workplace, _ way: Way, _ change: () throws -> Void
    ) throws -> Outcome {
      try place.makeFile("source", size: Self.size)
      var command = place.uringcp("--reflink=never", "source", "copy", way: way)
      command.supervision = .init(
        [.fallocate, .ftruncate] + SystemCall.positionedReads, affected: 1, .hold)
      return try command.running { running in
        #expect(running.waitForHold())
        try change()
        running.release()
        return try running.wait()
      }
    }

    @Test("and shrinks on a local disk", arguments: Way.all)
    func shrinkingLocally(_ way: Way) throws {
      try withScratch { place in
        for newSize in [Self.shrunkSize, 4096, 1, 0] {
          let outcome = try copyChangedAtStart(place, way) { try place.resize("source", to: newSize) }
          reportsChange(outcome, "source", way)
          if place.exists("copy") {
            #expect(try place.firstDifference("source", "copy") == nil, "\(way) \(newSize) \(outcome)")
          }
          try place.removeIfThere("copy")
          try place.remove("source")
        }
      }
    }

    @Test("and grows on a local disk", arguments: Way.all)
    func growingLocally(_ way: Way) throws {
      try withScratch { place in
        let outcome = try copyChangedAtStart(place, way) {
          try place.fill("source", [Self.size..<Self.grownSize])
        }
        reportsChange(outcome, "source", way)
        if let copied = place.size("copy") {
          #expect(copied >= Self.size && copied <= Self.grownSize)
          #expect(try place.firstDifference("source", "copy", limit: copied) == nil)
        }
      }
    }

    @Test("and is written to in place is reported too", arguments: Engine.available)
    func rewritten(_ engine: Engine) throws {
      try withScratch { place in
        let way = Way(engine: engine, cache: .auto)
        let outcome = try copyChangedAtStart(place, way) {
          try place.fill("source", [30 << 20..<31 << 20], seed: 77)
        }
        reportsChange(outcome, "source", way)
      }
    }

    @Test("A source that grows for ever does not keep the copy from ending", arguments: Engine.available)
    func growingForever(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 8 << 20)
        let writer = place.command("/bin/sh", ["-c", "while :; do head -c 65536 /dev/zero; done >>source"])
          .with { $0.limits.fileSize = 2 << 30 }
        try writer.running { running in
          #expect(running.waitUntil { place.size("source") ?? 0 > 8 << 20 })
          let outcome = try place.uringcp("source", "copy", engine: engine)
            .run()
          // It may have been read before it grew again.
          #expect(outcome.status == .exited(1) || outcome.succeeded, "\(outcome)")
          let copied = try #require(place.size("copy"))
          #expect(copied >= 8 << 20)
          #expect(try place.firstDifference("source", "copy", limit: copied) == nil)
        }
      }
    }
  }
#endif
