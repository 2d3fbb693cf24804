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
      ).with { $0.timeoutSeconds = 30 }
    }

    /// Writes a handmade archive as "archive.tar".
    func makeArchive(_ fill: (inout TarArchive) -> Void) throws {
      var archive = TarArchive()
      fill(&archive)
      try write("archive.tar", archive.bytes)
    }

    fileprivate func run(_ program: RawString, _ arguments: RawString...) throws -> Outcome {
      try command("/usr/bin/env", [program] + arguments).run()
    }

    fileprivate func text(_ name: RawString) throws -> String {
      String(decoding: try read(name), as: UTF8.self)
    }

    fileprivate func linkTarget(_ name: RawString) -> String? {
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
        let packed = try place.run("tar", "--format=\(format)", "-cf", "archive.tar", "tree")
        try #require(packed.succeeded, "\(packed)")
        for engine in Engine.available {
          let out = RawString("out-\(engine)")
          let outcome = try place.save(out, "--engine=\(engine)", from: "archive.tar").run()
          #expect(outcome.succeeded, "\(outcome)")
          let compared = try place.run("diff", "-r", "--no-dereference", "tree", out / "tree")
          #expect(compared.succeeded, "\(compared)")
          #expect(place.linkTarget(out / "tree/far") == "/nowhere/at/all")
          #expect(place.status(out / "tree/hard")?.inode == place.status(out / "tree/a/middle")?.inode)
          #expect(place.status(out / "tree/script").map { $0.mode & 0o777 } == 0o755)
          #expect(place.status(out / "tree/closed").map { $0.mode & 0o777 } == 0o555)
          #expect(place.exists(out / "tree/empty"))
          // Once more, over what is there.
          let again = try place.save(out, "--engine=\(engine)", "--atomic", from: "archive.tar").run()
          #expect(again.succeeded || !Requirement.root, "\(again)")
        }
      }
    }

    @Test(
      "options go together", arguments: ["--atomic", "--durable", "--exclusive", "--stats", "--depth=40"])
    func options(_ option: String) throws {
      try withScratch { place in
        try makeTree(place)
        try #require(try place.run("tar", "-cf", "archive.tar", "tree").succeeded)
        let outcome = try place.save("deep/er/out", RawString(option), from: "archive.tar").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.run("diff", "-r", "--no-dereference", "tree", "deep/er/out/tree").succeeded)
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

    @Test("names that lead elsewhere are refused, and the rest goes on") func escapes() throws {
      try withScratch { place in
        try place.write("outside", "untouched")
        try place.makeArchive {
          $0.add("../outside", "evil")
          $0.add("a/../../outside", "evil")
          $0.add("/tmp/uringtool-test-evil", "evil")
          $0.add("out", type: "2", linkName: "..")
          $0.add("out/outside", "evil")
          $0.add("d", type: "5")
          $0.add("d", type: "2", linkName: "..")
          $0.add("d/inside", "good")
          $0.add("hard", type: "1", linkName: "../outside")
          $0.add("absolute", type: "1", linkName: "/etc/passwd")
          $0.addPax([("path", "../outside")])
          $0.add("harmless", "evil")
          $0.add("././@LongLink", type: "L", Array("../../outside\0".utf8))
          $0.add("harmless", "evil")
          $0.add("good", "good")
          $0.end()
        }
        let outcome = try place.save("root", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(try place.text("outside") == "untouched")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/uringtool-test-evil"))
        #expect(try place.text("root/good") == "good")
        #expect(try place.text("root/d/inside") == "good")
        #expect(outcome.errorText.contains("through '..'"))
        #expect(outcome.errorText.contains("its name is absolute"))
        #expect(outcome.errorText.contains("its link leads to absolute"))
        #expect(!place.exists("root/hard"))
        #expect(!place.exists("root/harmless"))
      }
    }

    @Test("links that are there already are not followed") func existingLinks() throws {
      try withScratch { place in
        try place.makeDirectory("outside")
        try place.makeDirectory("root")
        try place.makeSymbolicLink("root/d", to: "../outside")
        try place.write("aim", "untouched")
        try place.makeSymbolicLink("root/file", to: "../aim")
        try place.makeArchive {
          $0.add("d/evil", "evil")
          $0.add("file", "evil")
          $0.add("good", "good")
          $0.end()
        }
        let outcome = try place.save("root", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorLines.count == 2, "\(outcome)")
        #expect(outcome.errorText.contains("a symbolic link is not followed"))
        #expect(!place.exists("outside/evil"))
        #expect(try place.text("aim") == "untouched")
        #expect(try place.text("root/good") == "good")
      }
    }

    @Test("the last member of a name wins, whatever the kinds") func repeated() throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("a", "first")
          $0.add("a", "second")
          $0.add("b", type: "2", linkName: "a")
          $0.add("b", "file")
          $0.add("c", "file")
          $0.add("c", type: "2", linkName: "a")
          $0.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.text("out/a") == "second")
        #expect(place.status("out/b")?.isRegular == true)
        #expect(place.linkTarget("out/c") == "a")
      }
    }

    @Test("what cannot be made is reported, and its data skipped") func unsupported() throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("fifo", type: "6")
          $0.add("device", type: "3")
          $0.add("sparse", type: "S", [UInt8](repeating: 1, count: 700))
          $0.add("odd", type: "Z", [UInt8](repeating: 1, count: 700))
          $0.addPax([("GNU.sparse.major", "1")])
          $0.add("sparse", [UInt8](repeating: 1, count: 700))
          $0.add("label", type: "V")
          $0.add("hard", type: "1", linkName: "missing")
          $0.add("", "no name")
          $0.add("good", "good")
          $0.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorLines.count == 7, "\(outcome)")
        #expect(try place.text("out/good") == "good")
        for name: RawString in ["fifo", "device", "sparse", "odd", "hard"] {
          #expect(!place.exists("out" / name))
        }
      }
    }

    @Test("a truncated archive is an error, wherever it ends") func truncated() throws {
      try withScratch { place in
        var archive = TarArchive()
        archive.add("first", "whole")
        archive.add("././@LongLink", type: "L", Array("second\0".utf8))
        archive.add("x", [UInt8](repeating: 1, count: 3_000_000))
        archive.add("third", [UInt8](repeating: 2, count: 2000))
        let end = archive.bytes.count
        archive.end()
        // In a header, in a name, in a large member, in a small one, in its padding, before the end's mark.
        for length in [1, 600, 1024, 1600, 500_000, end - 1000, end - 10, end] {
          try place.write("archive.tar", Array(archive.bytes[..<length]))
          let out = RawString("out-\(length)")
          let outcome = try place.save(out, from: "archive.tar").run()
          #expect(outcome.status == .exited(1), "\(length): \(outcome)")
          #expect(outcome.errorText.contains("the archive is truncated"), "\(length): \(outcome)")
          if length < 3_000_000 { #expect(!place.exists(out / "second")) }
          if length < end - 48 { #expect(!place.exists(out / "third")) }
        }
      }
    }

    @Test("what is no archive is said to be none") func noArchive() throws {
      try withScratch { place in
        let empty = try place.save("out").run()
        #expect(empty.status == .exited(1))
        #expect(empty.errorText.contains("empty"))
        try place.makeFile("noise", size: 5000)
        #expect(try place.save("out", from: "noise").run().errorText.contains("no tar archive"))
        try place.write("archive.tgz", [0x1f, 0x8b] + [UInt8](repeating: 1, count: 2000))
        #expect(try place.save("out", from: "archive.tgz").run().errorText.contains("gzip"))
        var archive = TarArchive()
        archive.add("good", "good")
        try place.write("archive.tar", archive.bytes + [UInt8](repeating: 7, count: 2048))
        let damaged = try place.save("out", from: "archive.tar").run()
        #expect(damaged.status == .exited(1))
        #expect(damaged.errorText.contains("no header where one is due"))
        #expect(try place.text("out/good") == "good")
      }
    }

    @Test("numbers and names out of all proportion are refused") func absurd() throws {
      try withScratch { place in
        let damages: [(inout TarArchive) -> Void] = [
          {
            $0.add(
              "huge",
              change: { $0.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0xff, count: 11)) })
          },
          {
            $0.add(
              "negative", change: { $0.replaceSubrange(124..<136, with: [UInt8](repeating: 0xff, count: 12)) }
            )
          },
          { $0.add("digits", change: { $0.replaceSubrange(124..<127, with: Array("9x!".utf8)) }) },
          { $0.add("name", type: "L", size: 1 << 30) },
          { $0.add("pax", type: "x", Array("99999 path=x\n".utf8)) },
          { $0.add("pax", type: "x", Array("12 size=-5\n!".utf8)) },
        ]
        for (index, damage) in damages.enumerated() {
          try place.makeArchive {
            damage(&$0)
            $0.end()
          }
          let outcome = try place.save("out", from: "archive.tar").run()
          #expect(outcome.status == .exited(1), "\(index): \(outcome)")
          #expect(
            outcome.errorText.contains("damaged") || outcome.errorText.contains("truncated"),
            "\(index): \(outcome)")
        }
        // Eight gibibytes that are not there.
        try place.makeArchive { archive in
          archive.add(
            "big", change: { $0.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]) })
          archive.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.errorText.contains("truncated"))
        #expect(!place.exists("out/big"))
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
        try place.makeDirectory("readonly", mode: 0o555)
        let readOnly = try place.save("readonly", from: "archive.tar").with { $0.user = Users.ordinary }.run()
        #expect(readOnly.status == .exited(1) || !Requirement.ordinaryUser, "\(readOnly)")
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
            #expect(try place.text("out/first") == "whole")
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

  @Suite("uringtool save --generate") struct SaveGenerateTests {
    private static func text(_ file: Int, lines: Int, values: Int) -> String {
      (0..<lines).map { line in (0..<values).map { "\(file + line + $0)" }.joined(separator: ",") + "\n" }
        .joined()
    }

    @Test("the set has the documented bytes", arguments: Engine.available)
    func bytes(_ engine: Engine) throws {
      try withScratch { place in
        for (lines, values) in [(1, 1), (1, 10), (3, 1), (1200, 10), (7, 300), (105, 100)] {
          let out = RawString("out-\(lines)-\(values)")
          let outcome = try place.save(
            out, "--generate=csv", "--files=12", "--lines=\(lines)", "--values=\(values)",
            "--engine=\(engine)"
          ).run()
          #expect(outcome.succeeded, "\(outcome)")
          for file in 0..<12 {
            let name = RawString("data_000\(file < 10 ? "0" : "")\(file).csv")
            #expect(try place.text(out / name) == Self.text(file, lines: lines, values: values))
          }
        }
      }
    }

    @Test("a file of several pieces has the same bytes") func pieces() throws {
      try withScratch { place in
        let outcome = try place.save(
          "out", "--generate=csv", "--files=1", "--lines=30000", "--values=20", "--exclusive"
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let text = try place.text("out/data_00000.csv")
        #expect(text.utf8.count > 3_000_000)
        #expect(text == Self.text(0, lines: 30_000, values: 20))
        let again = try place.save("out", "--generate=csv", "--files=2", "--lines=1", "--exclusive").run()
        #expect(again.status == .exited(1))
        #expect(again.errorLines.count == 1)
        #expect(try place.text("out/data_00001.csv") == Self.text(1, lines: 1, values: 10))
      }
    }

    @Test(
      "wrong usage is refused",
      arguments: [
        "--generate=xml", "--files=3", "--generate=csv --files=0", "--generate=csv --lines=0",
        "--generate=csv --values=0", "--generate=csv --files=x", "--workers=0", "--depth=5000",
        "--engine=none",
      ])
    func misuse(_ options: String) throws {
      try withScratch { place in
        let tool = RawString("\(Executables.directory)/uringtool")
        let outcome = try place.command(
          tool, ["save", "out"] + options.split(separator: " ").map { RawString("\($0)") }
        )
        .run()
        #expect(outcome.status == .exited(2), "\(outcome)")
        #expect(!place.exists("out"))
      }
    }
  }
#endif
