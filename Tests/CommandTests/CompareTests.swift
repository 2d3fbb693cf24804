#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("uringtool compare") struct CompareTests {
    private static let tool = RawString("\(Executables.directory)/uringtool")

    private func compare(_ place: Workplace, _ arguments: RawString...) -> Command {
      place.command(Self.tool, ["compare"] + arguments)
    }

    /// What a comparison made is gone.
    private func leavesNothing(_ place: Workplace, but names: [String]) throws {
      let left = try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)")
      #expect(Set(left) == Set(names))
    }

    private func report(_ outcome: Outcome) throws -> [String: Any] {
      try #require(try outcome.jsonObjects().first)
    }

    private func contestants(_ report: [String: Any]) -> [[String: Any]] {
      report["contestants"] as? [[String: Any]] ?? []
    }

    private func reasons(_ report: [String: Any], _ list: String) -> [String: String] {
      var reasons: [String: String] = [:]
      for entry in report[list] as? [[String: String]] ?? [] {
        reasons[entry["name"] ?? ""] = entry["reason"]
      }
      return reasons
    }

    // MARK: Each job

    @Test("each job, with all its samples", arguments: ["copy", "tree", "load", "save", "append"])
    func jobs(_ job: String) throws {
      try withScratch { place in
        let source: [RawString] =
          switch job {
          case "copy": ["--generate=large", "--size=3M"]
          case "tree": ["--generate=small", "--files=120", "--size=2000"]
          case "load": ["--generate=csv", "--files=12", "--size=30K"]
          case "save": ["--files=7", "--lines=100"]
          default: ["--lines=500", "--tasks=20"]
          }
        let outcome = try place.command(
          Self.tool,
          [
            "compare", RawString(job), "--json", "--rounds=2", "--seed=5",
            "--engine=threads,sequential,threads",
          ]
            + source
        ).run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        let report = try report(outcome)
        #expect(report["schema"] as? Int == 1 && report["job"] as? String == job)
        #expect(report["rounds"] as? Int == 2 && report["seed"] as? Int == 5)
        let names = Set(contestants(report).compactMap { $0["name"] as? String })
        let tool: Set<String> = job == "copy" ? ["cp"] : job == "tree" ? ["cp -r"] : []
        #expect(names == tool.union(["threads", "sequential", "threads (2)"]))
        #expect(report["baseline"] as? String == tool.first ?? "sequential")
        for contestant in contestants(report) {
          let samples = try #require(contestant["samples"] as? [[String: Any]])
          #expect(samples.map { $0["round"] as? Int } == [1, 2])
          for sample in samples {
            let toReturn = try #require(sample["toReturnSeconds"] as? Double)
            #expect(toReturn > 0)
            if job != "load" { #expect((sample["toDiskSeconds"] as? Double).map { $0 >= toReturn } == true) }
            #expect((sample["contextSwitches"] as? Int).map { $0 >= 0 } == true)
          }
        }
        // Two rounds are too few for any verdict.
        #expect((report["conclusion"] as? String)?.contains("too few rounds") == true)
        let positions = contestants(report).compactMap {
          (($0["samples"] as? [[String: Any]])?.first)?["position"] as? Int
        }
        #expect(positions.sorted() == Array(0..<names.count))
        try leavesNothing(place, but: [])
      }
    }

    @Test("a user's own file, directory and archive, of any name")
    func own() throws {
      try withScratch { place in
        try place.makeDirectory("in \u{fc}")
        let odd = RawString(Array("in \u{fc}/\u{1}".utf8) + [0xff, 0x27])
        try place.makeFile(odd, size: 70_000)
        try place.makeFile("in \u{fc}/b", size: 10)
        try place.makeSymbolicLink("in \u{fc}/link", to: "nowhere")
        for arguments in [
          ["copy", odd], ["tree", "in \u{fc}"], ["tree", "in \u{fc}/"], ["load", "in \u{fc}"],
          ["copy", odd, "--uncached"], ["tree", "in \u{fc}", "--uncached"],
        ] as [[RawString]] {
          let outcome = try place.command(
            Self.tool, ["compare"] + arguments + ["--rounds=1", "--engine=sequential,auto"]
          ).run()
          #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
          #expect(outcome.outputText.contains("to return"))
        }
        let archive = try place.command("/bin/sh", ["-c", "tar cf a.tar 'in \u{fc}'"]).run()
        #expect(archive.succeeded)
        let saved = try compare(
          place, "save", "a.tar", "--rounds=1", "--engine=sequential,threads",
          "--against=sh -c 'mkdir \"$0\" && tar xf - -C \"$0\"' {destination}", "--json"
        ).run()
        #expect(saved.succeeded, "\(saved)")
        #expect(contestants(try report(saved)).count == 3)
        try leavesNothing(place, but: ["in \u{fc}", "a.tar"])
      }
    }

    @Test("with ten rounds or fewer samples it says what is clear, and a table and bars show it")
    func verdict() throws {
      try withScratch { place in
        let outcome = try compare(
          place, "append", "--lines=300", "--tasks=3", "--engine=sequential", "--rounds=6", "--json",
          "--against=sh -c 'i=0; sleep 0.2; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); done > $0' {destination}"
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let report = try report(outcome)
        #expect(report["baseline"] as? String == "sequential")
        let slow = try #require(contestants(report).first { $0["name"] as? String == "sh" })
        let ratio = try #require(slow["ratioToReturn"] as? [String: Any])
        #expect(ratio["isClear"] as? Bool == true)
        #expect((ratio["high"] as? Double).map { $0 < 1 } == true)
        #expect((report["conclusion"] as? String)?.hasPrefix("To return, sequential is ") == true)
      }
    }

    // MARK: Contestants that fail

    @Test("a program that fails, hangs, cannot be started or makes something wrong is named and left out")
    func failures() throws {
      try withScratch { place in
        try place.makeFile("file", size: 100_000)
        let outcome = try compare(
          place, "copy", "file", "--engine=sequential", "--rounds=1", "--json", "--time-limit=1",
          "--against=sh -c 'echo broken >&2; exit 3'", "--against=sleep 1000", "--against=no-such-program",
          "--against=sh -c 'cp $0 $1; printf x | dd conv=notrunc bs=1 seek=50000 of=$1 2>/dev/null' {source} {destination}",
          "--against=sh -c 'head -c 99999 $0 > $1' {source} {destination}", "--against=true",
          "--against=cat {source}", "--against=sh -c 'sleep 1000 & cp $0 $1' {source} {destination}"
        ).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        let report = try report(outcome)
        #expect(Set(contestants(report).compactMap { $0["name"] as? String }) == ["sequential", "cp"])
        let failed = reasons(report, "failed")
        #expect(failed["sh"] == "broken" && failed["sleep"]?.contains("more than 1 s") == true)
        #expect(failed["no-such-program"]?.contains("No such file") == true)
        #expect(failed["sh (2)"]?.contains("differs") == true, "\(failed)")
        #expect(failed["sh (3)"]?.contains("99999 bytes instead of 100000") == true)
        #expect(failed["true"] != nil && failed["cat"] != nil)
        #expect(failed["sh (4)"]?.contains("more than 1 s") == true, "what it leaves running holds the pipe")
        for name in failed.keys { #expect(outcome.errorText.contains(name)) }
        try leavesNothing(place, but: ["file"])
      }
    }

    @Test("a wrong tree is told by what is wrong with it")
    func wrongTrees() throws {
      try withScratch { place in
        try place.makeTree("tree", directories: ["a", "b"], files: ["a/one", "b/two"])
        try place.makeSymbolicLink("tree/link", to: "a/one")
        for (command, words) in [
          ("cp -r $0 $1; rm $1/a/one", "'a/one' is missing"),
          ("cp -r $0 $1; touch $1/a/p", "'a/p' is not of"),
          ("cp -r $0 $1; rm $1/link; ln -s b $1/link", "leads elsewhere"),
          ("cp -r $0 $1; rm $1/link; touch $1/link", "another kind"),
          ("cp -r $0 $1; echo > $1/b/two", "bytes instead of"), ("cp -r $0 $1; touch $1/z", "'z' is not of"),
        ] {
          let outcome = try compare(
            place, "tree", "tree", "--engine=sequential", "--no-tool", "--rounds=1",
            RawString("--against=sh -c '\(command)' {source} {destination}")
          ).run()
          #expect(outcome.status == .exited(1) && outcome.errorText.contains("sh failed"), "\(outcome)")
          #expect(
            outcome.errorText.contains(words) || command.hasSuffix("touch $1/z"), "\(command): \(outcome)")
        }
        try leavesNothing(place, but: ["tree"])
      }
    }

    @Test("where nobody comes through, that is said, and everybody is named")
    func nobody() throws {
      try withScratch { place in
        try place.makeFile("file", size: 100_000)
        let outcome = try compare(place, "copy", "file", "--engine=sequential", "--against=false")
          .with { $0.limits.fileSize = 1000 }.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.outputText.contains("No run came through"))
        for name in ["sequential", "cp", "false"] { #expect(outcome.errorText.contains("\(name) failed")) }
        try leavesNothing(place, but: ["file"])
      }
    }

    // MARK: Bad input

    @Test(
      "what makes no sense is refused before anything is made",
      arguments: [
        ["copy"], ["copy", "a", "--generate=large"], ["copy", "--generate=small"],
        ["tree", "--generate=large"],
        ["copy", "a", "--rounds=0"], ["copy", "a", "--engine=none"], ["copy", "a", "--engine=uring:batch=3"],
        ["append", "--engine=uring:chunk-size=1M"], ["copy", "a", "--against="],
        ["copy", "a", "--against='x"],
        ["copy", "a", "--time-limit=0"], ["load", "--files=3"], ["save", "a", "--files=3"],
        ["append", "--lines=0"],
        ["tree", "--generate=small", "--size=0"], ["nothing"],
      ] as [[RawString]])
    func misuse(_ arguments: [RawString]) throws {
      try withScratch { place in
        try place.makeFile("a", size: 10)
        let outcome = try place.command(Self.tool, ["compare"] + arguments).run()
        #expect(
          outcome.status == .exited(2) && !outcome.errors.isEmpty && outcome.output.isEmpty, "\(outcome)")
        try leavesNothing(place, but: ["a"])
      }
    }

    @Test(
      "a source that is none, a place that takes nothing, or a report that cannot be written",
      arguments: [
        (["copy", "missing"], "missing"), (["copy", "."], "directory"), (["copy", "empty"], "empty"),
        (["copy", "fifo"], "not a regular file"), (["tree", "a"], "no directory"),
        (["tree", "nothing"], "empty"),
        (["load", "nothing"], "no files"), (["tree", "special"], "neither"),
        (["save", "missing"], "missing"),
        (["save", "a"], "cannot be saved"), (["copy", "a", "--directory=nowhere"], "nowhere"),
        (["copy", "a", "--directory=a"], "a"),
        (["copy", "--generate=large", "--size=1T"], "not enough space"),
        (["copy", "a", "--html=nowhere/page.html"], "cannot write the report"),
        (["copy", "a", "--html=nothing"], "it is a directory"),
        (["tree", "special", "--directory=special"], "neither"),
        (["copy", "a", "--baseline=x"], "no contestant 'x'"),
      ] as [([RawString], String)])
    func badInput(_ arguments: [RawString], words: String) throws {
      try withScratch { place in
        try place.makeFile("a", size: 10)
        try place.write("empty", "")
        try place.makeFIFO("fifo")
        try place.makeDirectory("nothing")
        try place.makeDirectory("special")
        try place.makeFIFO("special/fifo")
        let outcome = try place.command(Self.tool, ["compare"] + arguments + ["--rounds=1"]).run()
        #expect(outcome.status == .exited(words.hasPrefix("no contestant") ? 2 : 1), "\(outcome)")
        #expect(outcome.errorText.contains(words) && outcome.output.isEmpty, "\(outcome)")
        try leavesNothing(place, but: ["a", "empty", "fifo", "nothing", "special"])
      }
    }

    @Test("copies are not made inside the tree that is copied")
    func inside() throws {
      try withScratch { place in
        try place.makeTree("tree", directories: ["a"], files: ["a/one"])
        let outcome = try compare(place, "tree", "tree", "--directory=tree/a", "--rounds=1").run()
        #expect(outcome.status == .exited(1) && outcome.errorText.contains("inside"), "\(outcome)")
        try leavesNothing(place, but: ["tree"])
      }
    }

    @Test("a source that somebody writes into meanwhile ends the comparison")
    func changing() throws {
      try withScratch { place in
        try place.makeFile("file", size: 1000)
        let outcome = try compare(
          place, "copy", "file", "--engine=sequential", "--rounds=2",
          "--against=sh -c 'cp $0 $1; echo >> $0' {source} {destination}"
        ).run()
        #expect(outcome.status == .exited(1) && outcome.errorText.contains("changed while"), "\(outcome)")
        try leavesNothing(place, but: ["file"])
      }
    }

    @Test("interrupted, it prints what it has and removes what it made", arguments: InterruptTests.signals)
    func interrupted(_ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        try place.makeFile("file", size: 1000)
        let command = compare(
          place, "copy", "file", "--engine=sequential", "--no-tool", "--rounds=1000", "--html=page.html",
          "--against=sh -c 'cp $0 $1; echo >> log' {source} {destination}")
        try command.running { (running) throws in
          // The warm-up, and two rounds for sure.
          #expect(running.waitUntil { place.size("log") ?? 0 >= 4 })
          running.send(signal.number)
          let outcome = try running.wait()
          #expect(outcome.status == .exited(signal.status), "\(outcome)")
          #expect(
            outcome.outputText.contains("interrupted, after") && outcome.outputText.contains("of 1000 rounds")
          )
          #expect(outcome.outputText.contains("to return"))
        }
        #expect(String(decoding: try place.read("page.html"), as: UTF8.self).contains("Stopped early"))
        try leavesNothing(place, but: ["file", "log", "page.html"])
      }
    }

    @Test("the text fits its terminal, and its bars are drawn with what that can show")
    func text() throws {
      try withScratch { place in
        try place.makeFile("file", size: 100_000)
        for locale in ["C", "C.UTF-8"] {
          let outcome = try compare(place, "copy", "file", "--engine=sequential", "--rounds=1")
            .with { $0.environment["LC_ALL"] = locale }.run()
          #expect(outcome.succeeded)
          #expect(outcome.outputText.contains(locale == "C" ? "##########" : "██████████"), "\(outcome)")
        }
      }
    }
  }
#endif
