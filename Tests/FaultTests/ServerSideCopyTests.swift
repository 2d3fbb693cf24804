#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite(
    "A file system that copies by itself", .enabled(if: Requirement.fuse, "\(Requirement.fuseReason)"),
    .serialized)
  struct ServerSideCopyTests {
    static let size: Int64 = 20 << 20 + 123

    private func withServer(_ options: [String], _ body: (FuseVolume) throws -> Void) throws {
      try withFuse(["offers_copy"] + options) { fuse in
        try fuse.backing.makeFile("source", size: Self.size)
        try body(fuse)
      }
    }

    @Test("is asked to, and no byte comes through the program", arguments: Engine.available)
    func whole(_ engine: Engine) throws {
      try withServer([]) { fuse in
        let outcome = try fuse.mounted.uringcp("--json", "source", "copy", engine: engine).run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try outcome.jsonObjects().first?["strategy"] as? String == "server-side")
        #expect(try !fuse.log("copy").isEmpty)
        #expect(try fuse.log("read").isEmpty && fuse.log("write").isEmpty)
        #expect(try fuse.backing.firstDifference("source", "copy") == nil)
      }
    }

    @Test("a little at a time is asked again until all is there", arguments: Engine.available)
    func short(_ engine: Engine) throws {
      try withServer(["copy_count_max=300000"]) { fuse in
        let outcome = try fuse.mounted.uringcp("source", "copy", engine: engine).run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try fuse.backing.firstDifference("source", "copy") == nil)
        let copies = try fuse.log("copy").filter { $0.result > 0 }
        #expect(copies.count == Int(Self.size) / 300_000 + 1)
        #expect(try fuse.log("write").isEmpty)
      }
    }

    @Test("over an existing, longer file leaves nothing of that")
    func overExisting() throws {
      try withServer([]) { fuse in
        try fuse.backing.makeFile("old", size: 30 << 20, seed: 8)
        let outcome = try fuse.mounted.uringcp("source", "old").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try fuse.backing.firstDifference("source", "old") == nil)
      }
    }

    @Test("and fails halfway is an error, not a reason to go on otherwise", arguments: [EIO, ENOSPC, EDQUOT])
    func failing(_ errno: Int32) throws {
      try withServer(["copy_count_max=1000000", "copy_fails_after=3", "copy_error=\(errno)"]) { fuse in
        for engine in Engine.available {
          let outcome = try fuse.mounted.uringcp("source", "copy", engine: engine).run()
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorText.contains(String(cString: strerror(errno))), "\(outcome)")
          #expect(outcome.errorText.contains("'copy'"), "\(outcome)")
          #expect(!fuse.backing.exists("copy"))
        }
      }
    }

    @Test(
      "and turns out not to halfway: the rest goes by chunks, nothing is copied twice",
      arguments: Engine.available, [EOPNOTSUPP, EXDEV, ENOSYS, EINVAL])
    func refusedHalfway(_ engine: Engine, _ errno: Int32) throws {
      try withServer(["copy_count_max=1048576"]) { fuse in
        // FUSE itself answers "not supported" by copying in the kernel, so a supervisor says it.
        var command = fuse.mounted.uringcp("--json", "source", "copy", engine: engine)
        command.supervision = .init([.copyFileRange], skipped: 3, .refuse(errno: errno))
        let outcome = try command.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try fuse.backing.firstDifference("source", "copy") == nil)
        #expect(try fuse.log("copy").map(\.numbers[0]) == [0, 1 << 20, 2 << 20])
        let writes = try fuse.log("write").map(\.numbers[0])
        #expect(writes.min() == 3 << 20, "\(writes)")
        let object = try #require(try outcome.jsonObjects().first)
        #expect((object["fallbacks"] as? [Any])?.isEmpty == false, "\(outcome)")
      }
    }

    @Test("and refuses at once: all goes by chunks", arguments: Engine.available)
    func refusedAtOnce(_ engine: Engine) throws {
      try withServer([]) { fuse in
        let outcome = try fuse.mounted.uringcp("--json", "source", "copy", engine: engine)
          .with { $0.refusals = [.init(.copyFileRange, errno: EOPNOTSUPP)] }.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try fuse.backing.firstDifference("source", "copy") == nil)
        #expect(try outcome.jsonObjects().first?["strategy"] as? String != "server-side")
      }
    }

    @Test("copy_file_range refused with EIO is an error", arguments: Engine.available)
    func brokenCall(_ engine: Engine) throws {
      try withServer([]) { fuse in
        let outcome = try fuse.mounted.uringcp("source", "copy", engine: engine)
          .with { $0.refusals = [.init(.copyFileRange, errno: EIO)] }.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(!fuse.backing.exists("copy"))
      }
    }

    @Test("but says it copied nothing before the end: the rest goes by chunks", arguments: Engine.available)
    func nothingCopied(_ engine: Engine) throws {
      for after in [0, 2] {
        try withServer(["copy_count_max=1048576", "copy_fails_after=\(after)", "copy_error=0"]) { fuse in
          let outcome = try fuse.mounted.uringcp("source", "copy", engine: engine).run()
          #expect(outcome.succeeded, "\(outcome)")
          #expect(try fuse.backing.firstDifference("source", "copy") == nil)
        }
      }
    }

    @Test("Interrupted halfway, nothing is left", arguments: Engine.available)
    func interrupted(_ engine: Engine) throws {
      try withServer(["copy_count_max=1048576"]) { fuse in
        var command = fuse.mounted.uringcp("source", "copy", engine: engine)
        command.supervision = .init([.copyFileRange], skipped: 3, affected: 1, .hold)
        try command.running { (running) throws in
          #expect(running.waitForHold())
          running.send(SIGINT)
          running.release()
          #expect(try running.wait().status == .exited(130))
        }
        #expect(!fuse.backing.exists("copy"))
      }
    }
  }
#endif
