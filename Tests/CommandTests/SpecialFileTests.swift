#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("Files that are not what their size says") struct SpecialFileTests {
    @Test("/proc files are copied with their true bytes", arguments: Way.all)
    func procfs(_ way: Way) throws {
      try withScratch { place in
        for source in ["/proc/version", "/proc/filesystems", "/proc/cpuinfo"] as [RawString] {
          let outcome = try place.uringcp(source, "copy", way: way).run()
          #expect(outcome.succeeded, "\(outcome)")
          // Clock rates change from one look to the next.
          func stable(_ bytes: [UInt8]) -> [Substring] {
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.contains("MHz") }
          }
          let copy = stable(try place.read("copy"))
          let expected = stable(try place.command("/bin/cat", [source]).run().output)
          #expect(!copy.isEmpty && copy == expected, "\(source)")
          try place.remove("copy")
        }
      }
    }

    @Test("/sys files, which claim 4096 bytes, are copied with their true bytes", arguments: Way.all)
    func sysfs(_ way: Way) throws {
      try withScratch { place in
        let candidates: [RawString] = [
          "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/uevent_seqnum", "/sys/kernel/profiling",
          "/sys/kernel/fscaps",
        ]
        let root = Workplace(directory: "/", outside: "")
        let source = try #require(
          candidates.first { root.size(RawString(Array($0.bytes.dropFirst()))) == 4096 })
        let outcome = try place.uringcp(source, "copy", way: way).run()
        #expect(outcome.succeeded, "\(outcome)")
        let expected = try place.command("/bin/cat", [source]).run().output
        #expect(!expected.isEmpty)
        #expect(try place.read("copy") == expected)
      }
    }

    @Test("A FIFO as source streams to its end", arguments: Way.all)
    func fifoSource(_ way: Way) throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        try place.makeFile("contents", size: 3 << 20 + 7)
        try place.command("/bin/sh", ["-c", "exec cat contents >fifo"]).running { writer in
          let outcome = try place.uringcp("fifo", "copy", way: way).run()
          #expect(outcome.succeeded, "\(outcome)")
          #expect(try writer.wait().succeeded)
        }
        #expect(try place.firstDifference("contents", "copy") == nil)
        #expect(place.status("fifo")?.isFIFO == true)
      }
    }

    @Test(
      "A FIFO that is written in small pieces by several writers arrives whole", arguments: Engine.available)
    func fifoInPieces(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        // The FIFO stays open for writing between the pieces.
        let script = "exec 3>fifo; for i in 1 2 3 4 5 6 7 8 9; do (echo piece $i >&3); done"
        try place.command("/bin/sh", ["-c", RawString(script)]).running { writer in
          let outcome = try place.uringcp("fifo", "copy", engine: engine).run()
          #expect(outcome.succeeded, "\(outcome)")
          #expect(try writer.wait().succeeded)
        }
        #expect(try place.read("copy") == Array((1...9).map { "piece \($0)\n" }.joined().utf8))
      }
    }

    @Test("A FIFO as destination gets every byte and stays a FIFO", arguments: Engine.available)
    func fifoDestination(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        try place.makeFile("source", size: 3 << 20 + 7)
        try place.command("/bin/sh", ["-c", "exec cat fifo >received"]).running { reader in
          let outcome = try place.uringcp("source", "fifo", engine: engine).run()
          #expect(outcome.succeeded, "\(outcome)")
          #expect(try reader.wait().succeeded)
        }
        #expect(try place.firstDifference("source", "received") == nil)
        #expect(place.status("fifo")?.isFIFO == true)
      }
    }

    @Test("/dev/null as source makes an empty file, and empties an existing one", arguments: Engine.available)
    func nullSource(_ engine: Engine) throws {
      try withScratch { place in
        try place.write("old", "old")
        for name in ["copy", "old"] as [RawString] {
          let outcome = try place.uringcp("/dev/null", name, engine: engine).run()
          #expect(outcome.succeeded, "\(outcome)")
          #expect(place.size(name) == 0)
          #expect(place.status(name)?.isRegular == true)
        }
      }
    }

    /// A node of our own: a bug must not replace the machine's /dev/null.
    @Test(
      "A device as destination is written to and not replaced",
      .enabled(if: Requirement.root, "\(Requirement.rootReason)"),
      arguments: Way.few)
    func nullDestination(_ way: Way) throws {
      try withScratch { place in
        try place.makeDevice("null", major: 1, minor: 3)
        let inode = place.status("null")?.inode
        try place.makeFile("large", size: 20 << 20)
        try place.makeSparseFile("sparse", size: 64 << 20, islands: [0..<5])
        try place.write("empty", "")
        for source in ["large", "sparse", "empty", "/proc/version"] as [RawString] {
          for options in [[], ["-f"]] as [[RawString]] {
            let outcome = try place.uringcp(options + [source, "null"], way: way).run()
            #expect(outcome.succeeded, "\(outcome)")
            #expect(place.status("null")?.isCharacterDevice == true)
            #expect(place.status("null")?.inode == inode)
          }
        }
      }
    }

    @Test(
      "A full device is an error, and is not removed",
      .enabled(if: Requirement.root, "\(Requirement.rootReason)"), arguments: Engine.available)
    func fullDestination(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeDevice("full", major: 1, minor: 7)
        try place.makeFile("source", size: 3 << 20)
        let outcome = try place.uringcp("source", "full", engine: engine).run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorText.hasPrefix("uringcp: error writing 'full'"))
        #expect(outcome.errorText.contains("No space left on device"))
        #expect(place.status("full")?.isCharacterDevice == true)
      }
    }

    @Test("/dev/stdin and /dev/stdout are copied from and to")
    func standardStreams() throws {
      try withScratch { place in
        try place.makeFile("source", size: 200_000)
        let outcome = try place.command(
          "/bin/sh", ["-c", "cat source | \"$0\" /dev/stdin /dev/stdout | cat", Executables.uringcp]
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try outcome.output == place.read("source"))
      }
    }
  }
#endif
