#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// Trees that nobody made for a test, copied with -a and compared by other programs.
  @Suite("Trees of this machine", .enabled(if: Requirement.root, "\(Requirement.rootReason)"))
  struct RealTreeTests {
    private static let hasRsync = Requirement.hasProgram("rsync")

    /// Directories that are there on most machines, and how many MiB of each are copied at most.
    private static let trees: [(directory: String, mebibytesMax: Int)] = [
      ("/etc", 100), ("/var/lib/dpkg", 150), ("/usr/share", 300), (toolchain, 500),
    ].filter { FileManager.default.fileExists(atPath: $0.0) }

    /// The libraries and headers of the compiler that is in PATH; they have links, programs and large files.
    private static let toolchain: String = {
      let script = "dirname \"$(dirname \"$(readlink -f \"$(command -v swiftc)\")\")\""
      let answer = try? Command("/bin/sh", ["-c", RawString(script)]).run().outputText
      return (answer?.split(separator: "\n").first).map { "\($0)/lib" } ?? "/nonexistent"
    }()

    private func shell(_ place: Workplace, _ script: String, _ arguments: RawString...) throws -> Outcome {
      try place.command("/bin/sh", ["-c", RawString(script), "sh"] + arguments).run()
    }

    /// Entries of a directory, as many as fit. Small ones first: there are more kinds of files in those.
    private func part(of directory: String, mebibytesMax: Int, in place: Workplace) throws -> [RawString] {
      let outcome = try shell(place, "cd \"$1\" && du -skx -- * | sort -n", RawString(directory))
      var left = mebibytesMax << 10
      return outcome.outputText.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: "\t", maxSplits: 1)
        guard fields.count == 2, let size = Int(fields[0]), size <= left else { return nil }
        left -= size
        return RawString(String(fields[1]))
      }
    }

    @Test(
      "copied with -a are the same for rsync and find",
      .enabled(if: hasRsync, "needs rsync"), .enabled(if: Requirement.freeDisk(gibibytes: 3), "needs 3 GiB"),
      arguments: trees)
    func archive(_ directory: String, mebibytesMax: Int) throws {
      try withScratch { place in
        let names = try part(of: directory, mebibytesMax: mebibytesMax, in: place)
        try #require(!names.isEmpty)
        try place.makeDirectory("copy")
        let destination = place.directory / "copy"
        var copy = place.uringcp([["-a", "--"], names, [destination]].flatMap { $0 })
        copy.directory = RawString(directory)
        let copied = try copy.run()
        #expect(copied.succeeded && copied.errors.isEmpty && copied.output.isEmpty, "\(copied)")

        for name in names {
          let compared = try shell(
            place, "rsync -aHAXn --checksum --itemize-changes --delete -- \"$1/$2\" copy/",
            RawString(directory), name)
          #expect(
            compared.succeeded && compared.output.isEmpty && compared.errors.isEmpty, "\(name): \(compared)")
        }
        let found = try shell(
          place,
          """
          list() {
            find "$@" ! -type d -printf '%p %y %m %U %G %s %T@ %l\\n' -o -printf '%p %y %m %U %G %T@\\n' | LC_ALL=C sort
          }
          directory=$1; shift
          here=$PWD
          (cd "$directory" && list "$@") >before
          (cd copy && list "$@") >after
          cmp before after
          """, [RawString(directory)] + names)
        #expect(found.succeeded, "\(found)")
        try place.removeTree("copy")
      }
    }

    private func shell(_ place: Workplace, _ script: String, _ arguments: [RawString]) throws -> Outcome {
      try place.command("/bin/sh", ["-c", RawString(script), "sh"] + arguments).run()
    }
  }
#endif
