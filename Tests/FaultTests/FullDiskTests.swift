#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("A full disk") struct FullDiskTests {
    static let sourceSize: Int64 = 40 << 20 + 123

    /// "its first N bytes"
    private func intactBytes(_ message: String) -> Int64? {
      message.firstMatch(of: /first (\d+) bytes/).flatMap { Int64($0.1) }
    }

    /// The checks of every copy that failed halfway onto "volume/".
    private func failsHalfway(
      _ disk: Workplace, _ way: Way, reason: String, intactMin: Int64,
      _ change: (inout Command) -> Void = { _ in }
    ) throws {
      // A destination that the copy created is gone.
      let created = try disk.uringcp("source", "volume/copy", way: way).with(change).run()
      #expect(created.status == .exited(1), "\(way) \(created)")
      #expect(created.errorText.contains("'volume/copy'"), "\(way) \(created)")
      #expect(created.errorText.contains(reason), "\(way) \(created)")
      #expect(created.errorLines.count == 1, "\(way) \(created)")
      #expect(created.errorText.contains("removed"), "\(way) \(created)")
      #expect(!disk.exists("volume/copy"), "\(way)")

      // One that existed stays, with as much of the source as the message says.
      try disk.makeFile("volume/old", size: 1 << 20, seed: 9)
      let inode = disk.status("volume/old")?.inode
      let existing = try disk.uringcp("source", "volume/old", way: way).with(change).run()
      #expect(existing.status == .exited(1), "\(way) \(existing)")
      #expect(existing.errorText.contains(reason), "\(way) \(existing)")
      #expect(existing.errorText.contains("damaged"), "\(way) \(existing)")
      #expect(disk.status("volume/old")?.inode == inode)
      #expect(disk.size("volume/old") != disk.size("source"))
      let intact = try #require(intactBytes(existing.errorText), "\(way) \(existing)")
      #expect(intact >= intactMin, "\(way) \(existing)")
      #expect(intact < Self.sourceSize)
      #expect(try disk.firstDifference("source", "volume/old", limit: intact) == nil, "\(way) \(existing)")
      try disk.remove("volume/old")
    }

    @Test(
      "is an error: what was created is removed, what existed is reported as damaged",
      .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"), arguments: FileSystem.available)
    func full(_ fileSystem: FileSystem) throws {
      // The file systems need so much to be made at all; a file fills what is too much.
      try withVolume(fileSystem, mebibytes: fileSystem == .tmpfs ? 16 : 400) { volume, disk in
        try disk.makeFile("source", size: Self.sourceSize)
        if fileSystem != .tmpfs {
          let fill =
            "dd if=/dev/urandom of=volume/filler bs=1M 2>/dev/null || :; sync; truncate -s -16M volume/filler; sync"
          _ = try disk.command("/bin/sh", ["-c", RawString(fill)]).run()
        }
        for way in Way.all {
          // Refused at once by the preallocation, ...
          try failsHalfway(disk, way, reason: "No space left on device", intactMin: 0)
        }
        for way in Way.few {
          // ... or in the middle.
          try failsHalfway(
            disk, way, reason: "No space left on device",
            // Where several write, the first chunk may be the last to be written.
            intactMin: way.engine == .sequential && (fileSystem == .tmpfs || fileSystem == .ext4) ? 1 : 0
          ) {
            $0.refusals = [.init(.fallocate, errno: EOPNOTSUPP)]
          }
        }
      }
    }

    @Test(
      "at an offset that the file system chooses: all bytes before it are there",
      .enabled(if: Requirement.fuse, "\(Requirement.fuseReason)"), arguments: Engine.available)
    func fullAtOffset(_ engine: Engine) throws {
      for cacheOption in [[], ["no_cache"]] {
        let full = 17 << 20 + 4096
        try withFuse(["write_full_at=\(full)", "refuses_allocate"] + cacheOption) { fuse in
          try fuse.backing.makeFile("source", size: 20 << 20)
          let created = try fuse.mounted.uringcp("source", "copy", engine: engine).run()
          #expect(created.status == .exited(1), "\(created)")
          #expect(created.errorText.contains("No space left on device"))
          #expect(!fuse.backing.exists("copy"))

          try fuse.backing.write("old", "old")
          let existing = try fuse.mounted.uringcp("source", "old", engine: engine).run()
          #expect(existing.status == .exited(1), "\(existing)")
          let intact = try #require(intactBytes(existing.errorText), "\(existing)")
          #expect(intact > 0 && intact <= full)
          #expect(try fuse.backing.firstDifference("source", "old", limit: intact) == nil)
        }
      }
    }

    @Test("The file size limit is an error, not a death by signal", arguments: Way.all)
    func fileSizeLimit(_ way: Way) throws {
      try withScratch { disk in
        try disk.makeDirectory("volume")
        try disk.makeFile("source", size: Self.sourceSize)
        try failsHalfway(disk, way, reason: "File too large", intactMin: 0) { $0.limits.fileSize = 8 << 20 }
        try failsHalfway(disk, way, reason: "File too large", intactMin: 0) {
          $0.limits.fileSize = 8 << 20
          $0.refusals = [.init(.fallocate, errno: EOPNOTSUPP)]
        }
      }
    }

    @Test(
      "A small file onto a full disk fails the same way",
      .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"), arguments: Engine.available)
    func small(_ engine: Engine) throws {
      try withVolume(.tmpfs, mebibytes: 1) { _, disk in
        try disk.makeFile("source", size: 100_000)
        try disk.makeFile("volume/filler", size: 1 << 20 - 65_536)
        let outcome = try disk.uringcp("source", "volume/copy", engine: engine).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(
          outcome.errorText.contains("'volume/copy'")
            && outcome.errorText.contains("No space left on device"), "\(outcome)")
        #expect(!disk.exists("volume/copy"))
      }
    }

    @Test(
      "A FIFO onto a full disk fails and leaves nothing",
      .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"), arguments: Engine.available)
    func stream(_ engine: Engine) throws {
      try withVolume(.tmpfs, mebibytes: 4) { _, disk in
        let outcome = try disk.uringcp("/dev/zero", "volume/copy", engine: engine).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errorText.contains("No space left on device"), "\(outcome)")
        #expect(!disk.exists("volume/copy"))
      }
    }
  }
#endif
