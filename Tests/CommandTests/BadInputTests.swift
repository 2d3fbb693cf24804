#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("Bad input: one line that names the file, exit 1, nothing lost") struct BadInputTests {
    /// Runs a copy that must fail with exactly this message.
    private func fails(_ command: Command, _ message: String) throws {
      let outcome = try command.run()
      #expect(outcome.status == .exited(1), "\(outcome)")
      #expect(outcome.errorText == "uringcp: \(message)\n")
      #expect(outcome.output.isEmpty, "\(outcome)")
    }

    @Test("a source that is not there", arguments: Engine.available)
    func missingSource(_ engine: Engine) throws {
      try withScratch { place in
        try place.write("old", "old")
        try fails(
          place.uringcp("missing", "copy", engine: engine), "cannot stat 'missing': No such file or directory"
        )
        try fails(
          place.uringcp("missing", "old", engine: engine), "cannot stat 'missing': No such file or directory")
        #expect(!place.exists("copy"))
        #expect(try place.read("old") == Array("old".utf8))
        try fails(place.uringcp("", "copy", engine: engine), "cannot stat '': No such file or directory")
      }
    }

    @Test("a dangling link, a link to itself and a file used as a directory as source")
    func brokenSources() throws {
      try withScratch { place in
        try place.makeSymbolicLink("dangling", to: "nowhere")
        try place.makeSymbolicLink("loop", to: "loop")
        try place.write("file", "x")
        try fails(place.uringcp("dangling", "copy"), "cannot stat 'dangling': No such file or directory")
        try fails(place.uringcp("loop", "copy"), "cannot stat 'loop': Too many levels of symbolic links")
        try fails(place.uringcp("file/x", "copy"), "cannot stat 'file/x': Not a directory")
        #expect(!place.exists("copy"))
      }
    }

    @Test("a directory as source")
    func directorySource() throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try fails(place.uringcp("d", "copy"), "-r not specified; omitting directory 'd'")
        #expect(!place.exists("copy"))
      }
    }

    @Test(
      "a source that may not be read",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"),
      arguments: Engine.available)
    func unreadable(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 100)
        try place.changeMode("source", 0)
        try place.makeDirectory("d", mode: 0o777)
        try place.write("d/old", "old")
        try place.changeMode("d/old", 0o666)
        func run(_ destination: RawString) -> Command {
          place.uringcp("source", destination, engine: engine).with { $0.user = Users.ordinary }
        }
        try fails(run("d/copy"), "cannot open 'source' for reading: Permission denied")
        #expect(!place.exists("d/copy"))
        try fails(run("d/old"), "cannot open 'source' for reading: Permission denied")
        #expect(try place.read("d/old") == Array("old".utf8))
      }
    }

    @Test(
      "a destination that may not be written",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"),
      arguments: Engine.available)
    func unwritable(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 100)
        try place.write("old", "old")
        try place.changeMode("old", 0o444)
        try place.makeDirectory("d", mode: 0o555)
        func run(_ destination: RawString) -> Command {
          place.uringcp("source", destination, engine: engine).with { $0.user = Users.ordinary }
        }
        try fails(run("old"), "cannot create regular file 'old': Permission denied")
        #expect(try place.read("old") == Array("old".utf8))
        try fails(run("d/copy"), "cannot create regular file 'd/copy': Permission denied")
        try fails(run("d"), "cannot create regular file 'd/source': Permission denied")
      }
    }

    @Test(
      "the same file as source and destination, by any name",
      arguments: ["source", "./source", "hard", "soft", "d/../source"])
    func sameFile(_ name: String) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("source", size: 2_000_000)
        try place.link("source", to: "hard")
        try place.makeSymbolicLink("soft", to: "source")
        for arguments in [["source", name], ["-f", "source", name], ["--engine=threads", "source", name]]
        where name != "source" || arguments[0] != "-f" {
          let outcome = try place.uringcp(arguments.map { RawString($0) }).run()
          // cp's --force replaces a hard link by unlinking it first, which loses nothing.
          #expect(outcome.status == .exited(1) || arguments[0] == "-f", "\(outcome)")
          if outcome.status == .exited(1) {
            #expect(outcome.errorText == "uringcp: 'source' and '\(name)' are the same file\n")
          }
          #expect(try place.firstDifferenceFromPattern("source", 0..<2_000_000) == nil)
          #expect(place.size("source") == 2_000_000)
        }
        if name == "soft" {
          try fails(place.uringcp("soft", "source"), "'soft' and 'source' are the same file")
        }
      }
    }

    @Test("the same file through a directory operand")
    func sameFileInDirectory() throws {
      try withScratch { place in
        try place.makeFile("source", size: 1000)
        try fails(place.uringcp("source", "."), "'source' and './source' are the same file")
        #expect(try place.firstDifferenceFromPattern("source", 0..<1000) == nil)
      }
    }

    @Test(
      "the same file through a bind mount", .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"))
    func bindMount() throws {
      try withScratch { scratch in
        try scratch.makeDirectory("d")
        try scratch.makeDirectory("volume")
        try scratch.makeFile("d/file", size: 2_000_000)
        try scratch.write("bound", "")
        try withMounts(
          "mount --bind \"$S/d\" \"$S/volume\"; mount --bind \"$S/d/file\" \"$S/bound\"", in: scratch
        ) { place in
          try fails(place.uringcp("d/file", "volume/file"), "'d/file' and 'volume/file' are the same file")
          try fails(place.uringcp("d/file", "volume"), "'d/file' and 'volume/file' are the same file")
          try fails(place.uringcp("d/file", "bound"), "'d/file' and 'bound' are the same file")
        }
        #expect(try scratch.firstDifferenceFromPattern("d/file", 0..<2_000_000) == nil)
      }
    }

    @Test("a destination directory that is not there, or none")
    func missingDirectory() throws {
      try withScratch { place in
        try place.makeFile("source", size: 100)
        try place.write("file", "x")
        try fails(
          place.uringcp("source", "missing/copy"),
          "cannot create regular file 'missing/copy': No such file or directory")
        try fails(
          place.uringcp("source", "missing/"), "cannot create regular file 'missing/': Not a directory")
        for arguments in [
          ["source", "source", "missing"], ["source", "source", "file"], ["-t", "missing", "source"],
          ["-t", "file", "source"], ["source", "file/"],
        ] {
          let outcome = try place.uringcp(arguments.map { RawString($0) }).run()
          #expect(outcome.status == .exited(1), "\(arguments) \(outcome)")
          #expect(outcome.errorLines.count == 1, "\(arguments) \(outcome)")
          #expect(outcome.errorText.contains("missing") || outcome.errorText.contains("file"), "\(outcome)")
        }
        #expect(try place.read("file") == [0x78])
        #expect(!place.exists("missing"))
      }
    }

    @Test("a destination that is a dangling link, which is not written through")
    func danglingDestination() throws {
      try withScratch { place in
        try place.makeFile("source", size: 100)
        try place.makeSymbolicLink("dangling", to: "nowhere")
        try fails(place.uringcp("source", "dangling"), "not writing through dangling symlink 'dangling'")
        #expect(!place.exists("nowhere"))
      }
    }

    @Test(
      "a read-only file system", .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"),
      arguments: Engine.available)
    func readOnly(_ engine: Engine) throws {
      try withScratch { scratch in
        try scratch.makeDirectory("volume")
        try scratch.makeFile("source", size: 100)
        try withMounts(
          "mount -t tmpfs tmpfs \"$S/volume\"; echo old >\"$S/volume/old\"; mount -o remount,ro \"$S/volume\"",
          in: scratch
        ) { place in
          try fails(
            place.uringcp("source", "volume/copy", engine: engine),
            "cannot create regular file 'volume/copy': Read-only file system")
          try fails(
            place.uringcp("source", "volume/old", engine: engine),
            "cannot create regular file 'volume/old': Read-only file system")
          #expect(try place.read("volume/old") == Array("old\n".utf8))
        }
      }
    }

    @Test("one of several sources: the others are copied all the same")
    func oneOfSeveral() throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 100)
        try place.makeFile("two", size: 2_000_000)
        try fails(
          place.uringcp("one", "missing", "two", "d"), "cannot stat 'missing': No such file or directory")
        #expect(try place.firstDifference("one", "d/one") == nil)
        #expect(try place.firstDifference("two", "d/two") == nil)
      }
    }

    @Test("two sources of the same name: the second does not overwrite the first")
    func justCreated() throws {
      try withScratch { place in
        for name in ["a", "b", "d"] as [RawString] { try place.makeDirectory(name) }
        try place.makeFile("a/file", size: 100, seed: 1)
        try place.makeFile("b/file", size: 100, seed: 2)
        try fails(
          place.uringcp("a/file", "b/file", "d"), "will not overwrite just-created 'd/file' with 'b/file'")
        #expect(try place.firstDifference("a/file", "d/file") == nil)
      }
    }

    @Test("a socket as source", arguments: Engine.available)
    func socket(_ engine: Engine) throws {
      try withScratch { place in
        let made = try place.command(
          "/usr/bin/env", ["python3", "-c", "import socket; socket.socket(socket.AF_UNIX).bind('socket')"]
        ).run()
        guard made.succeeded else { return }
        let outcome = try place.uringcp("socket", "copy", engine: engine).run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorText.hasPrefix("uringcp: cannot open 'socket' for reading: "))
        #expect(!place.exists("copy"))
      }
    }

    @Test("--reflink=always where blocks cannot be shared")
    func reflinkAlways() throws {
      try withScratch(.memory) { place in
        try place.makeFile("source", size: 100_000)
        let outcome = try place.uringcp("--reflink=always", "source", "copy").run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errorText.contains("'copy'"))
        #expect(!place.exists("copy"))
      }
    }
  }
#endif
