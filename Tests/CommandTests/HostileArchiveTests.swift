#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("uringtool save: hostile and broken archives") struct HostileArchiveTests {
    @Test("names that lead elsewhere are refused, and the rest goes on") func escapes() throws {
      try withScratch { place in
        try place.write("outside", "untouched")
        try place.makeArchive {
          $0.add("../outside", "evil")
          $0.add("a/../../outside", "evil")
          $0.add("/tmp/uringtool-test-evil", "evil")
          $0.add("out", type: "2", linkName: "..")
          $0.add("out/outside", "evil")
          $0.add("d", type: "5")
          $0.add("d", type: "2", linkName: "..")
          $0.add("d/inside", "good")
          $0.add("hard", type: "1", linkName: "../outside")
          $0.add("absolute", type: "1", linkName: "/etc/passwd")
          $0.addPax([("path", "../outside")])
          $0.add("harmless", "evil")
          $0.add("././@LongLink", type: "L", Array("../../outside\0".utf8))
          $0.add("harmless", "evil")
          $0.add("good", "good")
          $0.end()
        }
        let outcome = try place.save("root", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(try place.text(of: "outside") == "untouched")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/uringtool-test-evil"))
        #expect(try place.text(of: "root/good") == "good")
        #expect(try place.text(of: "root/d/inside") == "good")
        #expect(outcome.errorText.contains("through '..'"))
        #expect(outcome.errorText.contains("its name is absolute"))
        #expect(outcome.errorText.contains("its link's target is absolute"))
        #expect(!place.exists("root/hard"))
        #expect(!place.exists("root/harmless"))
      }
    }

    @Test("links that are there already are not followed") func existingLinks() throws {
      try withScratch { place in
        try place.makeDirectory("outside")
        try place.makeDirectory("root")
        try place.makeSymbolicLink("root/d", to: "../outside")
        try place.write("aim", "untouched")
        try place.makeSymbolicLink("root/file", to: "../aim")
        try place.makeArchive {
          $0.add("d/evil", "evil")
          $0.add("file", "evil")
          $0.add("good", "good")
          $0.end()
        }
        let outcome = try place.save("root", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorLines.count == 2, "\(outcome)")
        #expect(outcome.errorText.contains("a symbolic link is not followed"))
        #expect(!place.exists("outside/evil"))
        #expect(try place.text(of: "aim") == "untouched")
        #expect(try place.text(of: "root/good") == "good")
      }
    }

    @Test("files beside each other, under every spelling of their names") func neighbours() throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("d/a", "first")
          $0.add("d/b", "first")
          $0.add("d/..", "evil")
          $0.add("d/.", "evil")
          $0.add("d/c", "after a dot")
          $0.add("d/../d/b", "evil")
          $0.add("d/.hidden", "hidden")
          $0.add("d/e/f", "below")
          $0.add("d/e/g", "below too")
          $0.add("d/h", "above")
          $0.add("da", "beside")
          $0.add("./d//b", "second")
          $0.add("d/a", "second")
          $0.add("d/link", type: "2", linkName: "a")
          $0.add("d/i", "after a link")
          $0.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorLines.count == 3, "\(outcome)")
        let expected = [
          "d/a": "second", "d/b": "second", "d/.hidden": "hidden", "d/e/f": "below", "d/e/g": "below too",
          "d/h": "above", "d/c": "after a dot", "da": "beside", "d/i": "after a link",
        ]
        for (name, text) in expected { #expect(try place.text(of: "out/\(name)") == text) }
        #expect(place.linkTarget("out/d/link") == "a")
      }
    }

    @Test("the last member of a name wins, whatever the kinds") func repeated() throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("a", "first")
          $0.add("a", "second")
          $0.add("b", type: "2", linkName: "a")
          $0.add("b", "file")
          $0.add("c", "file")
          $0.add("c", type: "2", linkName: "a")
          $0.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.text(of: "out/a") == "second")
        #expect(place.status("out/b")?.isRegular == true)
        #expect(place.linkTarget("out/c") == "a")
      }
    }

    @Test("what cannot be made is reported, and its data skipped") func unsupported() throws {
      try withScratch { place in
        try place.makeArchive {
          $0.add("fifo", type: "6")
          $0.add("device", type: "3")
          $0.add("sparse", type: "S", [UInt8](repeating: 1, count: 700))
          $0.add("odd", type: "Z", [UInt8](repeating: 1, count: 700))
          $0.addPax([("GNU.sparse.major", "1")])
          $0.add("sparse", [UInt8](repeating: 1, count: 700))
          $0.add("label", type: "V")
          $0.add("hard", type: "1", linkName: "missing")
          $0.add("", "no name")
          $0.add("good", "good")
          $0.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.status == .exited(1))
        #expect(outcome.errorLines.count == 7, "\(outcome)")
        #expect(try place.text(of: "out/good") == "good")
        for name: RawString in ["fifo", "device", "sparse", "odd", "hard"] {
          #expect(!place.exists("out" / name))
        }
      }
    }

    @Test("a truncated archive is an error, wherever it ends") func truncated() throws {
      try withScratch { place in
        var archive = TarArchive()
        archive.add("first", "whole")
        archive.add("././@LongLink", type: "L", Array("second\0".utf8))
        archive.add("x", [UInt8](repeating: 1, count: 3_000_000))
        archive.add("third", [UInt8](repeating: 2, count: 2000))
        let end = archive.bytes.count
        archive.end()
        // In a header, in a name, in a large member, in a small one, in its padding, before the end's mark.
        for length in [1, 600, 1024, 1600, 500_000, end - 1000, end - 10, end] {
          try place.write("archive.tar", Array(archive.bytes[..<length]))
          let out = RawString("out-\(length)")
          let outcome = try place.save(out, from: "archive.tar").run()
          #expect(outcome.status == .exited(1), "\(length): \(outcome)")
          #expect(outcome.errorText.contains("the archive is truncated"), "\(length): \(outcome)")
          if length < 3_000_000 { #expect(!place.exists(out / "second")) }
          if length < end - 48 { #expect(!place.exists(out / "third")) }
        }
      }
    }

    @Test("what is no archive is said to be none") func noArchive() throws {
      try withScratch { place in
        let empty = try place.save("out").run()
        #expect(empty.status == .exited(1))
        #expect(empty.errorText.contains("empty"))
        try place.makeFile("noise", size: 5000)
        #expect(try place.save("out", from: "noise").run().errorText.contains("no tar archive"))
        try place.write("archive.tgz", [0x1f, 0x8b] + [UInt8](repeating: 1, count: 2000))
        #expect(try place.save("out", from: "archive.tgz").run().errorText.contains("gzip"))
        var archive = TarArchive()
        archive.add("good", "good")
        try place.write("archive.tar", archive.bytes + [UInt8](repeating: 7, count: 2048))
        let damaged = try place.save("out", from: "archive.tar").run()
        #expect(damaged.status == .exited(1))
        #expect(damaged.errorText.contains("no header where one is due"))
        #expect(try place.text(of: "out/good") == "good")
      }
    }

    @Test("numbers and names out of all proportion are refused") func absurd() throws {
      try withScratch { place in
        let damages: [(inout TarArchive) -> Void] = [
          {
            $0.add(
              "huge",
              change: { $0.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0xff, count: 11)) })
          },
          {
            $0.add(
              "negative", change: { $0.replaceSubrange(124..<136, with: [UInt8](repeating: 0xff, count: 12)) }
            )
          },
          { $0.add("digits", change: { $0.replaceSubrange(124..<127, with: Array("9x!".utf8)) }) },
          { $0.add("name", type: "L", size: 1 << 30) },
          { $0.add("pax", type: "x", Array("99999 path=x\n".utf8)) },
          { $0.add("pax", type: "x", Array("12 size=-5\n!".utf8)) },
        ]
        for (index, damage) in damages.enumerated() {
          try place.makeArchive {
            damage(&$0)
            $0.end()
          }
          let outcome = try place.save("out", from: "archive.tar").run()
          #expect(outcome.status == .exited(1), "\(index): \(outcome)")
          #expect(
            outcome.errorText.contains("damaged") || outcome.errorText.contains("truncated"),
            "\(index): \(outcome)")
        }
        // Eight gibibytes that are not there.
        try place.makeArchive { archive in
          archive.add(
            "big", change: { $0.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]) })
          archive.end()
        }
        let outcome = try place.save("out", from: "archive.tar").run()
        #expect(outcome.errorText.contains("truncated"))
        #expect(!place.exists("out/big"))
      }
    }
  }
#endif
