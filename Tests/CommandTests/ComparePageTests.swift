#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// The page of `uringtool compare --html`, looked at in a browser.
  @Suite("The page of a comparison") struct ComparePageTests {
    private static let tool = RawString("\(Executables.directory)/uringtool")
    private static let checker = RawString(
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("PageCheck/check_page.py").path)

    private static let chromium: RawString? = [
      "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    ]
    .first { FileManager.default.isExecutableFile(atPath: $0) }.map { RawString($0) }

    /// axe-core, where it was installed (`make test` asks PyPI for it).
    private static let axe: RawString? = {
      let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".build/axe/axe_playwright_python/axe.min.js")
        .path
      return FileManager.default.isReadableFile(atPath: path) ? RawString(path) : nil
    }()

    private func look(_ place: Workplace, at page: RawString) throws -> [String: Any] {
      let axe: [RawString] = Self.axe.map { ["--axe", $0] } ?? []
      let outcome = try place.command("/usr/bin/env", ["python3", Self.checker, Self.chromium!, page] + axe)
        .run()
      #expect(outcome.succeeded, "\(outcome)")
      return try #require(try outcome.jsonObjects().first)
    }

    @Test(
      "is complete in itself, readable on a phone and in the dark, and by a screen reader",
      .enabled(
        if: chromium != nil && Requirement.hasProgram("python3"),
        "needs Chromium and Python (apt-get install chromium python3)"))
    func readable() throws {
      try withScratch { place in
        // A name that must not become a part of the page.
        try place.makeFile("<b>&\"'.dat", size: 2_000_000)
        let outcome = try place.command(
          Self.tool,
          [
            "compare", "copy", "<b>&\"'.dat", "--html=page.html", "--rounds=6",
            "--engine=threads,sequential,threads:depth=1,threads:depth=8",
            "--against=sh -c 'sleep 0.1; exec cp $0 $1' {source} {destination}", "--against=false",
          ]
        ).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        let seen = try look(place, at: "page.html")
        #expect(seen["problems"] as? [String] == [])
        let text = try #require(seen["text"] as? String)
        // What a reader looks for: the answer, who failed and why, every contestant, and how to do it again.
        for word in [
          "uringtool compare copy", "threads:depth=8", "false failed and was left out", "<b>&\"'.dat",
          "(baseline)",
          "seconds to return", "--seed", "in the page cache before each run", "cores",
        ] { #expect(text.contains(word), "\(word) in \(text)") }
        #expect(text.contains("no difference") || text.contains(" x cp "))
        #expect(
          seen["headings"] as? [String] == [
            "uringtool compare copy", "Who is faster", "Every round", "What it costs", "Settings", "Figures",
            "How each did it", "What was done", "To do it again",
          ])
        // The picture says in words what it shows.
        let tree = try #require(seen["tree"] as? [[String]])
        let picture = tree.first { $0[0] == "image" || $0[0] == "img" }
        #expect(picture?[1].contains("at depth 1") == true && picture?[1].contains("at depth 8") == true)
        #expect(tree.contains { $0[0] == "table" } && tree.contains { $0[0] == "rowheader" && $0[1] == "cp" })
      }
    }

    @Test("has no script and asks nobody for anything")
    func closed() throws {
      try withScratch { place in
        let outcome = try place.command(
          Self.tool,
          ["compare", "append", "--lines=10", "--engine=sequential", "--rounds=1", "--html=page.html"]
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let page = String(decoding: try place.read("page.html"), as: UTF8.self)
        for word in ["<script", "http:", "https:", "url(", "@import", "src=", "<link", "<img"] {
          #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src 'none'"))
      }
    }
  }
#endif
