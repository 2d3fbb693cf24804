#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("uringtool save --generate") struct SaveGenerateTests {
    private static func text(_ file: Int, lines: Int, values: Int) -> String {
      (0..<lines).map { line in (0..<values).map { "\(file + line + $0)" }.joined(separator: ",") + "\n" }
        .joined()
    }

    @Test("the set has the documented bytes", arguments: Engine.available)
    func bytes(_ engine: Engine) throws {
      try withScratch { place in
        for (lines, values) in [(1, 1), (1, 10), (3, 1), (1200, 10), (7, 300), (105, 100)] {
          let out = RawString("out-\(lines)-\(values)")
          let outcome = try place.save(
            out, "--generate=csv", "--files=12", "--lines=\(lines)", "--values=\(values)",
            "--engine=\(engine)"
          ).run()
          #expect(outcome.succeeded, "\(outcome)")
          for file in 0..<12 {
            let name = RawString("data_000\(file < 10 ? "0" : "")\(file).csv")
            #expect(try place.text(of: out / name) == Self.text(file, lines: lines, values: values))
          }
        }
      }
    }

    @Test("a file of several pieces has the same bytes") func pieces() throws {
      try withScratch { place in
        let outcome = try place.save(
          "out", "--generate=csv", "--files=1", "--lines=30000", "--values=20", "--exclusive"
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let text = try place.text(of: "out/data_00000.csv")
        #expect(text.utf8.count > 3_000_000)
        #expect(text == Self.text(0, lines: 30_000, values: 20))
        let again = try place.save("out", "--generate=csv", "--files=2", "--lines=1", "--exclusive").run()
        #expect(again.status == .exited(1))
        #expect(again.errorLines.count == 1)
        #expect(try place.text(of: "out/data_00001.csv") == Self.text(1, lines: 1, values: 10))
      }
    }

    @Test("few descriptors suffice, also where each file is synced", arguments: Engine.forced)
    func fewDescriptors(_ engine: Engine) throws {
      try withScratch(.memory) { place in
        let outcome = try place.save(
          "out", "--generate=csv", "--files=400", "--lines=1", "--durable", "--depth=200", "--workers=4",
          "--engine=\(engine)"
        ).with { $0.limits.openFiles = 64 }.run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        #expect(try place.text(of: "out/data_00399.csv") == Self.text(399, lines: 1, values: 10))
      }
    }

    @Test(
      "wrong usage is refused",
      arguments: [
        "--generate=xml", "--files=3", "--generate=csv --files=0", "--generate=csv --lines=0",
        "--generate=csv --values=0", "--generate=csv --files=x", "--workers=0", "--depth=5000",
        "--generate=csv --batch=0", "--generate=csv --batch=4097",
        "--engine=none",
      ])
    func misuse(_ options: String) throws {
      try withScratch { place in
        let tool = RawString("\(Executables.directory)/uringtool")
        let outcome = try place.command(
          tool, ["save", "out"] + options.split(separator: " ").map { RawString("\($0)") }
        )
        .run()
        #expect(outcome.status == .exited(2), "\(outcome)")
        #expect(!place.exists("out"))
      }
    }
  }
#endif
