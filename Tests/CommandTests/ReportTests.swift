#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("What a copy says about itself") struct ReportTests {
    static let strategies: Set = [
      "clone", "server-side", "dual", "direct", "dontcache", "buffered", "small", "stream",
    ]

    @Test("--json prints one complete object per file", arguments: Way.few)
    func json(_ way: Way) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 3_000_000)
        try place.makeFile("two", size: 10)
        let outcome = try place.uringcp("--json", "one", "two", "d", way: way).run()
        #expect(outcome.succeeded, "\(outcome)")
        let objects = try outcome.jsonObjects()
        try #require(objects.count == 2)
        for (object, (name, size)) in zip(objects, [("one", 3_000_000), ("two", 10)]) {
          #expect(object["type"] as? String == "copy")
          #expect(object["source"] as? String == name)
          #expect(object["destination"] as? String == "d/\(name)")
          #expect(object["bytes"] as? Int == size)
          #expect(object["holeBytes"] as? Int == 0)
          #expect(object["size"] as? Int == size)
          #expect((object["strategy"] as? String).map(Self.strategies.contains) == true)
          #expect((object["reason"] as? String)?.isEmpty == false)
          #expect((object["engineReason"] as? String)?.isEmpty == false)
          #expect((object["seconds"] as? Double).map { $0 >= 0 } == true)
          #expect((object["operations"] as? [String: Int])?.isEmpty == false)
          #expect((object["inlineOperations"] as? Int).map { $0 >= 0 } == true)
          #expect(object["fallbacks"] is [[String: String]])
          #expect((object["retries"] as? Int).map { $0 >= 0 } == true)
          let engine = try #require(object["engine"] as? String)
          #expect(["uring", "threads", "sequential"].contains(engine))
        }
      }
    }

    @Test("The engine that was asked for is the one that ran", arguments: Engine.forced)
    func engine(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20)
        let outcome = try place.uringcp("--json", "source", "copy", engine: engine).run()
        #expect(try outcome.jsonObjects().first?["engine"] as? String == engine.rawValue, "\(outcome)")
      }
    }

    @Test(
      "--debug tells of every file in a tree how it was copied, beside its name", arguments: Engine.forced)
    func debug(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeDirectory("tree")
        try place.makeDirectory("tree/sub")
        try place.write("tree/small", "bytes")
        try place.makeFile("tree/sub/large", size: 20 << 20)
        try place.makeSparseFile("tree/sub/sparse", size: 64 << 20, islands: [0..<1 << 20])
        try place.makeSymbolicLink("tree/link", to: "small")
        let outcome = try place.uringcp(
          "-r", "--debug", "--chunk-size=1M", "--reflink=never", "tree", "copy", engine: engine
        )
        .run()
        #expect(outcome.succeeded, "\(outcome)")
        let plain = "copy offload: no, reflink: no, sparse detection: no"
        let lines = outcome.outputText.split(separator: "\n").map(String.init)
        #expect(lines.count == 9, "\(outcome)")
        for (name, method) in [
          ("small", plain), ("sub/large", plain),
          ("sub/sparse", "copy offload: no, reflink: no, sparse detection: SEEK_HOLE"),
        ] {
          let position = try #require(lines.firstIndex(of: "'tree/\(name)' -> 'copy/\(name)'"), "\(outcome)")
          #expect(lines[position + 1] == method, "\(outcome)")
        }
        for name in ["'tree' -> 'copy'", "'tree/sub' -> 'copy/sub'", "'tree/link' -> 'copy/link'"] {
          #expect(lines.contains(name), "\(outcome)")
        }

        // What stays as it is has no method.
        let again = try place.uringcp("-rn", "--debug", "tree/.", "copy", engine: engine).run()
        #expect(again.succeeded, "\(again)")
        let skipped = Set(again.outputText.split(separator: "\n").map(String.init))
        #expect(
          skipped
            == [
              "skipped 'copy/./small'", "skipped 'copy/./link'", "skipped 'copy/./sub/large'",
              "skipped 'copy/./sub/sparse'",
            ], "\(again)")
      }
    }

    @Test("A backup that is put back in a tree is told of", arguments: Engine.forced, ["-v", "--debug"])
    func putBack(_ engine: Engine, _ option: String) throws {
      try withScratch { place in
        try place.makeDirectory("tree")
        try place.makeFile("tree/large", size: 20 << 20)
        try place.makeDirectory("copy")
        try place.write("copy/large", "old")
        let outcome = try place.uringcp(
          "-rbT", RawString(option), "--chunk-size=1M", "--reflink=never", "tree", "copy", engine: engine
        ).with { $0.limits.fileSize = 10 << 20 }.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(
          outcome.outputText == """
            'tree/large' -> 'copy/large' (backup: 'copy/large~')
            'copy/large~' -> 'copy/large' (unbackup)

            """, "\(outcome)")
        #expect(try place.read("copy/large") == Array("old".utf8))
      }
    }

    @Test("Bytes and hole bytes add up to the size")
    func holeBytes() throws {
      try withScratch { place in
        try place.makeSparseFile("source", size: 64 << 20, islands: [0..<1 << 20, 32 << 20..<33 << 20])
        let object = try #require(try place.uringcp("--json", "source", "copy").run().jsonObjects().first)
        #expect(object["bytes"] as? Int == 2 << 20)
        #expect(object["holeBytes"] as? Int == 62 << 20)
        #expect(object["size"] as? Int == 64 << 20)
      }
    }

    @Test(
      "The strategy is small below 16 MiB unless an engine or chunks were asked for, and buffered for --cache=keep",
      arguments: Engine.available)
    func strategies(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("small", size: 4096)
        try place.makeFile("large", size: 32 << 20)
        try place.write("existing", "old")
        func strategy(_ command: Command) throws -> String? {
          try command.run().jsonObjects().first?["strategy"] as? String
        }
        if engine == .auto {
          #expect(try strategy(place.uringcp("--json", "small", "a", engine: engine)) == "small")
          try place.makeFile("below", size: 16 << 20 - 1)
          try place.makeFile("from", size: 16 << 20)
          for (name, chunks, expected) in [
            ("below", [], "small"), ("from", [], "buffered"),
            ("below", ["--chunk-size=1M", "--cache=keep"], "buffered"),
          ] as [(RawString, [RawString], String)] {
            let command = place.uringcp(
              ["--json", "--reflink=never"] + chunks + [name, "c"], engine: engine)
            #expect(try strategy(command) == expected, "\(name) \(chunks)")
            try place.remove("c")
          }
        }
        #expect(
          try strategy(place.uringcp("--json", "--reflink=never", "large", "b", engine: engine, cache: .keep))
            == "buffered")
        // Someone may have an existing file mapped, so nothing goes past the cache.
        let overwriting = try strategy(
          place.uringcp("--json", "--reflink=never", "large", "existing", engine: engine))
        #expect(overwriting == "buffered" || overwriting == "dontcache")
      }
    }

    @Test(
      "A large cached file goes both ways at once; a bypassing one, and one in chunks that is not cached, directly",
      .enabled(if: Requirement.directDisk, "\(Requirement.directDiskReason)")
    )
    func dual() throws {
      try withScratch { place in
        try place.makeFile("source", size: 256 << 20)
        func strategy(_ command: Command) throws -> String? {
          try place.copyAndCompare("source", "copy", command).jsonObjects().first?["strategy"] as? String
        }
        #expect(try strategy(place.uringcp("--json", "--reflink=never", "source", "copy")) == "dual")
        try place.remove("copy")
        #expect(
          try strategy(place.uringcp("--json", "--reflink=never", "source", "copy", cache: .bypass))
            == "direct")
        try place.remove("copy")
        try place.dropFromCache("source")
        // Through the cache it is there sooner, unless it is larger still.
        #expect(try strategy(place.uringcp("--json", "--reflink=never", "source", "copy")) == "buffered")
        try place.remove("copy")
        try place.dropFromCache("source")
        let inChunks = place.uringcp("--json", "--reflink=never", "--chunk-size=1M", "source", "copy")
        #expect(try strategy(inChunks) == "direct")
      }
    }

    @Test("A failure is a JSON object too")
    func jsonError() throws {
      try withScratch { place in
        let outcome = try place.uringcp("--json", "missing", "copy").run()
        #expect(outcome.status == .exited(1))
        let object = try #require(try outcome.jsonObjects().first)
        #expect(object["type"] as? String == "error")
        #expect(object["path"] as? String == "missing")
        #expect(object["errno"] as? Int == Int(ENOENT))
        #expect((object["operation"] as? String)?.isEmpty == false)
        #expect((object["message"] as? String)?.contains("No such file or directory") == true)
      }
    }

    @Test("JSON has a name that is not UTF-8 as base 64, and any other escaped")
    func jsonNames() throws {
      try withScratch { place in
        let name = RawString([0x61, 0xff, 0x62])
        let escaped: RawString = "q\"\\\n\t\u{1}ü"
        try place.makeDirectory("d")
        try place.makeFile(name, size: 10)
        try place.makeFile(escaped, size: 10)
        let outcome = try place.uringcp("--json", name, escaped, "d").run()
        #expect(outcome.succeeded, "\(outcome)")
        let objects = try outcome.jsonObjects()
        try #require(objects.count == 2)
        #expect(objects[0]["source"] == nil)
        #expect(objects[0]["sourceBase64"] as? String == Data(name.bytes).base64EncodedString())
        #expect(objects[0]["destinationBase64"] as? String == Data(("d" / name).bytes).base64EncodedString())
        #expect(objects[1]["source"] as? String == escaped.description)
        let missing = try place.uringcp("--json", RawString([0xff]), "d").run()
        #expect(
          try missing.jsonObjects().first?["pathBase64"] as? String == Data([0xff]).base64EncodedString())
      }
    }

    @Test("--explain gives the strategy, the engine and the reason of each file")
    func explain() throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 3_000_000)
        try place.makeFile("two", size: 10)
        let outcome = try place.uringcp("--explain", "one", "two", "d", engine: .threads).run()
        #expect(outcome.succeeded, "\(outcome)")
        for name in ["one", "two"] {
          let line = outcome.outputText.split(separator: "\n").first {
            $0.hasPrefix("'\(name)' -> 'd/\(name)': ")
          }
          let words = try #require(line).split(separator: ":", maxSplits: 2)
          try #require(words.count == 3, "\(outcome)")
          let choice = words[1].split(separator: " ")
          #expect(
            choice.count == 3 && Self.strategies.contains(String(choice[0])) && choice[1] == "on",
            "\(outcome)")
          #expect(words[2].count > 5)
        }
      }
    }

    @Test("--stats prints bytes, holes, time, rate, operations, fallbacks and retries")
    func stats() throws {
      try withScratch { place in
        try place.makeSparseFile("source", size: 8 << 20, islands: [0..<3 << 20])
        let outcome = try place.uringcp("--stats", "source", "copy").run()
        #expect(outcome.succeeded, "\(outcome)")
        let text = outcome.outputText.lowercased()
        for word in ["bytes", "hole", "time", "rate", "read", "write", "punts", "fallback", "retr"] {
          #expect(text.contains(word), "\(word) in \(outcome)")
        }
        #expect(
          text.contains("3145728") || text.contains("3,145,728") || text.contains("3.0 mi")
            || text.contains("3 mi"), "\(outcome)")
      }
    }

    @Test("--trace writes what each operation took, of all copies, for a trace viewer", arguments: Way.few)
    func trace(_ way: Way) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 3_000_000)
        try place.makeFile("two", size: 10)
        let outcome = try place.uringcp(
          "--trace=trace.json", "--json", "--reflink=never", "one", "two", "d", way: way
        ).run()
        #expect(outcome.succeeded && outcome.errorText.isEmpty, "\(outcome)")
        let counts = try outcome.jsonObjects().map {
          ($0["operations"] as? [String: Int] ?? [:]).values.reduce(0, +)
        }
        let trace = try JSONSerialization.jsonObject(with: Data(place.read("trace.json"))) as? [String: Any]
        let events = try #require(trace?["traceEvents"] as? [[String: Any]])
        let operations = events.filter { $0["ph"] as? String == "X" }
        // What opening and closing ask is counted and not a job's.
        #expect(!operations.isEmpty && operations.count <= counts.reduce(0, +))
        #expect(operations.contains { $0["name"] as? String == "write" })
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)").sorted() == [
            "d", "one", "trace.json", "two",
          ])
      }
    }

    @Test("a trace that cannot be written is told before anything is copied")
    func traceRefused() throws {
      try withScratch { place in
        try place.makeFile("one", size: 10)
        try place.makeDirectory("directory")
        for (name, why) in [("directory", "Is a directory"), ("no/such", "No such file or directory")] {
          let outcome = try place.uringcp("--trace", RawString(name), "one", "copy").run()
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorLines.count == 1 && outcome.errorText.contains(why), "\(outcome)")
        }
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)").sorted() == [
            "directory", "one",
          ])
        // An option without its file is misuse.
        #expect(try place.uringcp("--trace").run().status == .exited(1))
      }
    }

    @Test("a trace into a link or a device is written there, and takes nothing's place")
    func traceElsewhere() throws {
      try withScratch { place in
        try place.makeFile("one", size: 10)
        try place.write("real", "old")
        try place.makeSymbolicLink("link", to: "real")
        try place.makeSymbolicLink("null", to: "/dev/null")
        for name: RawString in ["link", "null"] {
          let outcome = try place.uringcp("--trace", name, "one", "copy").run()
          #expect(outcome.succeeded && outcome.errorText.isEmpty, "\(outcome)")
          #expect(place.status(name)?.isSymbolicLink == true)
        }
        #expect(try JSONSerialization.jsonObject(with: Data(place.read("real"))) is [String: Any])
        // The terminal, or what its output goes to.
        let outcome = try place.uringcp("--trace=/dev/stdout", "one", "copy").run()
        #expect(outcome.succeeded && outcome.outputText.contains("traceEvents"), "\(outcome)")
      }
    }
  }
#endif
