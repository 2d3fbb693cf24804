import UringIO

/// The comparison as one page that needs nothing else: no script, no font, no picture from anywhere.
struct ComparisonPage {
  let context: ComparisonContext
  let result: ComparisonResult

  var html: String {
    let title = "uringtool compare \(context.workload.job)"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(HTML.escaped(title))</title>
      <style>
      \(PageStyle.text)
      </style>
      </head>
      <body>
      <header>
      <h1>\(HTML.escaped(title))</h1>
      \(HTML.paragraph(result.conclusion, class: "answer"))\(warnings)</header>
      <main>
      \(charts)\(figures)\(settings)\(again)</main>
      <footer>
      \(HTML.paragraph("Made by uringtool (swift-uring-io) \(UringIOVersion.current).", class: "quiet"))</footer>
      </body>
      </html>

      """
  }

  private var warnings: String {
    var texts: [String] = []
    if let interruption = context.interruption { texts.append("Stopped early: \(interruption).") }
    texts += context.failures.map { "\($0.name) failed and was left out: \($0.reason)." }
    texts += context.leftOut.map { "\($0.name) could not take part: \($0.reason)." }
    if context.isPrepared == false, let cacheText = context.cacheText {
      texts.append("The source: \(cacheText).")
    }
    if !result.noisy.isEmpty {
      texts.append(
        "Too noisy to tell small differences: \(result.noisy.joined(separator: ", ")). Repeat on a quiet machine."
      )
    }
    return texts.map { HTML.paragraph($0, class: "warn") }.joined()
  }

  // MARK: Charts

  private var charts: String {
    guard !result.rows.isEmpty else { return "" }
    var text = ""
    let ratios = ComparisonResult.Time.allCases.compactMap { Charts.ratios(result, $0) }
    if !ratios.isEmpty {
      let confidence = ByteSize.decimal(result.confidence * 100, digits: 1)
      let how = HTML.paragraph(
        "The dot is the estimate from the ratios of each round, the bar the bounds within which the true ratio lies "
          + "with \(confidence) % confidence, the line the baseline. Bounds that include 1 tell of no difference.",
        class: "quiet")
      text += HTML.section("ratios", "Who is faster", how + ratios.joined())
    }
    text += HTML.section("rounds", "Every round", Charts.rounds(result))
    text += HTML.section("cpu", "What it costs", Charts.processor(result, context.workload.amount))
    let settings = SettingChart.all(result, context.workload.amount)
    if !settings.isEmpty { text += HTML.section("settings", "Settings", settings.map(\.html).joined()) }
    return text
  }

  // MARK: Figures

  private var figures: String {
    guard !result.rows.isEmpty else { return "" }
    let amount = context.workload.amount
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
      "Median, and in brackets the least and the greatest, of \(result.roundCount) rounds",
      [
        "contestant", "seconds to return", "seconds to disk", "\(amount.unit)/s", "CPU s", "peak memory",
        "context switches", "device read", "device written",
      ], rows)
    let ways = result.rows.compactMap { row -> String? in
      guard let strategy = row.record.strategy, let reason = row.record.reason else { return nil }
      return "<dt>\(HTML.escaped(row.name))</dt><dd>\(HTML.escaped("\(strategy), because \(reason)"))</dd>"
    }
    let why = ways.isEmpty ? "" : "<h3>How each did it</h3>\n<dl>\(ways.joined())</dl>\n"
    return HTML.section("figures", "Figures", table + why)
  }

  // MARK: What was done

  private var settings: String {
    let machine = context.machine
    var rows = context.workload.description.map { ($0.label, $0.text) }
    if let cacheText = context.cacheText { rows.append(("source", cacheText)) }
    rows += [
      (
        "made in",
        "\(context.directory.displayed), \(context.fileSystem.mount?.type ?? context.fileSystem.kind.rawValue)"
          + (context.fileSystem.mount.map { " on \($0.source)" } ?? "")
      ),
      (
        "machine",
        "\(machine.coreCount) cores, \(ByteSize.format(machine.memoryByteCount)), \(machine.kernel) "
          + machine.architecture
      ),
      ("date", context.dateText("%Y-%m-%d %H:%M UTC", isUTC: true)),
      ("rounds", "\(result.roundCount) after a warm-up, order shuffled"),
      ("fairness", ComparisonText.fairness(context.workload.job)),
    ]
    let list = rows.map { "<dt>\(HTML.escaped($0.0))</dt><dd>\(HTML.escaped($0.1))</dd>" }.joined(
      separator: "\n")
    return HTML.section("done", "What was done", "<dl>\n\(list)\n</dl>\n")
  }

  private var again: String {
    var text =
      "<p>The whole comparison, in the same order:</p>\n<pre>\(HTML.escaped(context.command))</pre>\n"
    if !result.rows.isEmpty { text += "<p>What each contestant ran:</p>\n" }
    for row in result.rows {
      text += "<pre>\(HTML.escaped(row.record.contestant.commandText))</pre>\n"
    }
    return HTML.section("again", "To do it again", text)
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
}
