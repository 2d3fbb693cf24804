#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// Several sizes of files, each of them compared.
  @Suite("uringtool compare: several sizes") struct CompareSizeTests {
    private static let tool = RawString("\(Executables.directory)/uringtool")

    private func compare(_ place: Workplace, _ arguments: RawString...) -> Command {
      place.command(Self.tool, ["compare"] + arguments)
    }

    private func compared(_ outcome: Outcome) throws -> [[String: Any]] {
      let report = try #require(try outcome.jsonObjects().first, "\(outcome)")
      return report["sizes"] as? [[String: Any]] ?? []
    }

    private func leavesNothing(_ place: Workplace, but names: Set<String> = []) throws {
      #expect(Set(try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)")) == names)
    }

    @Test(
      "each is a comparison of its own, in the order given",
      arguments: [("tree", "small"), ("load", "csv"), ("copy", "large")])
    func sizes(_ job: String, _ kind: String) throws {
      try withScratch { place in
        let files: [RawString] = kind == "large" ? [] : ["--files=20"]
        let outcome = try place.command(
          Self.tool,
          [
            "compare", RawString(job), RawString("--generate=\(kind)"), "--size=4K,64K,1K", "--rounds=1",
            "--engine=sequential,threads", "--json", "--seed=9",
          ] + files
        ).run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        let report = try #require(try outcome.jsonObjects().first)
        #expect(report["type"] as? String == "compareSizes" && report["schema"] as? Int == 1)
        #expect(report["job"] as? String == job && report["interrupted"] is NSNull)
        let sizes = try compared(outcome)
        #expect(sizes.map { $0["fileBytes"] as? Int } == [4096, 65536, 1024])
        #expect(sizes.map { $0["files"] as? Int } == Array(repeating: kind == "large" ? 1 : 20, count: 3))
        for size in sizes {
          let comparison = try #require(size["comparison"] as? [String: Any])
          #expect(comparison["type"] as? String == "compare" && comparison["seed"] as? Int == 9)
          let byteCount = try #require(comparison["sourceBytes"] as? Int)
          #expect(byteCount >= (size["fileBytes"] as! Int) * (size["files"] as! Int))
          let contestants = try #require(comparison["contestants"] as? [[String: Any]])
          #expect(contestants.count == (job == "load" ? 2 : 3))
          for contestant in contestants {
            let seconds = (contestant["toReturnSeconds"] as? [String: Double])?["median"] ?? 0
            let rate = contestant["bytesPerSecond"] as? Double ?? 0
            #expect(abs(rate * seconds / Double(byteCount) - 1) < 1e-9)
          }
        }
        try leavesNothing(place)
      }
    }

    @Test("as text it is a table for each, and one of the rates")
    func text() throws {
      try withScratch { place in
        let outcome = try compare(
          place, "tree", "--generate=small", "--files=5", "--size=4K,1M", "--rounds=1", "--engine=sequential"
        ).run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        let lines = outcome.outputText.split(separator: "\n")
        #expect(
          lines.filter { $0.hasPrefix("1 of 2: ") || $0.hasPrefix("2 of 2: ") } == [
            "1 of 2: 5 files of 4 KiB", "2 of 2: 5 files of 1 MiB",
          ])
        #expect(lines.count { $0.contains("to return, ") } == 2)
        let rates = lines.suffix(3).map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rates[0] == "4 KiB 1 MiB", "\(outcome)")
        for rate in rates[1...] { #expect(rate.hasSuffix("B/s"), "\(rate)") }
        try leavesNothing(place)
      }
    }

    @Test("one size is what it was without a list")
    func one() throws {
      try withScratch { place in
        let outcome = try compare(
          place, "copy", "--generate=large", "--size=1M", "--rounds=1", "--engine=sequential", "--json"
        ).run()
        let report = try #require(try outcome.jsonObjects().first, "\(outcome)")
        #expect(report["type"] as? String == "compare" && report["sizes"] == nil)
        #expect(report["sourceBytes"] as? Int == 1 << 20)
      }
    }

    @Test("who fails at one size is left out there alone")
    func failure() throws {
      try withScratch { place in
        let outcome = try compare(
          place, "copy", "--generate=large", "--size=4K,9K,2K", "--rounds=1", "--engine=sequential",
          "--no-tool",
          "--json", "--html=page.html",
          "--against=sh -c '[ $(stat -c %s $0) -lt 9000 ] && cp $0 $1' {source} {destination}"
        ).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errorText.contains("sh failed") && outcome.errorText.contains("(1 file of 9 KiB)"))
        let found = try compared(outcome).map { size -> [Int] in
          let comparison = size["comparison"] as? [String: Any]
          return ["contestants", "failed"].map { (comparison?[$0] as? [Any])?.count ?? -1 }
        }
        #expect(found == [[2, 0], [1, 1], [2, 0]], "\(outcome)")
        let page = String(decoding: try place.read("page.html"), as: UTF8.self)
        #expect(page.contains("did not come through") && page.contains("1 file of 9 KiB: sh failed"))
        try leavesNothing(place, but: ["page.html"])
      }
    }

    @Test("interrupted, it prints the sizes it has", arguments: InterruptTests.signals)
    func interrupted(_ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        let command = compare(
          place, "copy", "--generate=large", "--size=4K,9K", "--rounds=1", "--engine=sequential", "--no-tool",
          "--json", "--html=page.html",
          "--against=sh -c 'cp $0 $1; [ $(stat -c %s $0) -lt 9000 ] || { echo > log; sleep 1000; }' {source} {destination}"
        )
        try command.running { (running) throws in
          #expect(running.waitUntil { place.exists("log") })
          running.send(signal.number)
          let outcome = try running.wait()
          #expect(outcome.status == .exited(signal.status), "\(outcome)")
          let report = try #require(try outcome.jsonObjects().first, "\(outcome)")
          #expect(report["interrupted"] as? String == "interrupted")
          #expect(try compared(outcome).map { $0["fileBytes"] as? Int } == [4096])
        }
        let page = String(decoding: try place.read("page.html"), as: UTF8.self)
        #expect(page.contains("Stopped early, with 1 of 2 sizes: interrupted."))
        try leavesNothing(place, but: ["log", "page.html"])
      }
    }

    @Test(
      "lists that make no sense are refused before anything is made",
      arguments: [
        ("", "Missing value for '--size"), ("4K,", "from 1 to 1T"), (",4K", "from 1 to 1T"),
        ("4K,,1M", "from 1 to 1T"),
        ("4K,0", "from 1 to 1T"), ("4K,-1", "from 1 to 1T"), ("4K,large", "from 1 to 1T"),
        ("4K,2T", "from 1 to 1T"), ("4K 1M", "from 1 to 1T"), ("4K;1M", "from 1 to 1T"),
        ("4K,99999999999999999999", "from 1 to 1T"), ("4K,1M,4K", "each size once"),
        ("4K,4096", "each size once"), ("1K,2K,3K,4K,5K,6K,7K,8K,9K", "at most 8 sizes"),
      ])
    func misuse(_ list: String, _ words: String) throws {
      try withScratch { place in
        let outcome = try compare(
          place, "tree", "--generate=small", RawString("--size=\(list)"), "--rounds=1"
        ).run()
        #expect(outcome.status == .exited(2) && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.errorText.contains(words), "\(outcome)")
        try leavesNothing(place)
      }
    }

    @Test("several sizes of a source that is named are refused")
    func named() throws {
      try withScratch { place in
        try place.makeFile("file", size: 10)
        let outcome = try compare(place, "copy", "file", "--size=4K,8K").run()
        #expect(
          outcome.status == .exited(2) && outcome.errorText.contains("go with --generate"), "\(outcome)")
      }
    }

    @Test(
      "where the largest has no room nothing is measured, however large it is",
      arguments: [["--size=4K,1T"], ["--size=1T,4K"], ["--size=1T", "--files=10000000"]] as [[RawString]])
    func noRoom(_ arguments: [RawString]) throws {
      try withScratch { place in
        let outcome = try place.command(
          Self.tool, ["compare", "tree", "--generate=small", "--rounds=1", "--html=page.html"] + arguments
        ).run()
        #expect(outcome.status == .exited(1) && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.errorText.contains("not enough space"), "\(outcome)")
        try leavesNothing(place)
      }
    }
  }
#endif
