#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("uringtool tune, and what uringcp makes of it") struct TuneTests {
    private static let tool = RawString("\(Executables.directory)/uringtool")

    /// With a configuration directory of its own.
    private func tune(_ place: Workplace, _ arguments: RawString...) -> Command {
      place.command(Self.tool, ["tune"] + arguments).with {
        $0.environment["XDG_CONFIG_HOME"] = "\(place.outside)/config"
      }
    }

    private func copy(_ place: Workplace, _ arguments: RawString...) -> Command {
      place.uringcp(arguments).with { $0.environment["XDG_CONFIG_HOME"] = "\(place.outside)/config" }
    }

    @Test("tries what there is, says what it found, and leaves nothing but that")
    func tunes() throws {
      try withScratch(.memory) { place in
        let outcome = try tune(place, ".", "--budget=5s", "--job=small", "--json", "--seed=3").run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        let report = try #require(try outcome.jsonObjects().first)
        let job = try #require((report["jobs"] as? [[String: Any]])?.first)
        #expect(job["job"] as? String == "small")
        let candidates = try #require(job["candidates"] as? [[String: Any]])
        #expect(candidates.first?["settings"] as? String == "auto")
        #expect(candidates.contains { $0["settings"] as? String == "threads:workers=1" })
        for candidate in candidates { #expect((candidate["rounds"] as? Int).map { $0 > 0 } == true) }
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)")
        #expect(left == ["config"])
        let text = String(decoding: try place.read("config/swift-uring-io/tuning"), as: UTF8.self)
        #expect(text.hasPrefix("swift-uring-io tuning 1\n"))
        #expect(
          text.contains("\tsmall\t")
            == (job["winner"] as? String != "auto" && job["winner"] as? String != nil))
      }
    }

    /// Puts an entry for the scratch directory's file system into the configuration.
    private func configure(
      _ place: Workplace, _ settings: String, job: String = "large", kernel: String? = nil
    ) throws {
      var machine = utsname()
      uname(&machine)
      let release = withUnsafeBytes(of: &machine.release) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      let mount = try place.command("/bin/sh", ["-c", "findmnt -n -o FSTYPE,SOURCE -T . | tr -s ' ' '\\t'"])
        .run()
      let names = mount.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
      try place.makeDirectory("config")
      try place.makeDirectory("config/swift-uring-io")
      let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
      try place.write(
        "config/swift-uring-io/tuning",
        "swift-uring-io tuning 1\n\(names)\t\(job)\t\(kernel ?? "Linux " + release)\t\(cores)\t2026-01-02\t\(settings)\n"
      )
    }

    @Test("uringcp uses it where the user says nothing, and says so")
    func used() throws {
      try withScratch { place in
        try place.makeFile("file", size: 3_000_000)
        try configure(place, "threads:workers=3,chunk-size=65536")
        let outcome = try copy(place, "--explain", "file", "copy").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(
          outcome.outputText.contains(
            "tuned: threads:workers=3,chunk-size=65536 (uringtool tune, 2026-01-02)"),
          "\(outcome)")
        #expect(outcome.outputText.contains("threads"))
        #expect(try place.firstDifference("file", "copy") == nil)
        for option in ["--engine=sequential", "--depth=2", "--chunk-size=1M", "--cache=keep", "--workers=1"]
          as [RawString]
        {
          let other = try copy(place, "--explain", option, "file", "copy").run()
          #expect(other.succeeded && !other.outputText.contains("tuned:"), "\(option): \(other)")
        }
        // That was for large files.
        try place.makeTree("tree", directories: ["a"], files: ["a/one"])
        let tree = try copy(place, "--explain", "-r", "tree", "copied").run()
        #expect(tree.succeeded && !tree.outputText.contains("tuned:"))
      }
    }

    @Test(
      "what is stale or damaged is left alone, with a note to who asks",
      arguments: ["stale", "damaged", "directory"])
    func notUsed(_ kind: String) throws {
      try withScratch { place in
        try place.makeFile("file", size: 100_000)
        try configure(place, "threads", kernel: kind == "stale" ? "Linux 2.4.0" : nil)
        if kind == "damaged" { try place.write("config/swift-uring-io/tuning", "\u{0}\u{1}rubbish\n") }
        if kind == "directory" {
          try place.remove("config/swift-uring-io/tuning")
          try place.makeDirectory("config/swift-uring-io/tuning")
        }
        let outcome = try copy(place, "--explain", "file", "copy").run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.outputText.contains("not tuned: "), "\(outcome)")
        let quiet = try copy(place, "file", "copy").run()
        #expect(quiet.succeeded && quiet.output.isEmpty && quiet.errors.isEmpty)
        #expect(try place.firstDifference("file", "copy") == nil)
      }
    }

    @Test("--forget removes what was known of the file system, and no more")
    func forgets() throws {
      try withScratch { place in
        try configure(place, "threads")
        let path: RawString = "config/swift-uring-io/tuning"
        try place.append(
          path, Array("other\t/dev/nothing\tlarge\tLinux 1\t1\t2026-01-02\tthreads\nrubbish\n".utf8))
        let outcome = try tune(place, ".", "--forget").run()
        #expect(outcome.succeeded && outcome.outputText.hasPrefix("Forgotten: "), "\(outcome)")
        #expect(outcome.errorText.contains("1 lines make no sense"))
        #expect(
          try place.read(path)
            == Array(
              "swift-uring-io tuning 1\nother\t/dev/nothing\tlarge\tLinux 1\t1\t2026-01-02\tthreads\n".utf8))
        let again = try tune(place, ".", "--forget").run()
        #expect(again.succeeded && again.outputText.hasPrefix("Nothing was known"), "\(again)")
      }
    }

    @Test(
      "what cannot be tuned is said at once",
      arguments: [
        (["missing/deep"], 1, "missing/deep"), (["file"], 1, "file"), ([".", "--budget=1s"], 2, "budget"),
        ([".", "--budget=x"], 2, "budget"), ([".", "--job=huge"], 2, "huge"), ([], 2, "path"),
      ] as [([RawString], Int32, String)])
    func bad(_ arguments: [RawString], _ status: Int32, _ word: String) throws {
      try withScratch(.memory) { place in
        try place.makeFile("file", size: 10)
        let outcome = try place.command(Self.tool, ["tune"] + arguments).with {
          $0.environment["XDG_CONFIG_HOME"] = "\(place.outside)/config"
        }.run()
        #expect(outcome.status == .exited(status) && outcome.errorText.contains(word), "\(outcome)")
      }
    }

    @Test("settings that cannot be kept end it before anything is measured")
    func unwritable() throws {
      try withScratch(.memory) { place in
        try place.makeFile("file", size: 10)
        for (directory, words) in [
          ("\(place.outside)/file", "cannot make the directory"), ("relative", "no place"),
        ] {
          let outcome = try place.command(Self.tool, ["tune", "."]).with {
            $0.environment["XDG_CONFIG_HOME"] = directory
            $0.environment["HOME"] = nil
          }.run()
          #expect(outcome.status == .exited(1) && outcome.errorText.contains(words), "\(outcome)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)") == ["file"])
      }
    }

    @Test("interrupted, it changes nothing and leaves nothing", arguments: InterruptTests.signals)
    func interrupted(_ signal: (number: Int32, status: Int32)) throws {
      try withScratch(.memory) { place in
        try tune(place, ".", "--budget=1h", "--job=small").running { (running) throws in
          #expect(
            running.waitUntil {
              ((try? FileManager.default.contentsOfDirectory(atPath: "\(place.outside)")) ?? []).contains {
                $0.hasPrefix(".uringtool-")
              }
            })
          running.send(signal.number)
          let outcome = try running.wait()
          #expect(outcome.status == .exited(signal.status), "\(outcome)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place.outside)") == ["config"])
        #expect(!place.exists("config/swift-uring-io/tuning"))
      }
    }
  }
#endif
