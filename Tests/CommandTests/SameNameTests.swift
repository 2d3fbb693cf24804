#if os(Linux)
  import TestFixtures
  import Testing

  /// Sources that get the same name: what one operand made, another does not destroy.
  @Suite("Sources of the same name") struct SameNameTests {
    /// Runs a copy that must print exactly these lines, in any order.
    private func run(
      _ command: Command, exits status: Int32, _ messages: String...,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try command.run()
      #expect(outcome.status == .exited(status), "\(outcome)", sourceLocation: sourceLocation)
      #expect(
        outcome.errorLines.map(String.init).sorted() == messages.map { "uringcp: " + $0 }.sorted(),
        sourceLocation: sourceLocation)
    }

    private func expect(_ place: Workplace, _ contents: KeyValuePairs<RawString, String>) throws {
      for (name, text) in contents {
        #expect(try place.read(name) == Array(text.utf8), "\(name)")
      }
    }

    private func target(_ place: Workplace, _ link: RawString) throws -> String {
      try place.command("/usr/bin/env", ["readlink", link]).run().outputText
    }

    @Test("directories are merged, also below, and later files win", arguments: Engine.available)
    func merge(_ engine: Engine) throws {
      try withScratch { place in
        for (root, text) in [("a", "1"), ("b", "2")] as [(RawString, String)] {
          try place.makeTree(root / "x", directories: ["in"], files: [])
          try place.write(root / "x/both", text)
          try place.write(root / "x/in/both", text)
          try place.makeSymbolicLink(root / "x/link", to: RawString(text))
        }
        try place.write("a/x/in/first", "1")
        try place.write("b/x/second", "2")
        try place.makeDirectory("d")
        try run(place.uringcp("-r", "a/x", "b/x/", "d", engine: engine), exits: 0)
        try expect(
          place, ["d/x/both": "2", "d/x/in/both": "2", "d/x/in/first": "1", "d/x/second": "2"])
        #expect(try target(place, "d/x/link") == "2\n")
        try place.makeDirectory("kept")
        try run(place.uringcp("-rn", "a/x", "b/x", "kept", engine: engine), exits: 0)
        try expect(place, ["kept/x/both": "1", "kept/x/in/both": "1", "kept/x/second": "2"])
        // -v tells of a directory where it is made, not where it is gone on in; and of what made way.
        try place.makeDirectory("told")
        let told = try place.uringcp("-rv", "a/x", "b/x", "told", engine: engine).run()
        #expect(
          told.outputText.split(separator: "\n").map(String.init).sorted()
            == [
              "a/x", "a/x/both", "a/x/in", "a/x/in/both", "a/x/in/first", "a/x/link", "b/x/both",
              "b/x/in/both", "b/x/link", "b/x/second",
            ].map { "'\($0)' -> 'told\($0.dropFirst())'" }.sorted() + ["removed 'told/x/link'"])
      }
    }

    @Test(
      "what does not fit into a merged directory is said, the rest is copied", arguments: Engine.available)
    func misfits(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeTree("a/x", directories: ["directory"], files: [])
        try place.write("a/x/file", "1")
        try place.makeTree("b/x", directories: ["file"], files: [])
        try place.write("b/x/directory", "2")
        try place.write("b/x/rest", "2")
        try place.makeDirectory("d")
        try run(
          place.uringcp("-r", "a/x", "b/x", "d", engine: engine), exits: 1,
          "cannot overwrite directory 'd/x/directory' with non-directory",
          "cannot overwrite non-directory 'd/x/file' with directory 'b/x/file'")
        try expect(place, ["d/x/file": "1", "d/x/rest": "2"])
        // And the operands themselves.
        try place.write("x", "3")
        try run(
          place.uringcp("-r", "a/x", "x", "d", engine: engine), exits: 1,
          "cannot overwrite directory 'd/x' with non-directory")
        try place.makeDirectory("e")
        try run(
          place.uringcp("-r", "x", "a/x", "e", engine: engine), exits: 1,
          "cannot overwrite non-directory 'e/x' with directory 'a/x'")
        try expect(place, ["e/x": "3"])
      }
    }

    @Test("files, links and FIFOs are not overwritten", arguments: Engine.available)
    func others(_ engine: Engine) throws {
      try withScratch { place in
        for root in ["a", "b", "d"] as [RawString] { try place.makeDirectory(root) }
        for (root, text) in [("a", "1"), ("b", "2")] as [(RawString, String)] {
          try place.write(root / "file", text)
          try place.makeSymbolicLink(root / "link", to: RawString("nowhere" + text))
          try place.makeFIFO(root / "fifo")
        }
        for name in ["file", "link", "fifo"] {
          try run(
            place.uringcp("-r", RawString("a/" + name), RawString("b/" + name), "d", engine: engine),
            exits: 1, "will not overwrite just-created 'd/\(name)' with 'b/\(name)'")
        }
        try expect(place, ["d/file": "1"])
        #expect(try target(place, "d/link") == "nowhere1\n")
        // Two names of one file that was there are two files to cp.
        try place.write("two", "two")
        try place.write("one", "one")
        try place.makeDirectory("linked")
        try place.write("linked/one", "")
        try place.link("linked/one", to: "linked/two")
        try run(place.uringcp("-r", "one", "two", "linked", engine: engine), exits: 0)
        try expect(place, ["linked/one": "two"])
      }
    }

    @Test("a file is not copied through a link that was just made", arguments: Engine.available)
    func throughLink(_ engine: Engine) throws {
      try withScratch { place in
        for root in ["a", "b", "d"] as [RawString] { try place.makeDirectory(root) }
        try place.write("victim", "untouched")
        try place.makeSymbolicLink("a/f", to: "../victim")
        try place.write("b/f", "attack")
        try run(
          place.uringcp("-r", "a/f", "b/f", "d", engine: engine), exits: 1,
          "will not copy 'b/f' through just-created symlink 'd/f'")
        try expect(place, ["victim": "untouched"])
        // What such a link leads to was not made here.
        try place.makeSymbolicLink("l", to: "f")
        try place.makeDirectory("e")
        try place.write("e/f", "old")
        try run(place.uringcp("-r", "l", "b/f", "e", engine: engine), exits: 0)
        try expect(place, ["e/f": "attack"])
      }
    }

    @Test("a directory is not copied through a link that was just made, even where links are kept")
    func directoryThroughLink() throws {
      try withScratch { place in
        for name in ["a", "b", "b/l", "d", "elsewhere"] as [RawString] { try place.makeDirectory(name) }
        try place.makeSymbolicLink("a/l", to: "../elsewhere")
        try place.write("b/l/x", "attack")
        try run(
          place.uringcp("-r", "--keep-directory-symlink", "a/l", "b/l", "d"), exits: 1,
          "cannot overwrite non-directory 'd/l' with directory 'b/l'")
        #expect(!place.exists("elsewhere/x"))
        // One that was there is gone through.
        try run(place.uringcp("-r", "--keep-directory-symlink", "b/l", "d"), exits: 0)
        try expect(place, ["elsewhere/x": "attack"])
      }
    }

    @Test("a source named twice is copied once", arguments: Engine.available)
    func twice(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeTree("a", directories: ["in"], files: ["x"])
        try place.write("f", "f")
        try place.makeDirectory("d")
        try run(
          place.uringcp("-r", "a", "./a/", "d", engine: engine), exits: 0,
          "warning: source directory './a/' specified more than once")
        #expect(try place.treeDifference("a", "d/a") == nil)
        for option in ["-r", "-f", "-n"] as [RawString] {
          try run(
            place.uringcp(option, "f", "./f", "d", engine: engine), exits: 0,
            "warning: source file './f' specified more than once")
        }
        // Hard links of other names, or in other places, are files of their own.
        try place.link("f", to: "g")
        try place.link("f", to: "a/f")
        try place.makeDirectory("e")
        try run(
          place.uringcp("f", "g", "a/f", "e", engine: engine), exits: 1,
          "will not overwrite just-created 'e/f' with 'a/f'")
        try expect(place, ["e/f": "f", "e/g": "f"])
        // Missing ones, and directories without -r, are said each time.
        try run(
          place.uringcp("no", "no", "a", "a", "e", engine: engine), exits: 1,
          "cannot stat 'no': No such file or directory", "cannot stat 'no': No such file or directory",
          "-r not specified; omitting directory 'a'", "-r not specified; omitting directory 'a'")
      }
    }

    @Test("what is kept, or linked already, is no cause for complaint", arguments: Engine.available)
    func keptFirst(_ engine: Engine) throws {
      try withScratch { place in
        for root in ["a", "b", "d"] as [RawString] { try place.makeDirectory(root) }
        try place.write("a/f", "1")
        try place.write("b/f", "2")
        try run(place.uringcp("-u", "a/f", "b/f", "d", engine: engine), exits: 0)
        try run(place.uringcp("--update=none", "a/f", "b/f", "d", engine: engine), exits: 0)
        try expect(place, ["d/f": "1"])
        // The first one is kept: it made nothing that the second could destroy.
        for (name, text, date) in [
          ("a/f", "1", "2001-01-01"), ("d/f", "old", "2002-02-02"), ("b/f", "3", "2003-03-03"),
        ] as [(RawString, String, RawString)] {
          try place.write(name, text)
          #expect(try place.command("/usr/bin/env", ["touch", "-d", date, name]).run().succeeded)
        }
        try run(place.uringcp("-u", "a/f", "b/f", "d", engine: engine), exits: 0)
        try expect(place, ["d/f": "3"])
        try place.makeDirectory("c")
        try place.link("a/f", to: "c/f")
        try place.makeDirectory("e")
        try run(place.uringcp("-l", "a/f", "c/f", "e", engine: engine), exits: 0)
      }
    }

    @Test("backups keep what an earlier operand made where they are numbered", arguments: Engine.available)
    func backups(_ engine: Engine) throws {
      try withScratch { place in
        for root in ["a", "b", "d", "e"] as [RawString] { try place.makeDirectory(root) }
        try place.write("a/f", "1")
        try place.write("b/f", "2")
        try run(place.uringcp("--backup=t", "a/f", "b/f", "a/f", "d", engine: engine), exits: 0)
        try expect(place, ["d/f": "1", "d/f.~1~": "1", "d/f.~2~": "2"])
        try run(
          place.uringcp("-b", "a/f", "a/f", "e", engine: engine), exits: 1,
          "will not overwrite just-created 'e/f' with 'a/f'")
      }
    }

    @Test("what was not copied is not in the way of what follows", arguments: Engine.available)
    func failedFirst(_ engine: Engine) throws {
      try withScratch { place in
        for root in ["a", "b", "d"] as [RawString] { try place.makeDirectory(root) }
        try place.write("d/f", "old")
        try place.makeDirectory("a/f")
        try place.write("b/f", "new")
        try run(
          place.uringcp("a/f", "b/f", "d", engine: engine), exits: 1,
          "-r not specified; omitting directory 'a/f'")
        try expect(place, ["d/f": "new"])
      }
    }
  }
#endif
