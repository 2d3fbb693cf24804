#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// The run after the rounds that measures how long operations take.
  @Suite("uringtool compare: latencies") struct CompareLatencyTests {
    private static let tool = RawString("\(Executables.directory)/uringtool")

    private func contestants(_ report: [String: Any]) -> [String: [String: Any]] {
      Dictionary(
        (report["contestants"] as? [[String: Any]] ?? []).map { ($0["name"] as? String ?? "", $0) },
        uniquingKeysWith: { one, _ in one })
    }

    @Test(
      "each of our engines says how long each kind took, nobody else does",
      arguments: ["copy", "tree", "load", "save", "append"])
    func measured(_ job: String) throws {
      try withScratch { place in
        let (source, kind): ([RawString], String) =
          switch job {
          case "copy": (["--generate=large", "--size=3M"], "read")
          case "tree": (["--generate=small", "--files=120", "--size=2000"], "makeDirectory")
          case "load": (["--generate=small", "--files=50"], "read")
          case "save": (["--files=7", "--lines=100"], "createFile")
          default: (["--lines=500", "--tasks=20"], "write")
          }
        let outcome = try place.command(
          Self.tool,
          [
            "compare", RawString(job), "--json", "--rounds=2", "--engine=threads,sequential",
            "--against=true",
          ]
            + source
        ).run()
        let report = try #require(try outcome.jsonObjects().first, "\(outcome)")
        for (name, contestant) in contestants(report) where contestant["origin"] as? String == "engine" {
          // The extra run is no round.
          #expect((contestant["samples"] as? [Any])?.count == 2)
          let kinds = try #require(
            contestant["latencyNanoseconds"] as? [String: [String: Int]], "\(name): \(outcome)")
          // A small file's pages go from one file to the other without a read or a write.
          let isThere = kinds[kind] != nil || job == "copy" && kinds["movePages"] != nil
          #expect(isThere, "\(name): \(kinds)")
          for (kind, latency) in kinds {
            let values = ["p50", "p90", "p99", "p999", "max"].compactMap { latency[$0] }
            #expect(values.count == 5 && values == values.sorted() && values[4] > 0, "\(kind): \(latency)")
            #expect(latency["count"].map { $0 > 0 } == true)
          }
        }
        for contestant in contestants(report).values where contestant["origin"] as? String != "engine" {
          #expect(contestant["latencyNanoseconds"] is NSNull)
        }
        #expect((report["latenciesFailed"] as? [Any])?.isEmpty == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)") == [])
      }
    }

    /// uringtool beside a uringcp that does `script` first, in the shell, where it is to measure.
    private func withTools(_ script: String, _ body: (Workplace, RawString) throws -> Void) throws {
      try withScratch { place in
        try place.makeDirectory("bin")
        try FileManager.default.copyItem(
          atPath: "\(Self.tool)", toPath: "\(place.outside)/bin/uringtool")
        try place.write(
          "bin/uringcp",
          """
          #!/bin/sh
          echo "$*" >> "$(dirname "$0")/log"
          case " $* " in *" --stats "*) \(script) ;; esac
          exec '\(Executables.directory)/uringcp' "$@"

          """)
        try place.changeMode("bin/uringcp", 0o755)
        try place.makeFile("file", size: 100_000)
        try body(place, "bin/uringtool")
      }
    }

    private func arguments(_ more: RawString...) -> [RawString] {
      ["compare", "copy", "file", "--engine=sequential", "--rounds=2"] + more
    }

    /// What uringcp was called with, a line for each call.
    private func log(_ place: Workplace) throws -> [Substring] {
      String(decoding: try place.read("bin/log"), as: UTF8.self).split(separator: "\n")
    }

    private func leavesNothing(_ place: Workplace, but names: Set<String> = ["bin", "file"]) throws {
      #expect(Set(try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)")) == names)
    }

    @Test("it is one run, the last, and made only for reports that show it")
    func once() throws {
      try withTools(":") { place, tool in
        for (option, measures) in [("--json", true), ("--html=page.html", true), ("--no-tool", false)] {
          let outcome = try place.command(tool, arguments(RawString(option))).run()
          #expect(outcome.succeeded, "\(outcome)")
          // The warm-up and two rounds, and that run.
          let calls = try log(place)
          #expect(
            calls.map { $0.contains("--stats") } == [false, false, false] + (measures ? [true] : []),
            "\(calls)")
          try place.remove("bin/log")
        }
        try leavesNothing(place, but: ["bin", "file", "page.html"])
      }
    }

    @Test(
      "who fails in it, hangs, copies wrongly or says nothing is named, and keeps the rounds' figures",
      arguments: [
        ("echo broken >&2; exit 3", "broken"), ("sleep 1000", "more than 1 s"),
        ("for copy do :; done; head -c 99999 file > \"$copy\"; exit 0", "bytes instead of 100000"),
        ("for copy do :; done; cp file \"$copy\"; exit 0", "did not say how long"),
        (
          "for copy do :; done; cp file \"$copy\"; echo '{\"latencyNanoseconds\":{\"read\":{\"count\":1'; exit 0",
          "did not say how long"
        ),
      ])
    func failures(_ script: String, _ words: String) throws {
      try withTools(script) { place, tool in
        let outcome = try place.command(
          tool, arguments("--json", "--html=page.html", "--time-limit=1")
        ).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(
          outcome.errorText.contains("sequential failed when its operations were measured")
            && outcome.errorText.contains(words), "\(outcome)")
        let report = try #require(try outcome.jsonObjects().first)
        let failed = try #require((report["latenciesFailed"] as? [[String: String]])?.first)
        #expect(failed["name"] == "sequential" && failed["reason"]?.contains(words) == true)
        #expect((report["failed"] as? [Any])?.isEmpty == true)
        let contestant = try #require(contestants(report)["sequential"])
        #expect((contestant["samples"] as? [Any])?.count == 2)
        #expect(contestant["latencyNanoseconds"] is NSNull)
        let page = String(decoding: try place.read("page.html"), as: UTF8.self)
        #expect(page.contains("sequential failed when its operations were measured"))
        try leavesNothing(place, but: ["bin", "file", "page.html"])
      }
    }

    @Test("interrupted in it, the rounds' figures are printed", arguments: InterruptTests.signals)
    func interrupted(_ signal: (number: Int32, status: Int32)) throws {
      try withTools("sleep 1000") { place, tool in
        try place.command(tool, arguments("--json")).running { (running) throws in
          #expect(running.waitUntil { (try? log(place).last?.contains("--stats")) == true })
          running.send(signal.number)
          let outcome = try running.wait()
          #expect(outcome.status == .exited(signal.status), "\(outcome)")
          let report = try #require(try outcome.jsonObjects().first)
          #expect(report["rounds"] as? Int == 2)
          #expect(
            report["interrupted"] as? String
              == "interrupted, after 2 of 2 rounds, while operations were measured")
        }
        try leavesNothing(place)
      }
    }
  }
#endif
