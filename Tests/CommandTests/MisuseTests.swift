#if os(Linux)
  import TestFixtures
  import Testing

  @Suite("Misuse exits 1, as cp's does, says why and touches nothing") struct MisuseTests {
    private static let tryHelp = "Try 'uringcp --help' for more information.\n"

    /// Runs `uringcp OPTIONS source copy`.
    private func misuse(_ options: [String], mentions words: String...) throws {
      try withScratch { place in
        try place.makeFile("source", size: 10)
        let outcome = try place.uringcp(options.map { RawString($0) } + ["source", "copy"]).run()
        #expect(outcome.status == .exited(1), "\(options) \(outcome)")
        #expect(outcome.output.isEmpty)
        let lines = outcome.errorLines
        #expect(lines.first?.hasPrefix("uringcp: ") == true, "\(options) \(outcome)")
        // One line for the reason; the second may point to --help.
        #expect(
          lines.count == 1 || (lines.count == 2 && lines[1] + "\n" == Self.tryHelp), "\(outcome)")
        for word in words { #expect(lines.first?.contains(word) == true, "\(word) in \(outcome)") }
        #expect(!place.exists("copy"))
      }
    }

    /// Runs `uringcp WORDS` in a place with the files a and b: the message, all of it.
    private func expect(_ words: [RawString], _ message: String, pointsToHelp: Bool = true) throws {
      try withScratch { place in
        try place.write("a", "1")
        try place.write("b", "2")
        let outcome = try place.uringcp(words).with { $0.environment["LC_ALL"] = "C.UTF-8" }.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errorText == "uringcp: \(message)\n" + (pointsToHelp ? Self.tryHelp : ""))
        #expect(outcome.output.isEmpty)
        #expect(try place.read("b") == Array("2".utf8))
      }
    }

    // MARK: Our own options

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
      "an engine, cache policy or progress that does not exist", arguments: ["engine", "cache", "progress"])
    func words(_ option: String) throws { try misuse(["--\(option)=nonsense"], mentions: "nonsense", option) }

    @Test(
      "an option that is not there yet",
      arguments: ["--atomic", "--durable", "--verify", "--resume", "--atomic=x", "--veri"])
    func unsupported(_ option: String) throws {
      let name = option.prefix(6).description
      try misuse([option], mentions: "option", name, "not supported yet")
    }

    // MARK: Options that are none

    @Test(
      "an unknown option",
      arguments: [
        ("--nonsense", "unrecognized option '--nonsense'"), ("-y", "invalid option -- 'y'"),
        ("--no-such=3", "unrecognized option '--no-such=3'"), ("-vy", "invalid option -- 'y'"),
      ])
    func unknown(_ option: String, _ message: String) throws {
      try expect([RawString(option), "a", "b"], message)
    }

    @Test(
      "an option without its argument, or with one that it does not take",
      arguments: [
        ("--chunk-size", "option '--chunk-size' requires an argument"),
        ("-t", "option requires an argument -- 't'"), ("-vS", "option requires an argument -- 'S'"),
        ("--no-p", "option '--no-preserve' requires an argument"),
        ("--verb=3", "option '--verbose' doesn't allow an argument"),
      ])
    func missingArgument(_ option: String, _ message: String) throws {
      try expect([RawString(option)], message)
    }

    @Test(
      "an abbreviation of several of cp's names, whatever ours are",
      arguments: [
        ("--ver", "--ver", "'--verbose' '--version'"),
        ("--re=x", "--re=x", "'--recursive' '--remove-destination' '--reflink'"),
        ("--p", "--p", "'--parents' '--preserve'"), ("--c", "--c", "'--copy-contents' '--context'"),
        ("--st", nil, ""), ("--de", nil, ""), ("--k", nil, ""), ("--pa", nil, ""),
        ("--e", "--e", "'--engine' '--explain'"),
      ] as [(String, String?, String)])
    func ambiguous(_ option: String, _ shown: String?, _ names: String) throws {
      try expect(
        [RawString(option)],
        shown.map { "option '\($0)' is ambiguous; possibilities: \(names)" } ?? "missing file operand")
    }

    @Test(
      "a word that is no value of the option, or of several",
      arguments: [
        ("--reflink=a", "ambiguous argument ‘a’ for ‘--reflink’", ["‘auto’", "‘always’", "‘never’"]),
        ("--sparse=x", "invalid argument ‘x’ for ‘--sparse’", ["‘never’", "‘auto’", "‘always’"]),
        (
          "--backup=n", "ambiguous argument ‘n’ for ‘backup type’",
          ["‘none’, ‘off’", "‘simple’, ‘never’", "‘existing’, ‘nil’", "‘numbered’, ‘t’"]
        ),
        (
          "--preserve=mode,", "ambiguous argument ‘’ for ‘--preserve’",
          ["‘mode’", "‘timestamps’", "‘ownership’", "‘links’", "‘context’", "‘xattr’", "‘all’"]
        ),
        (
          "--update=non", "ambiguous argument ‘non’ for ‘--update’",
          ["‘all’", "‘none’", "‘none-fail’", "‘older’"]
        ),
      ])
    func wrongValues(_ option: String, _ message: String, _ values: [String]) throws {
      try expect(
        [RawString(option), "a", "b"],
        message + "\nValid arguments are:" + values.map { "\n  - " + $0 }.joined())
    }

    // MARK: Options that exclude each other

    @Test(
      "options that exclude each other",
      arguments: [
        (["-l", "-s"], "cannot make both hard and symbolic links"),
        (["-b", "-n"], "options --backup and --no-clobber are mutually exclusive"),
        (["-b", "--update=none"], "--backup is mutually exclusive with -n or --update=none-fail"),
        (["--reflink", "--sparse=never"], "--reflink can be used only with --sparse=auto"),
        (["--parents"], "with --parents, the destination must be a directory"),
      ])
    func exclusive(_ options: [String], _ message: String) throws {
      try expect(options.map { RawString($0) } + ["a", "b"], message)
    }

    @Test(
      "what cp says without pointing to its help",
      arguments: [
        (["-t.", "-t."], "multiple target directories specified"),
        (["-t.", "-T"], "cannot combine --target-directory (-t) and --no-target-directory (-T)"),
        (
          ["--preserve=context"],
          "cannot preserve security context without an SELinux-enabled kernel"
        ),
        (["-t", "nowhere"], "target directory 'nowhere': No such file or directory"),
        (["a"], "target 'b': Not a directory"),
      ])
    func withoutHelp(_ options: [String], _ message: String) throws {
      try expect(options.map { RawString($0) } + ["a", "b"], message, pointsToHelp: false)
    }

    @Test("missing operands")
    func missingOperands() throws {
      try expect([], "missing file operand")
      try expect(["a"], "missing destination file operand after 'a'")
      try expect(["-T", "a"], "missing destination file operand after 'a'")
      try expect(["-t", "."], "missing file operand")
      try expect(["-T", "a", "b", "c"], "extra operand 'c'")
    }

    @Test("a wrong $VERSION_CONTROL is an error where backups are made, and only there")
    func versionControl() throws {
      try withScratch { place in
        try place.write("a", "1")
        for (option, status) in [("-b", 1), ("-v", 0)] as [(RawString, Int32)] {
          let outcome = try place.uringcp(option, "a", "b").with {
            $0.environment["VERSION_CONTROL"] = "x"
          }.run()
          #expect(outcome.status == .exited(status), "\(outcome)")
          #expect(outcome.errorText.contains("$VERSION_CONTROL") == (status == 1))
        }
      }
    }
  }
#endif
