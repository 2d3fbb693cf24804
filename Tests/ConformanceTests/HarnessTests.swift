#if os(Linux)
  import TestFixtures
  import Testing

  /// The tables would be worth nothing if they could not fail.
  @Suite(
    "The comparison with cp", .volumes, .enabled(if: ReferenceCopy.isKnown, "\(ReferenceCopy.reason)"))
  struct HarnessTests {
    private static let setUp = """
      mkdir -p t/s d; echo x >t/x; ln t/x t/y; ln -s x t/l; mkfifo t/p; chmod 640 t/x
      echo a >a; echo b >b; chmod 600 b; truncate -s 1M h; echo end >>h; head -c 300000 /dev/zero >z
      """

    /// What differs if a shell script takes cp's place, for each command; `nil`: nothing does.
    private func differences(_ script: String?, _ commands: [String], on ground: Ground) throws -> [String] {
      try withScratch { scratch in
        let comparison = Comparison(
          reference: try CopyProgram("reference", ReferenceCopy.executable, in: scratch),
          tested: try script.map { try CopyProgram("tested", script: $0, in: scratch) }
            ?? CopyProgram("tested", ReferenceCopy.executable, in: scratch))
        var found: [String] = []
        let cases = commands.map { Case($0, Self.setUp, $0, on: .everywhere) }
        try comparison.run(cases, on: ground) { found.append($0) }
        return found
      }
    }

    @Test("finds nothing between cp and cp", arguments: Ground.available)
    func equal(_ ground: Ground) throws {
      let found = try differences(
        nil,
        [
          "cp a b", "cp -a t new", "cp -r t d", "cp -rv t new", "cp -p a new", "cp h new",
          "cp --sparse=always z new", "cp -bf a a",
          "cp missing b", "cp -i a b </dev/null", "cp -l a new", "cp -f a b; cp -n b a",
        ], on: ground)
      #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test(
      "finds what a wrong copy does",
      arguments: [
        ("a mode", "/bin/cp \"$@\"; chmod 601 new"),
        ("a time", "/bin/cp \"$@\"; touch -d @1000000000 new"),
        ("a nanosecond", "/bin/cp -p \"$@\"; touch -d @1234567890.123456788 new"),
        ("a byte", "/bin/cp \"$@\"; printf X | dd of=new bs=1 seek=300001 conv=notrunc status=none"),
        ("a hole", "/bin/cp --sparse=never --reflink=never \"$@\""),
        ("another file", "/bin/cp \"$@\"; /bin/cp -p b n; mv n b"),
        ("a further file", "/bin/cp \"$@\"; : >.left"),
        ("a further name", "/bin/cp \"$@\"; ln new .left"),
        ("a status", "/bin/cp \"$@\"; exit 1"),
        ("a message", "/bin/cp \"$@\"; echo 'cp: odd' >&2"),
        ("output", "/bin/cp \"$@\"; echo odd"),
        ("a newline", "/bin/cp \"$@\"; printf odd"),
        ("an attribute", "/bin/cp \"$@\"; setfattr -n user.odd -v 1 new"),
        ("an access list", "/bin/cp \"$@\"; setfacl -m u:1:r new"),
        ("nothing at all", ":"),
      ])
    func different(_ what: String, _ script: String) throws {
      for ground in Ground.available {
        let command =
          switch what {
          case "a nanosecond": "touch -d @1234567890.123456789 h; cp -p h new"
          case "another file": "cp h b"
          default: "cp h new"
          }
        let found = try differences(script, [command], on: ground)
        #expect(found.count == 1, "\(what) on \(ground.testDescription)")
      }
    }

    @Test("forgives an addition in parentheses, and nothing else", arguments: Ground.available.prefix(1))
    func addition(_ ground: Ground) throws {
      let forgiven = "/bin/cp \"$@\" 2>&1 | sed 's|^/bin/||; s/$/ (nothing was changed)/' >&2; exit 1"
      #expect(try differences(forgiven, ["cp missing b"], on: ground).isEmpty)
      let other = "/bin/cp \"$@\" 2>&1 | sed 's|^/bin/||; s/$/ nothing was changed/' >&2; exit 1"
      #expect(try differences(other, ["cp missing b"], on: ground).count == 1)
    }

    @Test(
      "reports a set-up that fails, and leaves out one that cannot be", arguments: Ground.available.prefix(1))
    func setUps(_ ground: Ground) throws {
      try withScratch { scratch in
        let program = try CopyProgram("reference", ReferenceCopy.executable, in: scratch)
        let comparison = Comparison(reference: program, tested: program)
        var found: [String] = []
        try comparison.run(
          [
            Case("fails", "false", "cp a b", on: .everywhere),
            Case("cannot be", "exit 77", "cp a b", on: .everywhere),
          ], on: ground
        ) { found.append($0) }
        #expect(found.count == 1 && found[0].hasPrefix("fails"))
      }
    }

    @Test("holds a departure to what it says", arguments: Ground.available.prefix(1))
    func departures(_ ground: Ground) throws {
      try withScratch { scratch in
        let program = try CopyProgram("reference", ReferenceCopy.executable, in: scratch)
        let comparison = Comparison(reference: program, tested: program)
        var found: [String] = []
        let test = Case("departs", Self.setUp, "cp missing b", on: .everywhere)
        try comparison.run(
          [
            test.departing(.ownHelp, leaving: "[ \"$(cat b)\" = b ]"),
            test.departing(
              .ownHelp, status: 1, errors: ["cp: cannot stat 'missing': No such file or directory"]),
          ], on: ground
        ) { found.append($0) }
        #expect(found.isEmpty)
        try comparison.run(
          [
            test.departing(.ownHelp, leaving: "[ \"$(cat b)\" = a ]"), test.departing(.ownHelp, status: 0),
            test.departing(.ownHelp, errors: []), test.departing(.ownHelp, output: ["x"]),
          ], on: ground
        ) { found.append($0) }
        #expect(found.count == 4)
      }
    }
  }
#endif
