#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("-r copies trees") struct RecursiveTests {
    private func makeTree(_ place: Workplace) throws {
      try place.makeTree("a", directories: ["b", "b/c", "empty"], files: ["x", "b/y", "b/c/z"])
      try place.makeSymbolicLink("a/link", to: "nowhere")
    }

    /// Runs a copy that must succeed; returns what it printed.
    @discardableResult
    private func succeeds(_ command: Command) throws -> Outcome {
      let outcome = try command.run()
      #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
      return outcome
    }

    /// Runs a copy that must fail with exactly these lines, in any order.
    @discardableResult
    private func fails(_ command: Command, _ messages: String...) throws -> Outcome {
      let outcome = try command.run()
      #expect(outcome.status == .exited(1), "\(outcome)")
      #expect(outcome.errorLines.map(String.init).sorted() == messages.map { "uringcp: " + $0 }.sorted())
      return outcome
    }

    // MARK: Operands

    @Test("by each of its names, on every engine", arguments: ["-r", "-R", "--recursive"], Engine.available)
    func names(_ option: String, _ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        let outcome = try succeeds(place.uringcp(RawString(option), "a", "copy", engine: engine))
        #expect(outcome.output.isEmpty)
        #expect(try place.treeDifference("a", "copy") == nil)
        // Again, the directory is there: into it.
        try succeeds(place.uringcp(RawString(option), "a", "copy", engine: engine))
        #expect(try place.treeDifference("a", "copy/a") == nil)
      }
    }

    @Test("into directories, with slashes, dots, -t and -T")
    func operands() throws {
      try withScratch { place in
        try makeTree(place)
        try place.write("file", "file")
        try place.makeSymbolicLink("linked", to: "a")
        for name in ["one", "two", "three", "four", "five"] as [RawString] { try place.makeDirectory(name) }
        try succeeds(place.uringcp("-r", "a/", "file", "linked", "one/"))
        #expect(try place.treeDifference("a", "one/a") == nil)
        #expect(try place.read("one/file") == Array("file".utf8))
        #expect(place.status("one/linked")?.isSymbolicLink == true)
        try succeeds(place.uringcp("-r", "a/.", "two"))
        #expect(try place.treeDifference("a", "two") == nil)
        try succeeds(place.uringcp("-rT", "a", "three"))
        #expect(try place.treeDifference("a", "three") == nil)
        try succeeds(place.uringcp("-r", "-t", "four", "a", "file"))
        #expect(try place.treeDifference("a", "four/a") == nil)
        try succeeds(place.uringcp("-r", "linked/", "five"))
        #expect(try place.treeDifference("a", "five/linked") == nil)
        try succeeds(place.uringcp("-r", "a//", "new/"))
        #expect(try place.treeDifference("a", "new") == nil)
      }
    }

    @Test("What each entry came to is printed as asked", arguments: Engine.available)
    func printing(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        let verbose = try succeeds(place.uringcp("-rv", "a", "v", engine: engine))
        #expect(
          verbose.outputText.split(separator: "\n").map(String.init).sorted()
            == ["", "/b", "/b/c", "/b/c/z", "/b/y", "/empty", "/link", "/x"].map { "'a\($0)' -> 'v\($0)'" }
            .sorted())
        let object = try #require(
          try succeeds(place.uringcp("-rv", "--json", "a", "j", engine: engine)).jsonObjects().first)
        #expect(object["type"] as? String == "tree")
        #expect(object["source"] as? String == "a" && object["destination"] as? String == "j")
        let statistics = try succeeds(place.uringcp("-r", "--stats", "a", "s", engine: engine)).outputText
        for row in [("files", 3), ("directories", 4), ("links", 1), ("failures", 0)] {
          #expect(
            statistics.contains(try Regex("(?m)^  \(row.0) +\(row.1)$")), "\(row) in \(statistics)")
        }
        let explained = try succeeds(place.uringcp("-r", "--explain", "a", "e", engine: engine)).outputText
        #expect(explained.hasPrefix("'a' -> 'e': 3 files, 0 of them in chunks, on "))
        try succeeds(place.uringcp("-r", "--progress=never", "a", "p", engine: engine))
        let shown = try place.uringcp("-r", "--progress=always", "a", "q", engine: engine).run()
        #expect(shown.succeeded && shown.output.isEmpty && !shown.errors.isEmpty)
      }
    }

    // MARK: What is refused

    @Test("without it directories are left out, and the rest is copied")
    func without() throws {
      try withScratch { place in
        try makeTree(place)
        try place.write("file", "file")
        try place.makeDirectory("d")
        try fails(place.uringcp("a", "file", "d"), "-r not specified; omitting directory 'a'")
        #expect(place.exists("d/file") && !place.exists("d/a"))
      }
    }

    @Test("missing sources and parents, what is in the way", arguments: Engine.available)
    func refused(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        try place.write("file", "file")
        try place.makeDirectory("d")
        func run(_ arguments: RawString...) -> Command { place.uringcp(["-r"] + arguments, engine: engine) }
        try fails(run("missing", "a", "d"), "cannot stat 'missing': No such file or directory")
        #expect(try place.treeDifference("a", "d/a") == nil)
        try fails(run("a", "no/copy"), "cannot create directory 'no/copy': No such file or directory")
        try fails(
          run("a", "file"),
          "cannot overwrite non-directory 'file' with directory 'a'")
        #expect(try place.read("file") == Array("file".utf8))
        try place.makeDirectory("d/file")
        try fails(run("file", "d"), "cannot overwrite directory 'd/file' with non-directory")
        // Within the trees: said, and the rest goes on.
        try place.remove("d/a/x")
        try place.makeDirectory("d/a/x")
        try place.remove("d/a/b/y")
        try place.write("a/new", "new")
        try fails(
          run("a", "d"),
          "cannot overwrite directory 'd/a/x' with non-directory")
        #expect(place.exists("d/a/new") && place.exists("d/a/b/y"))
      }
    }

    @Test("a tree into itself: everything but the copy, one error", arguments: Engine.available)
    func intoItself(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        try place.makeSymbolicLink("soft", to: "a/empty")
        try fails(
          place.uringcp("-r", "a", "a/b", engine: engine),
          "cannot copy a directory, 'a', into itself, 'a/b/a'")
        #expect(place.exists("a/b/a/b/c/z") && !place.exists("a/b/a/b/a"))
        try fails(
          place.uringcp("-r", "a", "soft", engine: engine),
          "cannot copy a directory, 'a', into itself, 'soft/a'")
        #expect(place.exists("a/empty/a/x"))
      }
    }

    @Test("a tree onto itself, by any name", arguments: ["a", "./a/", "a/b/..", "soft/"])
    func sameTree(_ name: String) throws {
      try withScratch { place in
        try makeTree(place)
        try place.makeSymbolicLink("soft", to: "a")
        try place.makeTree("before", directories: ["b", "b/c", "empty"], files: ["x", "b/y", "b/c/z"])
        try place.makeSymbolicLink("before/link", to: "nowhere")
        try fails(
          place.uringcp("-rT", "a", RawString(name)), "'a' and '\(name)' are the same file")
        #expect(try place.treeDifference("before", "a") == nil)
      }
    }

    @Test(
      "files are written through links at the destination, directories are not", arguments: Engine.available)
    func destinationLinks(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        try place.makeDirectory("target")
        try place.write("target/x", "untouched")
        try place.makeDirectory("d")
        try place.makeDirectory("d/a")
        try place.makeSymbolicLink("d/a/x", to: "../../target/x")
        try place.makeSymbolicLink("d/a/b", to: "../../target")
        try fails(
          place.uringcp("-rf", "a", "d", engine: engine),
          "cannot overwrite non-directory 'd/a/b' with directory 'a/b'")
        try place.makeDirectory("e")
        try place.makeSymbolicLink("e/a", to: "../target")
        for arguments in [["-r", "a", "e"], ["-rT", "a", "e/a"]] as [[RawString]] {
          try fails(
            place.uringcp(arguments, engine: engine),
            "cannot overwrite non-directory 'e/a' with directory 'a'")
        }
        #expect(try place.read("target/x") == place.read("a/x"))
        #expect(!place.exists("target/y") && !place.exists("target/c") && !place.exists("target/b"))
      }
    }

    @Test("-n keeps, -f replaces what cannot be opened", arguments: Engine.available)
    func existing(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        try place.makeTree("kept/a", directories: ["b"], files: [])
        try place.write("kept/a/x", "old")
        try succeeds(place.uringcp("-rn", "a", "kept", engine: engine))
        #expect(try place.read("kept/a/x") == Array("old".utf8))
        #expect(place.exists("kept/a/b/y"))
      }
    }

    @Test(
      "-f replaces what may not be written, and without it that is said",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"),
      arguments: Engine.available)
    func forced(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        try place.makeDirectory("d", mode: 0o777)
        func run(_ options: RawString) -> Command {
          place.uringcp(options, "a", "d/copy", engine: engine).with { $0.user = Users.ordinary }
        }
        try succeeds(run("-rT"))
        try place.changeMode("d/copy/x", 0o444)
        try place.makeFile("a/x", size: 777)
        try fails(run("-rT"), "cannot create regular file 'd/copy/x': Permission denied")
        try succeeds(run("-rfT"))
        #expect(try place.firstDifference("a/x", "d/copy/x") == nil)
      }
    }

    // MARK: Ordinary users

    @Test(
      "what may not be read is said, what may not be written afterwards is complete",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"),
      arguments: Engine.available)
    func permissions(_ engine: Engine) throws {
      try withScratch { place in
        try makeTree(place)
        // Copied as well, and read-only: a file inside a directory that its owner may not write to.
        try place.changeMode("a/b/y", 0o444)
        try place.makeFile("a/b/large", size: 9 << 20)
        try place.changeMode("a/b/large", 0o444)
        try place.changeMode("a/b/c", 0o555)
        try place.changeMode("a/b", 0o555)
        try place.makeDirectory("d", mode: 0o777)
        func run(_ destination: RawString) -> Command {
          place.uringcp("-r", "--chunk-size=1M", "a", destination, engine: engine).with {
            $0.user = Users.ordinary
          }
        }
        try succeeds(run("d/first"))
        #expect(try place.treeDifference("a", "d/first") == nil)
        try place.write("a/closed", "x")
        try place.changeMode("a/closed", 0)
        try place.makeTree("a/sealed", directories: [], files: ["inside"])
        try place.changeMode("a/sealed", 0)
        try place.makeTree("a/blind", directories: [], files: ["inside"])
        try place.changeMode("a/blind", 0o444)
        try fails(
          run("d/second"), "cannot open 'a/closed' for reading: Permission denied",
          "cannot access 'a/sealed': Permission denied", "cannot stat 'a/blind/inside': Permission denied")
        #expect(place.status("d/second/sealed") != nil && !place.exists("d/second/sealed/inside"))
        #expect(place.exists("d/second/b/c/z") && !place.exists("d/second/closed"))
        #expect(!place.exists("d/second/blind/inside"))
        try place.removeTree("d")
        try place.removeTree("a")
      }
    }

    // MARK: Many, deep, large

    @Test(
      "5,000 levels with 64 descriptors, far beyond the longest path", arguments: Engine.forced)
    func deep(_ engine: Engine) throws {
      try withScratch(.memory) { place in
        try place.makeDirectory("a")
        try place.makeDeepTree("a", levels: 5000, name: "a-longer-name", siblingEvery: 700)
        let outcome = try place.uringcp("-r", "--json", "a", "copy", engine: engine).with {
          $0.limits.openFiles = 64
        }.run()
        #expect(
          outcome.succeeded && outcome.errors.isEmpty, "\(outcome.status) \(outcome.errorText.prefix(500))")
        #expect(try place.treeDifference("a", "copy") == nil)
        let removed = try place.command("/bin/rm", ["-rf", "a", "copy"]).run()
        #expect(removed.succeeded && !place.exists("copy"))
      }
    }

    @Test("wide trees with 64 and with 32 descriptors", arguments: Engine.forced, [64, 32])
    func fewDescriptors(_ engine: Engine, _ limit: Int64) throws {
      try withScratch(.memory) { place in
        try place.makeTree("a", directories: (0..<100).map { "\($0)" }, files: [])
        for number in 0..<100 {
          try place.makeFlatTree("a/\(number)", count: 20, size: 300)
          try place.makeDirectory("a/\(number)/in")
          try place.makeDeepTree("a/\(number)/in", levels: 5, name: "d", siblingEvery: 2)
        }
        for number in 0..<12 { try place.makeFile("a/large \(number)", size: 8 << 20) }
        let outcome = try place.uringcp("-r", "--chunk-size=1M", "a", "copy", engine: engine).with {
          $0.limits.openFiles = limit
        }.run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        #expect(try place.treeDifference("a", "copy") == nil)
      }
    }

    @Test("the memory for 200,000 files in one directory is less than 256 MiB", arguments: Engine.forced)
    func memory(_ engine: Engine) throws {
      try withScratch(.memory) { place in
        try place.makeDirectory("a")
        try place.makeFlatTree("a", count: 200_000, size: 1)
        // Held at its end, when it has had all it will ever have.
        let command = place.uringcp("-r", "--json", "a", "copy", engine: engine).with {
          $0.supervision = .init([.exitGroup], affected: 1, .hold)
        }
        let (outcome, memoryMax) = try command.running { running in
          #expect(running.waitForHold())
          let memoryMax = running.memoryMax
          running.release()
          return (try running.wait(), memoryMax)
        }
        let object = try #require(try outcome.jsonObjects().first, "\(outcome)")
        #expect(outcome.succeeded && object["files"] as? Int == 200_000, "\(outcome)")
        print("200,000 files with \(engine): at most \(memoryMax >> 20) MiB")
        #expect(memoryMax > 1 << 20 && memoryMax < 256 << 20)
      }
    }

    @Test("a tree of procfs and one of sysfs, whose sizes are lies", arguments: Engine.available)
    func lies(_ engine: Engine) throws {
      try withScratch(.memory) { place in
        let proc = try place.uringcp("-r", "/proc/sys/kernel/random", "proc", engine: engine).run()
        #expect(proc.status == .exited(0) || proc.status == .exited(1), "\(proc)")
        #expect(
          try place.read("proc/boot_id")
            == place.command("/bin/cat", ["/proc/sys/kernel/random/boot_id"]).run().output)
        let sys = try place.uringcp("-r", "/sys/kernel/mm/transparent_hugepage", "sys", engine: engine).run()
        #expect(sys.status == .exited(0) || sys.status == .exited(1), "\(sys)")
        if sys.succeeded { #expect(try !place.read("sys/enabled").isEmpty) }
      }
    }

    // MARK: Interrupts

    @Test(
      "An interrupt leaves complete files alone", arguments: Engine.available,
      [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func interrupted(_ engine: Engine, _ signal: (number: Int32, status: Int32)) throws {
      try withScratch(.memory) { place in
        try place.makeTree("a", directories: (0..<20).map { "\($0)" }, files: [])
        for number in 0..<20 {
          try place.makeFlatTree("a/\(number)", count: 100, size: 3000)
          try place.makeFile("a/\(number)/large", size: 10 << 20)
          try place.makeFile("a/\(number)/middle", size: 2 << 20)
        }
        for skipped in [3, 90, 400] {
          var command = place.uringcp("-r", "--chunk-size=64K", "a", "copy", engine: engine)
          command.supervision = .init(SystemCall.positionedTransfers, skipped: skipped, affected: 1, .hold)
          let outcome = try command.running { running in
            #expect(running.waitForHold())
            running.send(signal.number)
            running.release()
            return try running.wait()
          }
          #expect(outcome.status == .exited(signal.status), "\(outcome)")
          #expect(outcome.errorLines.count <= 1, "\(outcome)")
          #expect(try place.treeDifference("copy", "a", isPart: true) == nil)
          try place.removeTree("copy")
        }
      }
    }
  }
#endif
