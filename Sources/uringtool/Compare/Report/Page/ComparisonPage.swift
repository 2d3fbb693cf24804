import UringIO

/// The comparison as one page that needs nothing else: no script, no font, no picture from anywhere.
struct ComparisonPage {
  let reports: ComparisonReports

  /// What is the same for all of them: the machine, the place, the command.
  private var context: ComparisonContext { reports.reports[0].context }

  var html: String {
    let title = "uringtool compare \(context.work.job)"
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
      \(answer)\(warnings)</header>
      <main>
      \(results)\(settings)\(again)</main>
      <footer>
      \(HTML.paragraph("Made by uringtool (swift-uring-io) \(UringIOVersion.current).", class: "quiet"))</footer>
      </body>
      </html>

      """
  }

  private var answer: String {
    reports.reports.map { report in
      let size = report.files.map { "\($0.heading): " } ?? ""
      return HTML.paragraph(size + report.result.conclusion, class: "answer")
    }.joined()
  }

  private var warnings: String {
    var texts: [String] = []
    if reports.hasSizes, let interruption = reports.interruption {
      texts.append("Stopped early, with \(reports.reports.count) of \(reports.count) sizes: \(interruption).")
    }
    for report in reports.reports {
      let size = report.files.map { "\($0.heading): " } ?? ""
      texts += Self.warnings(report).map { size + $0 }
    }
    return texts.map { HTML.paragraph($0, class: "warn") }.joined()
  }

  private static func warnings(_ report: ComparisonReport) -> [String] {
    let context = report.context
    var texts: [String] = []
    if let interruption = context.interruption { texts.append("Stopped early: \(interruption).") }
    texts += context.failureTexts.map { $0 + "." }
    texts += context.leftOut.map { "\($0.name) could not take part: \($0.reason)." }
    if context.isPrepared == false, let cacheText = context.cacheText {
      texts.append("The source: \(cacheText).")
    }
    let noisy = report.result.noisy
    if !noisy.isEmpty {
      texts.append(
        "Too noisy to tell small differences: \(noisy.joined(separator: ", ")). Repeat on a quiet machine.")
    }
    return texts
  }

  private var results: String {
    guard reports.hasSizes else { return ComparisonSections(report: reports.reports[0]).html }
    let chart = SizeChart(reports).map { HTML.section("sizes", "Rate over file size", $0.html) } ?? ""
    return chart
      + reports.reports.map { report in
        let files = report.files!
        return HTML.section(
          ComparisonSections.id(of: files), files.heading, ComparisonSections(report: report, level: 3).html)
      }.joined()
  }

  // MARK: What was done

  private var settings: String {
    let machine = context.machine
    var rows: [(String, String)] = []
    for report in reports.reports {
      rows += report.context.work.lines.map { ($0.label, $0.text) }
      if let cacheText = report.context.cacheText { rows.append(("source", cacheText)) }
    }
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
    ]
    rows += reports.reports.map { report in
      let size = report.files.map { "\($0.heading): " } ?? ""
      return ("rounds", size + "\(report.result.roundCount) after a warm-up, order shuffled")
    }
    rows.append(("fairness", ComparisonText.fairness(context.work.job)))
    let list = rows.map { "<dt>\(HTML.escaped($0.0))</dt><dd>\(HTML.escaped($0.1))</dd>" }.joined(
      separator: "\n")
    return HTML.section("done", "What was done", "<dl>\n\(list)\n</dl>\n")
  }

  private var again: String {
    var text =
      "<p>The whole comparison, in the same order:</p>\n<pre>\(HTML.escaped(context.command))</pre>\n"
    if !reports.names.isEmpty { text += "<p>What each contestant ran:</p>\n" }
    let rows = reports.reports.flatMap(\.result.rows)
    for row in reports.names.compactMap({ name in rows.first { $0.name == name } }) {
      text += "<pre>\(HTML.escaped(row.record.contestant.commandText))</pre>\n"
    }
    return HTML.section("again", "To do it again", text)
  }
}
