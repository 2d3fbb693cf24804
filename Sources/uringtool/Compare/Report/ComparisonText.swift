import UringIO

/// The comparison for a person: what was done, a table, bars, and a few sentences.
struct ComparisonText {
  let context: ComparisonContext
  let result: ComparisonResult
  /// Columns of the terminal.
  let width: Int
  let unicode: Bool

  var lines: [String] {
    var lines = header + [""]
    guard !result.rows.isEmpty else { return lines + [result.conclusion] }
    lines += table.lines + notes + [""]
    if !ways.isEmpty { lines += ways + [""] }
    if result.rows.count > 1 { lines += bars + [""] }
    lines.append(Console.wrapped(result.conclusion, width: width - 1))
    return lines
  }

  // MARK: What was done

  private var header: [String] {
    let machine = context.machine
    let disk = context.fileSystem.mount.map { " on \($0.source)" } ?? ""
    let name = context.fileSystem.mount?.type ?? context.fileSystem.kind.rawValue
    var rows: [(String, String)] = context.work.lines.map { ($0.label, $0.text) }
    if let cacheText = context.cacheText { rows.append(("source", cacheText)) }
    rows += [
      ("made in", "\(context.directory.displayed), \(name)\(disk)"),
      (
        "machine",
        "\(machine.coreCount) cores, \(ByteSize.format(machine.memoryByteCount)), \(machine.kernel) "
          + machine.architecture
      ),
      (
        "run",
        "\(context.dateText("%Y-%m-%d %H:%M %z", isUTC: false)), \(rounds) after a warm-up, "
          + "order shuffled (seed \(context.seed))"
      ),
      (
        "memory",
        (context.holdsBallast ? "what the runs do not need is held, " : "")
          + "what they need is touched before each"
      ),
    ]
    if let interruption = context.interruption { rows.append(("stopped", interruption)) }
    for row in result.rows where row.record.contestant.origin != .engine {
      let version = row.record.contestant.version.map { "; \($0)" } ?? ""
      rows.append((row.name, row.record.contestant.commandText + version))
    }
    if let ours = result.rows.first(where: { $0.record.contestant.origin == .engine }) {
      let words = ours.record.contestant.commandText.split(separator: " ")
      rows.append(
        ("engines", words.map { $0.hasPrefix("--engine=") ? "--engine=ENGINE" : $0 }.joined(separator: " ")))
    }
    rows.append(("fairness", Self.fairness(context.work.job)))
    rows += context.leftOut.map { ("left out", "\($0.name): \($0.reason)") }
    rows += context.failures.map { ("failed", "\($0.name): \($0.reason)") }
    rows += context.latencyFailures.map { ("failed", "\($0.name), when measured: \($0.reason)") }
    return rows.map { Console.labelled($0.0, $0.1, labelWidth: Self.labelWidth, width: width - 1) }
  }

  private static let labelWidth = 11

  static func fairness(_ job: String) -> String {
    switch job {
    case "copy", "tree":
      "each copy is a process of its own, none shares blocks, each was compared byte for byte"
    case "load": "each load is a process of its own"
    default: "each run is a process of its own, and what it made was checked"
    }
  }

  private var rounds: String {
    let text = result.roundCount == 1 ? "1 round" : "\(result.roundCount) rounds"
    return context.isEndedEarly
      ? text + " of at most \(context.roundCountMax), more would tell nothing," : text
  }

  // MARK: The table

  private var table: TextTable {
    let unit = context.work.amount.unit
    let hasDisk = result.rows.contains { $0.toDisk != nil }
    var table = TextTable(columns: [("", .left), ("to return, \(timeUnit)", .left)])
    if hasDisk { table.columns.append(("to disk, \(timeUnit)", .left)) }
    table.columns += [
      ("\(unit)/s", .right), ("CPU \(timeUnit)", .right), ("RSS MiB", .right), ("switches", .right),
    ]
    for row in result.rows {
      var cells = [row.name, times(row.toReturn)]
      if hasDisk { cells.append(row.toDisk.map(times) ?? "-") }
      cells += [
        ByteSize.decimal(row.rate, digits: context.work.amount.fractionDigits),
        ByteSize.decimal(row.cpu.median * (timeUnit == "ms" ? 1000 : 1), digits: timeUnit == "ms" ? 1 : 2),
        row.record.peakResidentByteCount.map { ByteSize.decimal(Double($0) / 0x10_0000, digits: 1) } ?? "-",
        ByteSize.decimal(row.contextSwitches.median, digits: 0),
      ]
      table.rows.append(cells)
    }
    return table
  }

  private var leastSeconds: Double { result.rows.map(\.toReturn.median).min() ?? 0 }
  /// Milliseconds where seconds would be zeros.
  private var timeUnit: String { leastSeconds < 0.02 ? "ms" : "s" }

  /// The median, and the least and the greatest, in ``timeUnit``; as many digits in the whole table.
  private func times(_ spread: Spread) -> String {
    let factor = timeUnit == "ms" ? 1000.0 : 1
    let digits = timeUnit == "ms" ? 1 : leastSeconds < 10 ? 3 : leastSeconds < 100 ? 2 : 1
    func text(_ spread: Spread) -> (median: String, range: String) {
      Spread([spread.min, spread.median, spread.max].map { $0 * factor }).text(digits: digits)
    }
    let width =
      result.rows.flatMap { [$0.toReturn, $0.toDisk].compactMap { $0 } }.map { text($0).median.count }.max()
      ?? 0
    return TextTable.padded(text(spread).median, to: width, .right) + " " + text(spread).range
  }

  /// What the columns are, and what to doubt.
  private var notes: [String] {
    var notes = [
      "Median and range of \(rounds); \(context.work.amount.unit)/s from the median to return; RSS: peak memory "
        + "in the warm-up; switches: context switches."
    ]
    let devices = result.rows.compactMap { row in
      row.deviceWrittenByteCount.map { written in
        "\(row.name) \(ByteSize.format(Int64(row.deviceReadByteCount?.median ?? 0))) and "
          + ByteSize.format(Int64(written.median))
      }
    }
    if !devices.isEmpty {
      notes.append(
        "Read from and written to the device, by all who use it: " + devices.joined(separator: ", ") + ".")
    }
    if !result.noisy.isEmpty {
      notes.append(
        "Too noisy to tell small differences: \(result.noisy.joined(separator: ", ")). Something else is using this "
          + "machine, or its host takes free memory back. Repeat on a quiet machine"
          + (context.holdsBallast ? "." : ", or with --ballast."))
    }
    return notes.map { Console.wrapped($0, width: width - 1) }
  }

  /// Why the strategies: each of them once.
  private var ways: [String] {
    result.rows.compactMap { row in
      guard let strategy = row.record.strategy, let reason = row.record.reason else { return nil }
      let engine = row.name == row.record.engine ? "" : " on \(row.record.engine ?? "?")"
      return Console.wrapped(
        "\(row.name): \(strategy)\(engine), because \(reason)", width: width - 1, indent: "  ")
    }
  }

  // MARK: Bars

  private var bars: [String] {
    let longest =
      result.rows.flatMap { row in ComparisonResult.Time.allCases.compactMap { row.ratio($0)?.estimate } }
      .max() ?? 1
    let confidence = ByteSize.decimal(result.confidence * 100, digits: 1)
    var lines = [
      Console.wrapped(
        "Times as fast as \(result.baseline), round by round, and the bounds within which that lies "
          + "(\(confidence) %); longer is faster", width: width - 1)
    ]
    let nameWidth = result.rows.map(\.name.count).max() ?? 0
    for time in ComparisonResult.Time.allCases {
      let ratios = result.rows.compactMap { row in row.ratio(time).map { (row.name, $0) } }
      guard !ratios.isEmpty else { continue }
      lines.append(time.text)
      let texts = ratios.map { (ByteSize.decimal($0.1.estimate, digits: 2), $0.1.boundsText) }
      let estimateWidth = texts.map(\.0.count).max() ?? 0
      let boundsWidth = texts.map(\.1.count).max() ?? 0
      let barWidth = max(10, min(60, width - 1 - (2 + nameWidth + 2 + estimateWidth + 2 + boundsWidth + 2)))
      for ((name, ratio), text) in zip(ratios, texts) {
        lines.append(
          "  " + TextTable.padded(name, to: nameWidth, .left) + "  "
            + TextTable.padded(text.0, to: estimateWidth, .right) + "  "
            + TextTable.padded(name == result.baseline ? "" : text.1, to: boundsWidth, .left) + "  "
            + Bar.text(ratio.estimate / longest, width: barWidth, unicode: unicode))
      }
    }
    return lines
  }
}
