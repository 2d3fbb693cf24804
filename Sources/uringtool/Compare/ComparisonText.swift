import UringIO

/// The comparison for a person: what was done, a table, bars, and a sentence.
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
    lines += ways + [""]
    if result.rows.count > 1 { lines += bars + [""] }
    lines.append(Console.wrapped(result.conclusion, width: width - 1))
    return lines
  }

  // MARK: What was done

  private var header: [String] {
    let machine = context.machine
    let disk = context.fileSystem.mount.map { " on \($0.source)" } ?? ""
    let name = context.fileSystem.mount?.type ?? context.fileSystem.kind.rawValue
    var rows = [
      ("file", "\(context.source.path.displayed), \(ByteSize.format(context.source.size))" + holes),
      ("copies to", "\(context.directory.displayed), \(name)\(disk)"),
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
      ("source", cacheState),
      (
        "memory",
        (context.holdsBallast ? "what the copies do not need is held, " : "")
          + "what they need is touched before each"
      ),
    ]
    for row in result.rows where !row.record.contestant.reports {
      let version = context.cpVersion.map { "; \($0)" } ?? ""
      rows.append((row.name, row.record.contestant.commandText + version))
    }
    if let ours = result.rows.first(where: { $0.record.contestant.reports }) {
      let words = ours.record.contestant.commandText.split(separator: " ")
      rows.append(
        ("engines", words.map { $0.hasPrefix("--engine=") ? "--engine=ENGINE" : $0 }.joined(separator: " ")))
    }
    rows.append(
      ("fairness", "each copy is a process of its own, none shares blocks, each was compared byte for byte"))
    rows += context.leftOut.map { ("left out", "\($0.name): \($0.reason)") }
    return rows.map { Console.labelled($0.0, $0.1, labelWidth: Self.labelWidth, width: width - 1) }
  }

  private static let labelWidth = 11

  private var rounds: String { context.roundCount == 1 ? "1 round" : "\(context.roundCount) rounds" }

  private var holes: String {
    let holes = context.source.size - context.source.allocatedByteCount
    return holes >= 1 << 20 ? " (\(ByteSize.format(holes)) of it holes)" : ""
  }

  private var cacheState: String {
    guard let cached = context.cachedByteCountMin else { return "read before each copy" }
    return context.isSourceCached
      ? "in the page cache before each copy"
      : "only \(ByteSize.format(cached)) stayed in the page cache: reading it is part of the times"
  }

  // MARK: The table

  private var table: TextTable {
    var table = TextTable(columns: [
      ("", .left), ("to return, \(unit)", .left), ("to disk, \(unit)", .left), ("GB/s", .right),
      ("CPU s", .right),
      ("RSS MiB", .right), ("strategy", .left),
    ])
    for row in result.rows {
      table.rows.append([
        row.name, times(row.toReturn), times(row.toDisk), ByteSize.decimal(row.rate, digits: 2),
        ByteSize.decimal(row.cpu.median, digits: 2),
        row.record.peakResidentByteCount.map { ByteSize.decimal(Double($0) / 0x10_0000, digits: 1) } ?? "-",
        row.record.strategy ?? "-",
      ])
    }
    return table
  }

  private var leastSeconds: Double { result.rows.map(\.toReturn.median).min() ?? 0 }
  /// Milliseconds where seconds would be zeros.
  private var unit: String { leastSeconds < 0.02 ? "ms" : "s" }

  /// The median, and the least and the greatest, in ``unit``; as many digits in the whole table.
  private func times(_ spread: Spread) -> String {
    let factor = unit == "ms" ? 1000.0 : 1
    let digits = unit == "ms" ? 1 : leastSeconds < 10 ? 3 : leastSeconds < 100 ? 2 : 1
    func text(_ spread: Spread) -> (median: String, range: String) {
      Spread([spread.min, spread.median, spread.max].map { $0 * factor }).text(digits: digits)
    }
    let width =
      result.rows.map { max(text($0.toReturn).median.count, text($0.toDisk).median.count) }.max() ?? 0
    return TextTable.padded(text(spread).median, to: width, .right) + " " + text(spread).range
  }

  /// What the columns are, and what to doubt.
  private var notes: [String] {
    var notes = [
      "Median and range of \(rounds); GB/s from the median to return; RSS: peak memory in the "
        + "warm-up."
    ]
    if let name = result.unsteady {
      notes.append(
        "The times of \(name) vary more than twofold: something else is using this machine, or its host takes free "
          + "memory back. Repeat on a quiet machine, with more --rounds"
          + (context.holdsBallast ? "." : ", or with --ballast."))
    }
    return notes.map { Console.wrapped($0, width: width - 1) }
  }

  /// Why the strategies: each of them once.
  private var ways: [String] {
    var lines: [String] = []
    for row in result.rows {
      guard let strategy = row.record.strategy, let reason = row.record.reason else { continue }
      let engine = row.name == row.record.engine ? "" : " on \(row.record.engine ?? "?")"
      lines.append(
        Console.wrapped(
          "\(row.name): \(strategy)\(engine), because \(reason)", width: width - 1, indent: "  "))
    }
    return lines
  }

  // MARK: Bars

  private var bars: [String] {
    let longest = result.rows.flatMap { [$0.ratioToReturn.median, $0.ratioToDisk.median] }.max() ?? 1
    let texts = result.rows.map { row in
      (row.name, row.ratioToReturn.text(digits: 2), row.ratioToDisk.text(digits: 2))
    }
    let nameWidth = texts.map(\.0.count).max() ?? 0
    let medianWidth = texts.map { max($0.1.median.count, $0.2.median.count) }.max() ?? 0
    let rangeWidth = texts.map { max($0.1.range.count, $0.2.range.count) }.max() ?? 0
    let barWidth = max(10, min(60, width - 1 - (2 + nameWidth + 2 + medianWidth + 2 + rangeWidth + 2)))
    var lines = [
      Console.wrapped(
        "Times as fast as \(result.baseline): median of the rounds' ratios, min-max; longer is faster",
        width: width - 1)
    ]
    for time in ComparisonResult.Time.allCases {
      lines.append(time.text)
      for row in result.rows {
        let ratio = time == .toReturn ? row.ratioToReturn : row.ratioToDisk
        let (median, range) = ratio.text(digits: 2)
        let line =
          "  " + TextTable.padded(row.name, to: nameWidth, .left) + "  "
          + TextTable.padded(median, to: medianWidth, .right) + "  "
          + TextTable.padded(row.name == result.baseline ? "" : range, to: rangeWidth, .left) + "  "
          + Bar.text(ratio.median / longest, width: barWidth, unicode: unicode)
        lines.append(line)
      }
    }
    return lines
  }
}
