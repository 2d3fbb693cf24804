#if os(Linux)
  import TestFixtures
  import Testing

  @Suite("Misuse exits 2, says why and touches nothing") struct MisuseTests {
    /// Runs `uringcp OPTIONS source copy`.
    private func misuse(_ options: [String], mentions words: String...) throws {
      try withScratch { place in
        try place.makeFile("source", size: 10)
        let outcome = try place.uringcp(options.map { RawString($0) } + ["source", "copy"]).run()
        #expect(outcome.status == .exited(2), "\(options) \(outcome)")
        #expect(outcome.output.isEmpty)
        let lines = outcome.errorLines
        #expect(lines.first?.hasPrefix("uringcp: ") == true, "\(options) \(outcome)")
        // One line for the reason; the second may point to --help.
        #expect(
          lines.count == 1 || (lines.count == 2 && lines[1] == "Try 'uringcp --help' for more information."),
          "\(outcome)")
        for word in words { #expect(lines.first?.contains(word) == true, "\(word) in \(outcome)") }
        #expect(!place.exists("copy"))
      }
    }

    @Test(
      "a chunk size that is none",
      arguments: [
        "0", "abc", "", "-1", "5T", "1025M", "2GiB", "1X", "1.5M", "99999999999999999999", "1 M", "0x1000",
      ])
    func chunkSize(_ size: String) throws {
      try misuse(["--chunk-size=\(size)"], mentions: "chunk", "'\(size)'")
    }

    @Test("a depth that is none", arguments: ["0", "100000", "4097", "-3", "abc", "", "1K5"])
    func depth(_ depth: String) throws { try misuse(["--depth=\(depth)"], mentions: "depth", "'\(depth)'") }

    @Test("a number of workers that is none", arguments: ["0", "257", "-1", "many", ""])
    func workers(_ workers: String) throws {
      try misuse(["--workers", workers], mentions: "workers", "'\(workers)'")
    }

    @Test(
      "an engine, cache policy, progress or reflink that does not exist",
      arguments: ["engine", "cache", "progress", "reflink"])
    func words(_ option: String) throws { try misuse(["--\(option)=nonsense"], mentions: "nonsense", option) }

    @Test("an unknown option", arguments: ["--nonsense", "-y", "--no-such=3"])
    func unknown(_ option: String) throws {
      try withScratch { place in
        let outcome = try place.uringcp(RawString(option), "a", "b").run()
        #expect(outcome.status == .exited(2))
        #expect(outcome.errorText.hasSuffix("Try 'uringcp --help' for more information.\n"))
      }
    }

    @Test("an option without its argument", arguments: ["--chunk-size", "--depth", "--engine", "-t"])
    func missingArgument(_ option: String) throws {
      try withScratch { place in
        let outcome = try place.uringcp(RawString(option)).run()
        #expect(outcome.status == .exited(2))
        #expect(outcome.errorText.contains("requires an argument"))
      }
    }

    @Test(
      "an option of cp that is not there yet",
      arguments: [
        "-a", "-b", "-d", "-H", "-i", "-l", "-L", "-P", "-p", "-s", "-u", "-x", "-Z", "--archive",
        "--attributes-only", "--backup", "--backup=numbered", "--copy-contents", "--dereference",
        "--interactive",
        "--link", "--no-dereference", "--no-preserve=mode", "--one-file-system", "--parents", "--preserve",
        "--preserve=all", "--remove-destination", "--sparse=always",
        "--strip-trailing-slashes",
        "--suffix=.old", "--symbolic-link", "--update", "--context",
      ])
    func unsupported(_ option: String) throws {
      let name = option.split(separator: "=").first.map(String.init) ?? option
      try misuse([option], mentions: "option", name, "not supported")
    }

    @Test("-S, which takes an argument, is not there yet either")
    func unsupportedWithArgument() throws { try misuse(["-S", ".old"], mentions: "-S", "not supported") }

    @Test("missing operands")
    func missingOperands() throws {
      try withScratch { place in
        let none = try place.uringcp().run()
        #expect(none.status == .exited(2))
        #expect(
          none.errorText == "uringcp: missing file operand\nTry 'uringcp --help' for more information.\n")
        let one = try place.uringcp("a").run()
        #expect(one.status == .exited(2))
        #expect(
          one.errorText
            == "uringcp: missing destination file operand after 'a'\nTry 'uringcp --help' for more information.\n"
        )
        try place.makeDirectory("d")
        let target = try place.uringcp("-t", "d").run()
        #expect(target.status == .exited(2))
        #expect(target.errorText.contains("missing file operand"))
        let both = try place.uringcp("-T", "-t", "d", "a").run()
        #expect(both.status == .exited(2))
      }
    }
  }
#endif
