import UringIO

/// What one comparison found, for the page: the charts and the figures.
struct ComparisonSections {
  let report: ComparisonReport
  /// Of the sections' headings, 2 to 5.
  var level = 2

  private var result: ComparisonResult { report.result }
  private var amount: WorkAmount { report.context.work.amount }

  var html: String { result.rows.isEmpty ? "" : charts + figures }

  private func section(_ id: String, _ heading: String, _ content: String) -> String {
    guard let files = report.files else { return HTML.section(id, heading, content, level: level) }
    return HTML.section(
      "\(id)-\(files.fileByteCount)", heading, content, level: level, in: Self.id(of: files))
  }

  /// Of the section that one of several comparisons has to itself.
  static func id(of files: GeneratedFiles) -> String { "size-\(files.fileByteCount)" }

  /// Behind the name of a table.
  private var suffix: String { report.files.map { ", \($0.heading)" } ?? "" }

  // MARK: Charts

  private var charts: String {
    var text = ""
    let ratios = ComparisonResult.Time.allCases.compactMap { Charts.ratios(result, $0) }
    if !ratios.isEmpty {
      let confidence = ByteSize.decimal(result.confidence * 100, digits: 1)
      let how = HTML.paragraph(
        "The dot is the estimate from the ratios of each round, the bar the bounds within which the true ratio lies "
          + "with \(confidence) % confidence, the line the baseline. Bounds that include 1 tell of no difference.",
        class: "quiet")
      text += section("ratios", "Who is faster", how + ratios.joined())
    }
    text += section("rounds", "Every round", Charts.rounds(result))
    text += section("cpu", "What it costs", Charts.processor(result, amount))
    let settings = SettingChart.all(result, amount)
    if !settings.isEmpty { text += section("settings", "Settings", settings.map(\.html).joined()) }
    if let latencies = LatencyChart(result) {
      text += section("latencies", "How long operations take", latencies.html(suffix))
    }
    return text
  }

  // MARK: Figures

  private var figures: String {
    func size(_ spread: Spread?) -> String { spread.map { ByteSize.format(Int64($0.median)) } ?? "unknown" }
    let rows = result.rows.map { row in
      [
        row.name, PageText.range(row.toReturn), row.toDisk.map(PageText.range) ?? "nothing written",
        ByteSize.decimal(row.rate, digits: amount.fractionDigits), PageText.seconds(row.cpu.median),
        row.record.peakResidentByteCount.map(ByteSize.format) ?? "unknown",
        ByteSize.decimal(row.contextSwitches.median, digits: 0), size(row.deviceReadByteCount),
        size(row.deviceWrittenByteCount),
      ]
    }
    let table = HTML.table(
      "Median, and in brackets the least and the greatest, of \(result.roundCount) rounds\(suffix)",
      [
        "contestant", "seconds to return", "seconds to disk", "\(amount.unit)/s", "CPU s", "peak memory",
        "context switches", "device read", "device written",
      ], rows)
    let ways = result.rows.compactMap { row -> String? in
      guard let strategy = row.record.strategy, let reason = row.record.reason else { return nil }
      return "<dt>\(HTML.escaped(row.name))</dt><dd>\(HTML.escaped("\(strategy), because \(reason)"))</dd>"
    }
    let why =
      ways.isEmpty ? "" : HTML.heading("How each did it", level: level + 1) + "<dl>\(ways.joined())</dl>\n"
    return section("figures", "Figures", table + why)
  }
}

/// Figures in a page.
enum PageText {
  /// Three digits that mean something.
  static func seconds(_ value: Double) -> String {
    let digits =
      value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : value >= 0.01 ? 4 : 5
    return ByteSize.decimal(value, digits: digits)
  }

  static func range(_ spread: Spread) -> String {
    "\(seconds(spread.median)) (\(seconds(spread.min))-\(seconds(spread.max)))"
  }

  /// "850 ns", "12 µs", "1.3 ms": two digits mean something where operations are measured.
  static func nanoseconds(_ count: Int64) -> String {
    guard count >= 1000 else { return "\(count) ns" }
    // Rounded to whole ones, 999.6 of a unit is 1.0 of the next.
    let (unit, factor) = [("s", 1e9), ("ms", 1e6)].first { Double(count) >= 0.9995 * $0.1 } ?? ("µs", 1e3)
    let value = Double(count) / factor
    return "\(ByteSize.decimal(value, digits: value < 9.95 ? 1 : 0)) \(unit)"
  }
}
