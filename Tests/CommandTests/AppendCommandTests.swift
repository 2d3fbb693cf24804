#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// `uringtool append`, as a shell user runs it; several processes at one file, full disks, limits and signals.
  @Suite("uringtool append") struct AppendCommandTests {
    private static let tool = "\(Executables.directory)/uringtool"

    /// A shell command line in which `$TOOL` is the program.
    private func shell(_ place: Workplace, _ script: String) -> Command {
      place.command("/bin/sh", ["-c", RawString(script)]).with { $0.environment["TOOL"] = Self.tool }
    }

    private func append(_ place: Workplace, _ arguments: RawString..., engine: Engine = .auto) -> Command {
      place.command(RawString(Self.tool), ["append", "--engine=\(engine)"] + arguments)
    }

    private func lines(_ bytes: [UInt8]) -> [Substring] {
      String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// What `--generate` makes: each task's lines whole, once and in order; others are handed back.
    private func check(
      _ bytes: [UInt8], taskCount: Int, lineCount: Int, copies: Int = 1,
      sourceLocation: SourceLocation = #_sourceLocation
    ) -> [Substring] {
      var counts: [Substring: Int] = [:]
      var others: [Substring] = []
      var all = lines(bytes)
      #expect(all.popLast() == "", "the file ends with a newline", sourceLocation: sourceLocation)
      for line in all {
        if line.hasPrefix("task ") { counts[line, default: 0] += 1 } else { others.append(line) }
      }
      #expect(counts.values.allSatisfy { $0 == copies }, sourceLocation: sourceLocation)
      #expect(counts.count == taskCount * lineCount, sourceLocation: sourceLocation)
      for task in 0..<taskCount {
        for line in 0..<lineCount where counts["task \(task) line \(line)"] == nil {
          Issue.record("task \(task) line \(line) is missing", sourceLocation: sourceLocation)
        }
      }
      return others
    }

    // MARK: Standard input

    @Test("Lines of standard input are appended as they came, also the last one", arguments: Engine.available)
    func standardInput(_ engine: Engine) throws {
      try withScratch { place in
        try place.write("input", "one\n\ntwo\u{0}\u{ff}\nlast")
        try place.write("log", "before\n")
        let outcome = try shell(place, "\"$TOOL\" append log --engine=\(engine) < input").run()
        #expect(outcome.succeeded && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
        #expect(try place.read("log") == Array("before\n".utf8) + place.read("input"))
      }
    }

    @Test("No input creates the file and nothing else")
    func empty() throws {
      try withScratch { place in
        let outcome = try append(place, "log").run()
        #expect(outcome.succeeded && place.size("log") == 0, "\(outcome)")
      }
    }

    @Test("A large input arrives whole and in order, with one writer and with several")
    func largeInput() throws {
      try withScratch { place in
        let numbers = "seq 1 300000"
        let one = try shell(place, "\(numbers) > input; \"$TOOL\" append one < input; cmp input one").run()
        #expect(one.succeeded, "\(one)")
        // In turn: each of the seven writers keeps its own order, and nothing is lost.
        let several = try shell(
          place, "\"$TOOL\" append several --writers 7 < input; sort -n several | cmp input"
        ).run()
        #expect(several.succeeded, "\(several)")
      }
    }

    @Test("A line longer than every buffer is one record")
    func longLine() throws {
      try withScratch { place in
        try place.write("input", [UInt8](repeating: 0x78, count: 5_000_000) + [0x0a, 0x79])
        let outcome = try shell(place, "cat input | \"$TOOL\" append log --json; cmp input log").run()
        #expect(outcome.succeeded, "\(outcome)")
        let object = try #require(try outcome.jsonObjects().first)
        #expect(object["records"] as? Int == 2 && object["bytes"] as? Int == 5_000_002)
      }
    }

    // MARK: Generated lines

    @Test(
      "A thousand tasks append ten thousand lines: none lost, none twice, none torn",
      arguments: Engine.available, [[], ["--await-each"]] as [[RawString]])
    func generated(_ engine: Engine, _ options: [RawString]) throws {
      try withScratch { place in
        let outcome = try append(place, "log", "--generate=10000", "--tasks=1000", "--json", engine: engine)
          .with { $0.arguments += options }.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(check(try place.read("log"), taskCount: 1000, lineCount: 10) == [])
        let object = try #require(try outcome.jsonObjects().first)
        #expect(object["type"] as? String == "append" && object["path"] as? String == "log")
        #expect(object["records"] as? Int == 10_000 && object["failedRecords"] as? Int == 0)
        #expect(object["bytes"] as? Int == place.size("log").map(Int.init))
        #expect((object["seconds"] as? Double ?? 0) > 0)
        #expect(object["error"] is NSNull)
      }
    }

    @Test("Durable lines share their syncs")
    func durable() throws {
      try withScratch { place in
        let outcome = try append(
          place, "log", "--generate=25600", "--tasks=256", "--await-each", "--durable", "--json"
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let object = try #require(try outcome.jsonObjects().first)
        let syncs = try #require(object["syncs"] as? Int)
        #expect(object["records"] as? Int == 25_600 && syncs > 0 && syncs == object["batches"] as? Int)
        #expect(check(try place.read("log"), taskCount: 256, lineCount: 100) == [])
      }
    }

    @Test("--stats prints what was done, and the time")
    func stats() throws {
      try withScratch { place in
        let outcome = try append(
          place, "log", "--generate=100", "--tasks=10", "--stats", "--random-lengths"
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        for word in ["100 lines appended by 10 tasks in ", "records", "write", "lock", "bytes"] {
          #expect(outcome.outputText.contains(word), "\(word) in \(outcome)")
        }
      }
    }

    // MARK: Several writers

    @Test("Processes that append at the same time, and echo beside them, lose nothing")
    func severalProcesses() throws {
      try withScratch { place in
        let script = """
          for i in 1 2 3; do
            "$TOOL" append log --generate=20000 --tasks=100 --await-each & pids="$pids $!"
          done
          for who in a b; do
            ( i=0; while [ $i -lt 1000 ]; do echo "echo $who $i" >> log; i=$((i + 1)); done ) & pids="$pids $!"
          done
          for pid in $pids; do wait $pid || exit 1; done
          """
        let outcome = try shell(place, script).run()
        #expect(outcome.succeeded, "\(outcome)")
        let others = check(try place.read("log"), taskCount: 100, lineCount: 200, copies: 3)
        for who in ["a", "b"] {
          #expect(others.filter { $0.hasPrefix("echo \(who) ") } == (0..<1000).map { "echo \(who) \($0)" })
        }
        #expect(others.count == 2000)
      }
    }

    @Test("Whoever holds the file's lock is waited for")
    func heldLock() throws {
      try withScratch { place in
        let holder = place.command("/bin/sh", ["-c", "exec 9>>log; flock 9; echo locked; read _ || :"])
          .with { $0.input = .pipe }
        try holder.running { (holding) throws in
          #expect(try holding.readOutput { $0.contains("locked") }.contains("locked"))
          try append(place, "log", "--generate=10").running { (running) throws in
            #expect(running.waitUntil { place.isOpen("log", in: running.process) })
            #expect(place.size("log") == 0)
            holding.closeInput()
            let outcome = try running.wait()
            #expect(outcome.succeeded, "\(outcome)")
          }
        }
        #expect(check(try place.read("log"), taskCount: 1, lineCount: 10) == [])
      }
    }

    // MARK: What cannot be appended to

    @Test("Directories, FIFOs and missing directories are refused in one line")
    func refusedTargets() throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        for (target, reason) in [
          (".", "Is a directory"), ("fifo", "FIFO"), ("missing/log", "No such file or directory"),
        ] {
          let outcome = try append(place, RawString(target), "--generate=1").run()
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorLines.count == 1 && outcome.errorText.contains("'\(target)'"), "\(outcome)")
          #expect(outcome.errorText.contains(reason), "\(outcome)")
        }
      }
    }

    @Test(
      "A read-only file is refused",
      .enabled(if: Requirement.root && Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"))
    func readOnly() throws {
      try withScratch { place in
        try place.write("log", "before\n")
        try place.changeMode("log", 0o444)
        let outcome = try append(place, "log", "--generate=1").with { $0.user = Users.ordinary }.run()
        #expect(outcome.status == .exited(1) && outcome.errorText.contains("Permission denied"), "\(outcome)")
        #expect(try place.read("log") == Array("before\n".utf8))
      }
    }

    @Test("/dev/null takes lines, /dev/full refuses them")
    func devices() throws {
      try withScratch { place in
        let null = try append(place, "/dev/null", "--generate=100", "--tasks=10").run()
        #expect(null.succeeded, "\(null)")
        let full = try append(place, "/dev/full", "--generate=100", "--tasks=10", "--json").run()
        #expect(full.status == .exited(1) && full.errorText.contains("No space left on device"), "\(full)")
        let object = try #require(try full.jsonObjects().first)
        #expect(object["records"] as? Int == 0)
        #expect((object["error"] as? String)?.contains("No space left on device") == true)
      }
    }

    @Test(
      "A full disk tears no line and leaves no zeros",
      .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"), arguments: Engine.available)
    func fullDisk(_ engine: Engine) throws {
      try withVolume(.tmpfs, mebibytes: 1) { volume, disk in
        for options in [[], ["--await-each"], ["--durable"]] as [[RawString]] {
          let outcome = try append(
            disk, "volume/log", "--generate=100000", "--tasks=40", "--random-lengths", "--json",
            engine: engine
          ).with { $0.arguments += options }.run()
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorText.contains("No space left on device"), "\(outcome)")
          try checkWhole(volume, "log", outcome)
          try volume.remove("log")
        }
      }
    }

    @Test("The file size limit tears no line", arguments: Engine.available)
    func fileSizeLimit(_ engine: Engine) throws {
      try withScratch { place in
        let outcome = try append(
          place, "log", "--generate=100000", "--tasks=40", "--random-lengths", "--json", engine: engine
        ).with { $0.limits.fileSize = 100_001 }.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errorText.contains("File too large"), "\(outcome)")
        try checkWhole(place, "log", outcome)
      }
    }

    /// The file has as many lines, each whole, as the report says were appended.
    private func checkWhole(_ place: Workplace, _ name: RawString, _ outcome: Outcome) throws {
      let bytes = try place.read(name)
      let object = try #require(try outcome.jsonObjects().first)
      #expect(bytes.last == UInt8(ascii: "\n") && !bytes.contains(0))
      #expect(object["bytes"] as? Int == bytes.count)
      let all = lines(bytes).dropLast()
      #expect(object["records"] as? Int == all.count && all.count > 100)
      #expect(Set(all).count == all.count)
      let pattern = /task \d+ line \d+( [a-z]*)?/
      #expect(all.allSatisfy { $0.wholeMatch(of: pattern) != nil })
    }

    // MARK: Misuse and signals

    @Test("Misuse is told with status 2")
    func misuse() throws {
      try withScratch { place in
        for arguments in [
          [], ["log", "--writers=0"], ["log", "--writers=x"], ["log", "--tasks=3"],
          ["log", "--generate=-1"],
          ["log", "--generate=1", "--tasks=0"], ["log", "--await-each"], ["log", "more"],
          ["log", "--workers=0"],
          ["log", "--engine=steam"], [""],
        ] as [[RawString]] {
          let outcome = try place.command(RawString(Self.tool), ["append"] + arguments).run()
          #expect(outcome.status == .exited(2), "\(arguments) \(outcome)")
          #expect(!outcome.errors.isEmpty && !place.exists("log"))
        }
      }
    }

    @Test(
      "A signal ends it while the input says nothing; what came is appended",
      arguments: [
        (SIGINT, Int32(130)), (SIGTERM, Int32(143)),
      ])
    func signals(_ signal: Int32, _ status: Int32) throws {
      try withScratch { place in
        try place.makeFIFO("input")
        let script = "exec \"$TOOL\" append log < input"
        let writer = place.command("/bin/sh", ["-c", "exec >input; echo one; read _ || :"])
          .with { $0.input = .pipe }
        try writer.running { _ in
          try shell(place, script).running { (running) throws in
            #expect(running.waitUntil { place.size("log") ?? 0 > 0 })
            running.send(signal)
            #expect(try running.wait().status == .exited(status))
          }
        }
        #expect(try place.read("log") == Array("one\n".utf8))
      }
    }

    @Test("A signal stops the tasks that make lines; every line is whole")
    func signalWhileGenerating() throws {
      try withScratch { place in
        let command = append(place, "log", "--generate=1000000000", "--tasks=50", "--await-each", "--json")
        try command.running { (running) throws in
          #expect(running.waitUntil { place.size("log") ?? 0 > 100_000 })
          running.send(SIGINT)
          let outcome = try running.wait()
          #expect(outcome.status == .exited(130))
          #expect(try outcome.jsonObjects().first?["bytes"] as? Int == place.size("log").map(Int.init))
        }
        #expect(try place.read("log").last == UInt8(ascii: "\n"))
      }
    }
  }
#endif
