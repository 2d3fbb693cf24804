#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("Operands and options") struct OperandTests {
    @Test("SOURCE... DIRECTORY copies each into the directory, under its own name")
    func intoDirectory() throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeDirectory("sub")
        try place.makeFile("one", size: 100)
        try place.makeFile("sub/two", size: 2_000_000)
        let outcome = try place.uringcp("one", "sub/two", "d").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.firstDifference("one", "d/one") == nil)
        #expect(try place.firstDifference("sub/two", "d/two") == nil)
      }
    }

    @Test(
      "SOURCE DIRECTORY copies into it, with trailing slashes and through a link too",
      arguments: ["d", "d/", "d//", "link"])
    func intoOneDirectory(_ directory: String) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeSymbolicLink("link", to: "d")
        try place.makeFile("source", size: 5000)
        try place.copyAndCompare("source", "d/source", place.uringcp("source", RawString(directory)))
      }
    }

    @Test(
      "-t names the directory first",
      arguments: [
        ["-t", "d"], ["-td"], ["--target-directory=d"], ["--target-directory", "d"], ["--target=d"],
      ])
    func targetDirectory(_ option: [String]) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 1)
        try place.makeFile("two", size: 2)
        let outcome = try place.uringcp(option.map { RawString($0) } + ["one", "two"]).run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.firstDifference("one", "d/one") == nil)
        #expect(try place.firstDifference("two", "d/two") == nil)
      }
    }

    @Test(
      "-T takes the destination as a file, and refuses a directory",
      arguments: ["-T", "--no-target-directory"])
    func noTargetDirectory(_ option: String) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("source", size: 10)
        let refused = try place.uringcp(RawString(option), "source", "d").run()
        #expect(refused.status == .exited(1))
        #expect(refused.errorLines.count == 1)
        #expect(refused.errorText.contains("'d'"))
        #expect(!place.exists("d/source"))
        try place.copyAndCompare("source", "file", place.uringcp(RawString(option), "source", "file"))
        let extra = try place.uringcp(RawString(option), "source", "file", "d").run()
        #expect(extra.status == .exited(1))
        #expect(extra.errorText.contains("extra operand 'd'"))
      }
    }

    @Test("-n leaves an existing destination alone", arguments: ["-n", "--no-clobber"])
    func noClobber(_ option: String) throws {
      try withScratch { place in
        try place.makeFile("source", size: 10)
        try place.write("old", "old")
        let outcome = try place.uringcp(RawString(option), "source", "old").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.errors.isEmpty)
        #expect(try place.read("old") == Array("old".utf8))
        try place.copyAndCompare("source", "new", place.uringcp(RawString(option), "source", "new"))
      }
    }

    @Test(
      "-f replaces a destination that cannot be opened",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"),
      arguments: ["-f", "--force"])
    func force(_ option: String) throws {
      try withScratch { place in
        try place.makeFile("source", size: 100_000)
        try place.makeDirectory("d", mode: 0o777)
        try place.write("d/old", "old")
        try place.changeMode("d/old", 0o444)
        try place.link("d/old", to: "other name")
        let refused = try place.uringcp("source", "d/old").with { $0.user = Users.ordinary }.run()
        #expect(refused.status == .exited(1))
        #expect(try place.read("d/old") == Array("old".utf8))
        try place.copyAndCompare(
          "source", "d/old",
          place.uringcp(RawString(option), "source", "d/old").with { $0.user = Users.ordinary })
        // Replaced, not written to: the file lives on under its other name.
        #expect(try place.read("other name") == Array("old".utf8))
      }
    }

    @Test("-f leaves a destination in place that can be opened")
    func forceKeepsInode() throws {
      try withScratch { place in
        try place.makeFile("source", size: 100_000)
        try place.write("old", "old")
        let inode = place.status("old")?.inode
        try place.copyAndCompare("source", "old", place.uringcp("-f", "source", "old"))
        #expect(place.status("old")?.inode == inode)
      }
    }

    @Test("-v names each copy on standard output", arguments: ["-v", "--verbose", "--verb"])
    func verbose(_ option: String) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 1)
        try place.makeFile("a b", size: 2)
        let outcome = try place.uringcp(RawString(option), "one", "a b", "d").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.outputText == "'one' -> 'd/one'\n'a b' -> 'd/a b'\n")
      }
    }

    @Test("A copy without options says nothing")
    func silence() throws {
      try withScratch { place in
        try place.makeFile("source", size: 2_000_000)
        let outcome = try place.uringcp("source", "copy").run()
        #expect(outcome.succeeded && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
      }
    }

    @Test(
      "Any bytes may be a name",
      arguments: ["line\nbreak", " ", "-v", "--", "'quoted'", "tab\t", "back\\slash", "ü", "\u{1b}[1m"])
    func names(_ name: String) throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile(RawString(name), size: 70_000)
        try place.copyAndCompare(
          RawString(name), "d" / RawString(name), place.uringcp("--", RawString(name), "d"))
        try place.copyAndCompare(
          "d" / RawString(name), "back", place.uringcp("--", "d" / RawString(name), "back"))
      }
    }

    @Test("A name that is not UTF-8 is copied under the same bytes")
    func invalidUTF8() throws {
      try withScratch { place in
        let name = RawString([0x61, 0xff, 0xfe, 0x80, 0x62])
        try place.makeDirectory("d")
        try place.makeFile(name, size: 70_000)
        try place.copyAndCompare(name, "d" / name, place.uringcp(name, "d"))
      }
    }

    @Test("A name of 255 bytes and a path of nearly 4096 are copied")
    func longNames() throws {
      try withScratch { place in
        let name = RawString(String(repeating: "n", count: 255))
        try place.makeFile("source", size: 5000)
        try place.copyAndCompare("source", name, place.uringcp("source", name))
        let path = RawString(String(repeating: "./", count: (4000 - place.outside.bytes.count) / 2) + "copy")
        try place.copyAndCompare("source", "copy", place.uringcp("source", path))
      }
    }

    @Test("Names in messages are quoted for a shell")
    func quoting() throws {
      try withScratch { place in
        let cases: [(RawString, String)] = [
          ("missing", "'missing'"), ("a\nb", #"'a'$'\n''b'"#), ("it's", #""it's""#),
          (RawString([0x61, 0xff]), #"'a'$'\377'"#), ("it's (x)", #"'it'\''s (x)'"#),
          ("a\n'b", #"'a'$'\n'\''b'"#), ("it's#", #"'it'\''s#'"#), ("ü", "'ü'"),
        ]
        for (name, quoted) in cases {
          let outcome = try place.uringcp(name, "copy").with { $0.environment["LC_ALL"] = "C.UTF-8" }.run()
          #expect(outcome.status == .exited(1))
          #expect(outcome.errorText == "uringcp: cannot stat \(quoted): No such file or directory\n")
        }
      }
    }

    @Test("Names in messages are ASCII where the locale is")
    func quotingInASCII() throws {
      try withScratch { place in
        let outcome = try place.uringcp("ü", "copy").with { $0.environment["LC_ALL"] = "C" }.run()
        #expect(outcome.errorText == "uringcp: cannot stat ''$'\\303\\274': No such file or directory\n")
      }
    }

    @Test("Long options may be abbreviated")
    func abbreviations() throws {
      try withScratch { place in
        try place.makeFile("source", size: 2_000_000)
        let outcome = try place.uringcp("--eng=threads", "--ch=64K", "--dep", "2", "--js", "source", "copy")
          .run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try outcome.jsonObjects().first?["engine"] as? String == "threads")
        let ambiguous = try place.uringcp("--ver", "source", "copy").run()  // verbose, version
        #expect(ambiguous.status == .exited(1))
        #expect(ambiguous.errorText.contains("ambiguous"))
      }
    }

    @Test("Options may follow operands, unless POSIXLY_CORRECT is set")
    func permutation() throws {
      try withScratch { place in
        try place.makeFile("source", size: 10)
        let permuted = try place.uringcp("source", "copy", "-v").run()
        #expect(permuted.succeeded)
        #expect(permuted.outputText == "'source' -> 'copy'\n")
        try place.remove("copy")
        let strict = try place.uringcp("source", "copy", "-v").with {
          $0.environment["POSIXLY_CORRECT"] = "1"
        }.run()
        #expect(strict.status == .exited(1))
        #expect(strict.errorText.contains("target '-v'"))
        #expect(!place.exists("copy"))
      }
    }

    @Test("--help and --version print to standard output and succeed")
    func help() throws {
      try withScratch { place in
        let help = try place.uringcp("--help").run()
        #expect(help.succeeded && help.errors.isEmpty, "\(help)")
        for option in [
          "--engine", "--chunk-size", "--depth", "--workers", "--cache", "--explain", "--stats", "--json",
          "--progress", "--archive", "--attributes-only", "--backup", "--copy-contents", "--debug",
          "--dereference", "--force", "--interactive", "--keep-directory-symlink", "--link", "--no-clobber",
          "--no-dereference", "--no-preserve", "--no-target-directory", "--one-file-system", "--parents",
          "--preserve", "--recursive", "--reflink", "--remove-destination", "--sparse",
          "--strip-trailing-slashes", "--suffix", "--symbolic-link", "--target-directory", "--update",
          "--verbose", "--context", "--help", "--version",
        ] {
          #expect(help.outputText.contains(option))
        }
        let version = try place.uringcp("--version").run()
        #expect(version.succeeded && version.errors.isEmpty, "\(version)")
        #expect(version.outputText.hasPrefix("uringcp "))
      }
    }

    @Test("A full standard output is an error", arguments: ["--help", "--version"])
    func fullOutput(_ option: String) throws {
      try withScratch { place in
        let outcome = try place.command(
          "/bin/sh", ["-c", "exec \"$0\" \"$1\" >/dev/full", Executables.uringcp, RawString(option)]
        ).run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorText.contains("No space left on device"))
      }
    }
  }
#endif
