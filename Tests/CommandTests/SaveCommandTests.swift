#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  extension Workplace {
    /// `uringtool save ARGUMENTS < ARCHIVE`, to be run here.
    func save(_ arguments: RawString..., from archive: RawString = "/dev/null") -> Command {
      let tool = RawString("\(Executables.directory)/uringtool")
      return command(
        "/bin/sh",
        ["-c", "archive=$1; shift; exec \"$0\" save \"$@\" < \"$archive\"", tool, archive] + arguments
      )
    }

    /// Writes a handmade archive as "archive.tar".
    func makeArchive(_ fill: (inout TarArchive) -> Void) throws {
      var archive = TarArchive()
      fill(&archive)
      try write("archive.tar", archive.bytes)
    }

    func runProgram(_ program: RawString, _ arguments: RawString...) throws -> Outcome {
      try command("/usr/bin/env", [program] + arguments).run()
    }

    func text(of name: RawString) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    func linkTarget(_ name: RawString) -> String? {
      try? FileManager.default.destinationOfSymbolicLink(atPath: path(name).description)
    }
  }

  @Suite("uringtool save: archives") struct SaveArchiveTests {
    /// A tree with whatever a tree may have.
    private func makeTree(_ place: Workplace) throws {
      for directory: RawString in ["tree", "tree/a", "tree/a/b", "tree/empty"] {
        try place.makeDirectory(directory)
      }
      try place.makeFile("tree/large", size: 3_000_017)
      try place.makeFile("tree/a/middle", size: 900_000)
      try place.write("tree/a/b/small", "small")
      try place.write("tree/nothing", "")
      try place.write("tree/script", "#!/bin/sh\n")
      try place.changeMode("tree/script", 0o755)
      let long = RawString(String(repeating: "n", count: 250))
      try place.write("tree/" / long, "long")
      try place.write(RawString(Array("tree/raw-".utf8) + [0xff, 0xfe]), "not UTF-8")
      try place.makeSymbolicLink("tree/link", to: "a/b/small")
      try place.makeSymbolicLink("tree/far", to: "/nowhere/at/all")
      try place.makeSymbolicLink("tree/a/long link", to: RawString(String(repeating: "t/", count: 90)))
      try place.link("tree/a/middle", to: "tree/hard")
      try place.makeDirectory("tree/closed")
      try place.write("tree/closed/file", "inside")
      try place.changeMode("tree/closed", 0o555)
    }

    @Test("what tar packs is unpacked, in every format", arguments: ["gnu", "pax", "posix", "oldgnu"])
    func formats(_ format: String) throws {
      try withScratch { place in
        try makeTree(place)
        let packed = try place.runProgram("tar", "--format=\(format)", "-cf", "archive.tar", "tree")
        try #require(packed.succeeded, "\(packed)")
        for engine in Engine.available {
          let out = RawString("out-\(engine)")
          let outcome = try place.save(out, "--engine=\(engine)", from: "archive.tar").run()
          #expect(outcome.succeeded, "\(outcome)")
          let compared = try place.runProgram("diff", "-r", "--no-dereference", "tree", out / "tree")
          #expect(compared.succeeded, "\(compared)")
          #expect(place.linkTarget(out / "tree/far") == "/nowhere/at/all")
          #expect(place.status(out / "tree/hard")?.inode == place.status(out / "tree/a/middle")?.inode)
          #expect(place.status(out / "tree/script").map { $0.mode & 0o777 } == 0o755)
          #expect(place.status(out / "tree/closed").map { $0.mode & 0o777 } == 0o555)
          #expect(place.exists(out / "tree/empty"))
          // Once more, over what is there.
          try place.changeMode(out / "tree/closed", 0o755)
          let again = try place.save(out, "--engine=\(engine)", "--atomic", from: "archive.tar").run()
          #expect(again.succeeded, "\(again)")
        }
      }
    }

    @Test(
      "options go together", arguments: ["--atomic", "--durable", "--exclusive", "--stats", "--depth=40"])
    func options(_ option: String) throws {
      try withScratch { place in
        try makeTree(place)
        try #require(try place.runProgram("tar", "-cf", "archive.tar", "tree").succeeded)
        let outcome = try place.save("deep/er/out", RawString(option), from: "archive.tar").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.runProgram("diff", "-r", "--no-dereference", "tree", "deep/er/out/tree").succeeded)
        #expect(outcome.outputText.hasPrefix("saved "))
        #expect(outcome.outputText.contains("createFile") == (option == "--stats"))
        let again = try place.save("deep/er/out", "--exclusive", from: "archive.tar").run()
        #expect(again.status == .exited(1))
        #expect(again.errorText.contains("File exists"))
      }
    }

    @Test("--json tells of the whole, and of each error") func json() throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("good", "12345")
          $0.add("../evil", "x")
          $0.end()
        }
        let outcome = try place.save("out", "--json", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        let objects = try outcome.jsonObjects()
        try #require(objects.count == 2)
        #expect(objects[0]["type"] as? String == "error")
        #expect(objects[0]["path"] as? String == "../evil")
        #expect(objects[1]["type"] as? String == "save")
        #expect(objects[1]["files"] as? Int == 1)
        #expect(objects[1]["bytes"] as? Int == 5)
        #expect(objects[1]["failures"] as? Int == 1)
        #expect((objects[1]["operations"] as? [String: Int])?["createFile"] == 1)
      }
    }

    @Test("a place that cannot be written to is an error") func badPlaces() throws {
      try withScratch { place in
        try place.write("file", "1")
        try place.makeArchive {
          $0.add("a", "1")
          $0.end()
        }
        for name: RawString in ["file", "file/below"] {
          let outcome = try place.save(name, from: "archive.tar").run()
          #expect(outcome.status == .exited(1))
          #expect(outcome.errorText.contains("Not a directory"), "\(outcome)")
        }
        try place.makeDirectory("out")
        try place.makeDirectory("out/a")
        let directory = try place.save("out", from: "archive.tar").run()
        #expect(directory.status == .exited(1))
        #expect(directory.errorText.contains("Is a directory"))
      }
    }

    @Test(
      "a read-only directory is an error",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"), arguments: Engine.available
    )
    func readOnly(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("a", "1")
          $0.end()
        }
        try place.makeDirectory("readonly", mode: 0o555)
        for option: RawString in ["--stats", "--atomic"] {
          let outcome = try place.save("readonly", "--engine=\(engine)", option, from: "archive.tar")
            .with { $0.user = Users.ordinary }.run()
          #expect(outcome.status == .exited(1))
          #expect(outcome.errorLines.count == 1)
          #expect(outcome.errorText.contains("Permission denied"), "\(outcome)")
        }
      }
    }

    @Test("few descriptors suffice, and memory does not grow with members") func bounded() throws {
      try withScratch { place in
        try place.makeArchive { archive in
          for number in 0..<300 { archive.add("d\(number % 100)/e/f\(number)", "text") }
          archive.end()
        }
        for engine in Engine.available {
          let outcome = try place.save(RawString("out-\(engine)"), "--engine=\(engine)", from: "archive.tar")
            .with { $0.limits.openFiles = 64 }.run()
          #expect(outcome.succeeded, "\(outcome)")
          #expect(outcome.outputText.hasPrefix("saved 300 files"))
        }
      }
    }

    @Test("an interrupted save ends, and leaves no unfinished file", arguments: InterruptTests.signals)
    func interrupted(_ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        var archive = TarArchive()
        archive.add("first", "whole")
        archive.add("large", [UInt8](repeating: 1, count: 4_000_000))
        try place.write("archive.tar", Array(archive.bytes[..<2_000_000]))
        // The writer stops in the middle of a member and stays.
        let tool = RawString("\(Executables.directory)/uringtool")
        try place.makeFIFO("pipe")
        let writer = place.command("/bin/sh", ["-c", "exec >pipe; cat archive.tar; read _ || :"])
          .with { $0.input = .pipe }
        try writer.running { _ in
          try place.command("/bin/sh", ["-c", "exec \"$0\" save out < pipe", tool]).running {
            (running) throws in
            #expect(running.waitUntil { (place.size("out/large") ?? 0) > 1_000_000 })
            running.send(signal.number)
            let outcome = try running.wait()
            #expect(outcome.status == .exited(signal.status), "\(outcome)")
            #expect(try place.text(of: "out/first") == "whole")
            #expect(!place.exists("out/large"))
          }
        }
      }
    }

    @Test(
      "a full disk: what is whole is counted, the rest reported and removed",
      .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"), arguments: Engine.forced)
    func fullDisk(_ engine: Engine) throws {
      try withVolume(.tmpfs, mebibytes: 4) { volume, disk in
        var archive = TarArchive()
        for number in 0..<6 { archive.add("file\(number)", [UInt8](repeating: 7, count: 900_000)) }
        archive.add("large", [UInt8](repeating: 7, count: 5_000_000))
        archive.add("tiny", "fits")
        archive.end()
        try disk.write("archive.tar", archive.bytes)
        for option: RawString in ["--stats", "--atomic"] {
          let outcome = try disk.save(
            "volume/out", "--engine=\(engine)", "--workers=1", option, from: "archive.tar"
          ).run()
          #expect(outcome.status == .exited(1))
          #expect(outcome.errorText.contains("No space left on device"))
          let names = try FileManager.default.contentsOfDirectory(atPath: volume.path("out").description)
          #expect(!names.contains("large"))
          #expect(!names.contains { $0.hasPrefix(".save-") }, "\(names)")
          for name in names where name.hasPrefix("file") {
            #expect(volume.size("out" / RawString(name)) == 900_000 || option == "--stats")
          }
          #expect(outcome.outputText.contains("failed"))
          _ = try disk.command("/bin/sh", ["-c", "rm -r volume/out"]).run()
        }
      }
    }
  }
#endif
