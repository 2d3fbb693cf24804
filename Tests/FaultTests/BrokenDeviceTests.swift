#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("A broken device", .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"))
  struct BrokenDeviceTests {
    static let size: Int64 = 40 << 20 + 123

    /// The checks of every copy of a source with an unreadable part.
    private func readFails(_ place: Workplace, _ source: RawString, _ way: Way, unreadableFrom: Int64) throws
    {
      let options: [RawString] = ["--json", "--reflink=never", "--chunk-size=256K"]
      try place.write("old", "old")
      for destination in ["copy", "old"] as [RawString] {
        let outcome = try place.uringcp(options + [source, destination], way: way).run()
        #expect(outcome.status == .exited(1), "\(way) \(outcome)")
        #expect(outcome.errorText.hasPrefix("uringcp: error reading '\(source)'"), "\(way) \(outcome)")
        #expect(outcome.errorText.contains("Input/output error"), "\(way) \(outcome)")
        #expect(outcome.errorLines.count == 1, "\(way) \(outcome)")
        let object = try #require(try outcome.jsonObjects().last)
        #expect(object["type"] as? String == "error")
        #expect(object["errno"] as? Int == Int(EIO))
        #expect(object["path"] as? String == source.description)
        let offset = try #require(object["offset"] as? Int, "\(way) \(outcome)")
        // A chunk that was read at once reports where it began, and so does what the page cache reads at
        // once: up to 2 MiB.
        #expect(offset >= unreadableFrom - 4 << 20 && offset < Self.size, "\(way) \(outcome)")
        #expect(outcome.errorText.contains("\(offset)"), "\(way) \(outcome)")
      }
      #expect(!place.exists("copy"), "\(way)")
      #expect(place.exists("old"))
      #expect(place.size("old") != Self.size)
    }

    @Test("that cannot be read halfway: the error names file and offset, no copy is left")
    func readError() throws {
      try withScratch { scratch in
        try scratch.makeDirectory("contents")
        try scratch.makeDirectory("volume")
        try scratch.makeFile("contents/source", size: Self.size)
        let script = """
          truncate -s 64M "$S/image"
          mkfs.ext4 -q -F -O ^has_journal -d "$S/contents" "$S/image"
          mount -o ro,loop "$S/image" "$S/volume"
          """
        try withMounts(script, in: scratch) { place in
          // The file's blocks are in the first 64 MiB; what is beyond the new end reads as an error.
          try scratch.resize("image", to: 30 << 20)
          try place.subdirectory("volume").dropFromCache("source")
          let unreadable = try #require(place.firstUnreadable("volume/source"))
          #expect(unreadable > 0 && unreadable < Self.size)
          for way in Way.all {
            try place.subdirectory("volume").dropFromCache("source")
            try readFails(place, "volume/source", way, unreadableFrom: unreadable)
          }
        }
      }
    }

    @Test(
      "that fails reads from an offset on", .enabled(if: Requirement.fuse, "\(Requirement.fuseReason)"),
      arguments: Way.all)
    func fuseReadError(_ way: Way) throws {
      let bad: Int64 = 21 << 20 + 4096
      try withFuse(["no_cache", "read_fails_at=\(bad)"]) { fuse in
        try fuse.backing.makeFile("source", size: Self.size)
        try readFails(fuse.mountedParent, "volume/source", way, unreadableFrom: bad)
      }
    }

    @Test("that cannot take the writes: exit 1, never success")
    func writeError() throws {
      try withScratch { scratch in
        try scratch.makeFile("source", size: 128 << 20)
        for name in ["small", "volume"] as [RawString] { try scratch.makeDirectory(name) }
        let script = """
          mount -t tmpfs -o size=48m tmpfs "$S/small"
          truncate -s 1G "$S/small/image"
          mkfs.ext4 -q -F -O ^has_journal -E lazy_itable_init=1 "$S/small/image"
          mount -o loop "$S/small/image" "$S/volume"
          """
        for engine in Engine.available {
          try withMounts(script, in: scratch) { place in
            let outcome = try place.uringcp("source", "volume/copy", engine: engine, cache: .bypass).run()
            #expect(outcome.status == .exited(1), "\(engine) \(outcome)")
            #expect(
              outcome.errorText.hasPrefix("uringcp: error writing 'volume/copy'"), "\(engine) \(outcome)")
            #expect(!place.exists("volume/copy"))
          }
        }
      }
    }
  }
#endif
