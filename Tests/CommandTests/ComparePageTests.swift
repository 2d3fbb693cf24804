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
            "uringtool compare copy", "Who is faster", "Every round", "What it costs", "Settings",
            "How long operations take", "Figures", "How each did it", "What was done", "To do it again",
          ])
        // The picture says in words what it shows.
        let tree = try #require(seen["tree"] as? [[String]])
        let picture = tree.first { $0[0] == "image" || $0[0] == "img" }
        #expect(picture?[1].contains("at depth 1") == true && picture?[1].contains("at depth 8") == true)
        #expect(tree.contains { $0[0] == "table" } && tree.contains { $0[0] == "rowheader" && $0[1] == "cp" })
      }
    }

    private struct Chart {
      let caption: String
      let picture: String?
      let points: Int
      let rows: [String]
      let values: [String]
      let scale: [String]
      /// On each row.
      let dots: [Int]
      let legend: [String]
      /// Rows of cells, the headings first.
      let table: [[String]]

      init(_ seen: [String: Any]) {
        func texts(_ name: String) -> [String] { seen[name] as? [String] ?? [] }
        caption = seen["caption"] as? String ?? ""
        picture = seen["picture"] as? String
        points = seen["points"] as? Int ?? 0
        (rows, values) = (texts("rows"), texts("values"))
        (scale, legend) = (texts("scale"), texts("legend"))
        dots = seen["dots"] as? [Int] ?? []
        table = seen["table"] as? [[String]] ?? []
      }
    }

    private func charts(_ seen: [String: Any]) throws -> [Chart] {
      try #require(seen["charts"] as? [[String: Any]]).map(Chart.init)
    }

    @Test(
      "shows how long operations took as the run has it, each kind with a table behind it",
      .enabled(
        if: chromium != nil && Requirement.hasProgram("python3"),
        "needs Chromium and Python (apt-get install chromium python3)"))
    func latencies() throws {
      try withScratch { place in
        let outcome = try place.command(
          Self.tool,
          [
            "compare", "load", "--generate=small", "--files=300", "--rounds=1", "--json", "--html=page.html",
            "--engine=threads,sequential,auto", "--against=ls {source}",
          ]
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let report = try #require(try outcome.jsonObjects().first)
        var counts: [String: [String: Int]] = [:]
        for contestant in try #require(report["contestants"] as? [[String: Any]]) {
          for (kind, latency) in contestant["latencyNanoseconds"] as? [String: [String: Int]] ?? [:] {
            counts[kind, default: [:]][contestant["name"] as? String ?? ""] = latency["count"]
          }
        }
        #expect(counts["read"]?.count == 3, "\(counts)")
        let seen = try look(place, at: "page.html")
        #expect(seen["problems"] as? [String] == [])
        let shown = try charts(seen).filter { $0.table.first?.contains("99.9 %") == true }
        #expect(Set(shown.map(\.caption)) == Set(counts.keys))
        for chart in shown {
          #expect(Set(chart.rows) == Set(counts[chart.caption, default: [:]].keys))
          #expect(chart.dots.allSatisfy { $0 == 4 } && chart.values.allSatisfy { $0.contains("99 %: ") })
          #expect(chart.scale.count >= 2 && chart.scale.allSatisfy { $0.hasPrefix("1") })
          #expect(
            chart.table[0] == ["contestant", "measured", "median", "90 %", "99 %", "99.9 %", "slowest"])
          for row in chart.table.dropFirst() {
            #expect(row[1] == counts[chart.caption]?[row[0]].map(String.init) && row.count == 7, "\(row)")
          }
          #expect(chart.table.dropFirst().map(\.first) == chart.rows)
        }
      }
    }

    @Test(
      "shows the rate over the size of the files, a line for each contestant, and each size's own charts",
      .enabled(
        if: chromium != nil && Requirement.hasProgram("python3"),
        "needs Chromium and Python (apt-get install chromium python3)"))
    func sizes() throws {
      try withScratch { place in
        // Not in the order of the chart; two lie so close that their texts have no room in one line.
        let outcome = try place.command(
          Self.tool,
          [
            "compare", "tree", "--generate=small", "--files=20", "--size=64K,1,4K,5K,512K", "--rounds=1",
            "--json", "--html=page.html",
            "--engine=threads,sequential,threads:depth=1,threads:depth=2,auto,threads:workers=3",
          ]
        ).run()
        #expect(outcome.succeeded, "\(outcome)")
        let seen = try look(place, at: "page.html")
        #expect(seen["problems"] as? [String] == [])
        let chart = try #require(try charts(seen).first { $0.caption.contains("over the size of each file") })
        let names: Set = [
          "threads", "sequential", "threads:depth=1", "threads:depth=2", "auto", "threads:workers=3", "cp -r",
        ]
        #expect(Set(chart.legend) == names && chart.points == 5 * 7)
        #expect(chart.table[0] == ["contestant", "1 B", "4 KiB", "5 KiB", "64 KiB", "512 KiB"])
        #expect(Set(chart.table.dropFirst().map { $0[0] }) == names)
        #expect(
          names.allSatisfy { chart.picture?.contains("\($0): ") == true }
            && chart.picture?.contains(" at 64 KiB") == true)
        // The figures are the run's.
        let report = try #require(try outcome.jsonObjects().first)
        for size in try #require(report["sizes"] as? [[String: Any]]) {
          let comparison = try #require(size["comparison"] as? [String: Any])
          let byteCount = try #require(size["fileBytes"] as? Int)
          let column = try #require([1, 4096, 5120, 65536, 512 << 10].firstIndex(of: byteCount)) + 1
          for contestant in try #require(comparison["contestants"] as? [[String: Any]]) {
            let row = try #require(chart.table.first { $0[0] == contestant["name"] as? String })
            let rate = try #require(contestant["bytesPerSecond"] as? Double)
            let shown = try #require(Double(row[column].prefix { $0 != " " }))
            let unit = String(row[column].split(separator: " ")[1].prefix(1))
            let factor = try #require(["B": 1.0, "k": 1e3, "M": 1e6, "G": 1e9][unit])
            #expect(abs(shown * factor / rate - 1) < 0.01 || rate < 100, "\(row), \(rate)")
          }
        }
        let headings = try #require(seen["headings"] as? [String])
        #expect(
          headings.filter { $0.contains("files of") } == [
            "20 files of 64 KiB", "20 files of 1 B", "20 files of 4 KiB", "20 files of 5 KiB",
            "20 files of 512 KiB",
          ])
        #expect(headings.count { $0 == "How long operations take" } == 5)
        #expect(headings[1] == "Rate over file size")
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
