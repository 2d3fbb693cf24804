#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("uringtool load") struct LoadCommandTests {
    static let tool = RawString("\(Executables.directory)/uringtool")

    private func load(_ place: Workplace, _ arguments: [RawString]) -> Command {
      place.command(Self.tool, ["load"] + arguments)
    }

    private func engineOption(_ engine: Engine) -> RawString { "--engine=\(engine)" }

    @Test("loads what it is given and says how much that was", arguments: Engine.available)
    func json(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("one", size: 3_000_000)
        try place.makeFile("two", size: 10)
        try place.write("empty", "")
        for order in [[], ["--in-order"], ["--keep"], ["--max-bytes=1"], ["--batch=1"]] as [[RawString]] {
          let outcome = try load(
            place, ["--json", engineOption(engine)] + order + ["one", "two", "empty", "two"]
          ).run()
          #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
          let object = try #require(try outcome.jsonObjects().first)
          #expect(object["type"] as? String == "load")
          #expect(object["files"] as? Int == 4)
          #expect(object["bytes"] as? Int == 3_000_020)
          #expect(object["errors"] as? Int == 0)
          #expect((object["seconds"] as? Double).map { $0 > 0 } == true)
          #expect((object["operations"] as? [String: Int])?["openFile"] == 4)
          #expect((object["engineReason"] as? String)?.isEmpty == false)
          if engine != .auto { #expect(object["engine"] as? String == engine.rawValue) }
        }
      }
    }

    @Test("prints a summary for people, and with --stats what was asked of the kernel")
    func summary() throws {
      try withScratch { place in
        try place.makeFile("one", size: 2048)
        let outcome = try load(place, ["one"]).run()
        #expect(outcome.outputText.hasPrefix("1 files, 2.0 KiB in "), "\(outcome)")
        #expect(outcome.outputText.split(separator: "\n").count == 1)
        let statistics = try load(place, ["--stats", "--engine=sequential", "one"]).run().outputText
        #expect(statistics.contains("engine: sequential (asked for)"), "\(statistics)")
        for word in ["openFile", "2.0 KiB", "punts avoided", "in flight", "s working"] {
          #expect(statistics.contains(word), "\(word) in \(statistics)")
        }
      }
    }

    @Test("--trace writes each operation", arguments: Engine.available)
    func trace(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("one", size: 2048)
        let outcome = try load(place, ["--trace=trace", engineOption(engine), "one", "missing"]).run()
        #expect(outcome.status == .exited(1))
        let trace = try JSONSerialization.jsonObject(with: Data(place.read("trace"))) as? [String: Any]
        let events = try #require(trace?["traceEvents"] as? [[String: Any]])
        // Each is tried in one operation; what that cannot do is done step by step.
        #expect(events.count { $0["name"] as? String == "loadSmallFile" } == 2)
        #expect(events.count { $0["name"] as? String == "openFile" } == 1)
        let refused = try load(place, ["--trace=no/where", "one"]).run()
        #expect(refused.status == .exited(1) && refused.output.isEmpty, "\(refused)")
      }
    }

    @Test("names each path that cannot be loaded, and goes on", arguments: Engine.available)
    func errors(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("good", size: 100)
        try place.makeDirectory("directory")
        try place.makeFIFO("fifo")
        let outcome = try load(
          place, [engineOption(engine), "--in-order", "--json", "missing", "directory", "good", "fifo"]
        ).run()
        #expect(outcome.status == .exited(1))
        try #require(outcome.errorLines.count == 3, "\(outcome)")
        #expect(outcome.errorLines[0] == "uringtool: cannot open 'missing': No such file or directory")
        #expect(outcome.errorLines[1] == "uringtool: cannot load 'directory': Is a directory")
        #expect(outcome.errorLines[2].hasPrefix("uringtool: cannot load 'fifo': Operation not supported"))
        let object = try #require(try outcome.jsonObjects().first)
        #expect(object["files"] as? Int == 1)
        #expect(object["errors"] as? Int == 3)
      }
    }

    @Test("takes names that are no UTF-8, on the command line and in a list")
    func rawNames() throws {
      try withScratch { place in
        let name = RawString([0x61, 0xff, 0xfe, 0x0a, 0x62])
        try place.write(name, "12345")
        try place.write("list", name.bytes + [0])
        let outcome = try load(place, ["--json", "--0", "--list=list", name]).run()
        #expect(outcome.succeeded, "\(outcome)")
        let object = try #require(try outcome.jsonObjects().first)
        #expect(object["files"] as? Int == 2)
        #expect(object["bytes"] as? Int == 10)
      }
    }

    @Test("reads a list from a file or standard input, whose last line need not end")
    func lists() throws {
      try withScratch { place in
        for number in 0..<500 { try place.write("file \(number)", "12345678") }
        let names = (0..<500).map { "file \($0)" }
        for (list, option) in [
          (names.joined(separator: "\n"), []), (names.joined(separator: "\n") + "\n", []),
          (names.joined(separator: "\0") + "\0", ["--0"]),
        ] as [(String, [RawString])] {
          try place.write("list", list)
          let fromFile = try load(place, ["--json", "--list", "list"] + option).run()
          #expect(try fromFile.jsonObjects().first?["bytes"] as? Int == 4000, "\(fromFile)")
          let line = RawString("cat list | '\(Self.tool)' load --json --list - \(option.first ?? "")")
          let fromInput = try place.command("/bin/sh", ["-c", line]).run()
          #expect(try fromInput.jsonObjects().first?["bytes"] as? Int == 4000, "\(fromInput)")
        }
      }
    }

    @Test("counts an empty line, and a name with a zero byte, as errors")
    func badLines() throws {
      try withScratch { place in
        try place.write("good", "1")
        try place.write("list", Array("good\n\ngo".utf8) + [0] + Array("od\ngood".utf8))
        let outcome = try load(place, ["--json", "--list", "list"]).run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorText.contains("cannot open '': No such file or directory"), "\(outcome)")
        #expect(outcome.errorText.contains("has a zero byte"), "\(outcome)")
        #expect(try outcome.jsonObjects().first?["files"] as? Int == 2)
      }
    }

    @Test(
      "makes do with few descriptors and little memory", arguments: Engine.available, [[], ["--in-order"]])
    func fewDescriptors(_ engine: Engine, _ order: [RawString]) throws {
      try withScratch { place in
        var names: [RawString] = []
        for number in 0..<400 {
          names.append("file \(number)")
          try place.makeFile(names[number], size: Int64(1 + number % 7 * 20_000))
        }
        var command = load(place, ["--json", engineOption(engine), "--max-bytes=100K"] + order + names)
        command.limits.openFiles = 64
        let outcome = try command.run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        #expect(try outcome.jsonObjects().first?["files"] as? Int == 400)
      }
    }

    @Test(
      "loads thousands of small files, many at once where the kernel has tables of descriptors for that",
      arguments: Engine.available, [ENOSYS, EPERM, 0])
    func smallFiles(_ engine: Engine, _ refusal: Int32) throws {
      try withScratch { place in
        let count = 3000
        var list: [UInt8] = []
        var byteCount = 0
        for number in 0..<count {
          // Alike at first, then of all sizes.
          let size = number < count / 2 ? 3800 : number * 7919 % 30_000
          try place.makeFile("\(number)", size: Int64(size))
          list += Array("\(number)".utf8) + [0]
          byteCount += size
        }
        try place.write("list", list)
        for limit in [Int64](arrayLiteral: 1024, 26) {
          var command = load(place, ["--trace=trace", "--json", engineOption(engine), "--list=list", "--0"])
          if refusal != 0 { command.refusals = [.init(.closeRange, errno: refusal)] }
          command.limits.openFiles = limit
          let outcome = try command.run()
          #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
          let object = try #require(try outcome.jsonObjects().first)
          #expect(object["files"] as? Int == count && object["bytes"] as? Int == byteCount, "\(outcome)")
          guard limit == 1024 else { continue }
          let trace = String(decoding: try place.read("trace"), as: UTF8.self)
          #expect(trace.contains("loadSmallFiles") == (refusal == 0 && engine != .sequential))
        }
      }
    }

    @Test("fails where the list cannot be read")
    func missingList() throws {
      try withScratch { place in
        try place.makeDirectory("directory")
        let missing = try load(place, ["--list", "missing"]).run()
        #expect(missing.status == .exited(1))
        #expect(missing.errorText == "uringtool: cannot open 'missing': No such file or directory\n")
        let directory = try load(place, ["--list", "directory"]).run()
        #expect(directory.status == .exited(1))
        #expect(directory.errorText.contains("error reading 'directory': Is a directory"), "\(directory)")
      }
    }

    @Test(
      "refuses wrong usage with status 2",
      arguments: [
        [], ["--0", "x"], ["--depth=0", "x"], ["--workers=257", "x"], ["--max-bytes=0", "x"],
        ["--batch=0", "x"], ["--max-bytes=x", "x"], ["--engine=none", "x"], ["--unknown", "x"],
      ] as [[RawString]])
    func misuse(_ arguments: [RawString]) throws {
      try withScratch { place in
        let outcome = try load(place, arguments).run()
        #expect(outcome.status == .exited(2), "\(outcome)")
        #expect(!outcome.errors.isEmpty)
        #expect(outcome.output.isEmpty)
      }
    }

    @Test("ends at once where its list says nothing for ever", arguments: InterruptTests.signals)
    func interrupts(_ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        try place.makeFIFO("list")
        try place.makeFile("file", size: 10)
        let writer = place.command("/bin/sh", ["-c", "exec >list; echo file; read _ || :"])
          .with { $0.input = .pipe }
        try writer.running { _ in
          try load(place, ["--list", "list"]).running { (running) throws in
            #expect(running.waitUntil { place.isOpen("list", in: running.process) })
            running.send(signal.number)
            let outcome = try running.wait()
            #expect(outcome.status == .exited(signal.status), "\(outcome)")
          }
        }
      }
    }
  }
#endif
