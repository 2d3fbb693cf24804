import UringIO

/// A comparison that is over: what its numbers depend on, and what came out.
struct ComparisonReport {
  let context: ComparisonContext
  let result: ComparisonResult
  /// The files that were made, where it is one of several comparisons; each has another size.
  var files: GeneratedFiles?
}

/// One comparison, or one for each of several sizes of files.
struct ComparisonReports {
  /// In the order in which they were made. At least one.
  let reports: [ComparisonReport]
  /// How many there were to be.
  let count: Int
  /// Why there are not all of them, or the last is not whole.
  let interruption: String?

  /// Whether there are sizes to be compared.
  var hasSizes: Bool { count > 1 }

  /// Everybody with figures in any of them, once; in the first report's order.
  var names: [String] {
    var names: [String] = []
    for name in reports.flatMap(\.result.rows).map(\.name) where !names.contains(name) { names.append(name) }
    return names
  }

  /// Bytes per second to return of a contestant: the median, and the least and the greatest.
  ///
  /// - Returns: one for each report; `nil` where the contestant has no figures.
  func rates(of name: String) -> [Spread?] {
    reports.map { report in
      report.result.rows.first { $0.name == name }.flatMap(report.context.bytesPerSecond)
    }
  }

  // MARK: For a program

  /// Of one comparison its report alone.
  var json: JSON {
    let all = reports.map { ComparisonJSON(context: $0.context, result: $0.result).json }
    guard hasSizes, let context = reports.first?.context else { return all[0] }
    return .object([
      ("type", .string("compareSizes")), ("schema", .integer(ComparisonJSON.schema)),
      ("job", .string(context.work.job)),
      ("date", .string(context.dateText("%Y-%m-%dT%H:%M:%SZ", isUTC: true))),
      ("version", .string(UringIOVersion.current)), ("command", .string(context.command)),
      ("interrupted", interruption.map(JSON.string) ?? .null),
      (
        "sizes",
        .array(
          zip(reports, all).map { report, comparison in
            .object([
              ("fileBytes", .integer(Int64(report.files?.fileByteCount ?? 0))),
              ("files", .integer(Int64(report.files?.fileCount ?? 0))), ("comparison", comparison),
            ])
          })
      ),
    ])
  }

  // MARK: For a person

  /// The rates of all sizes in one table, below the comparisons; empty where there are no sizes.
  var summary: [String] {
    guard hasSizes, !names.isEmpty else { return [] }
    var table = TextTable(columns: [("", .left)])
    table.columns += reports.map { ($0.files?.sizeText ?? "", .right) }
    table.rows = names.map { name in
      [name] + rates(of: name).map { $0.map { ByteRate.text($0.median) } ?? "-" }
    }
    return ["", "Rate to return by the size of each file, from the median:"] + table.lines
  }
}

/// Bytes in a second, for a person: "512 MB/s". Powers of 1000, as the rates in GB are.
enum ByteRate {
  private static let units = [("GB/s", 1e9), ("MB/s", 1e6), ("kB/s", 1e3)]

  /// The greatest of which there is at least one: rounded to three digits, 999.9 of a unit is 1 of the next.
  private static func unit(_ bytesPerSecond: Double) -> (name: String, factor: Double) {
    units.first { bytesPerSecond >= 0.9995 * $0.1 } ?? ("B/s", 1)
  }

  private static func number(_ bytesPerSecond: Double, _ factor: Double) -> String {
    let value = bytesPerSecond / factor
    return ByteSize.decimal(value, digits: factor == 1 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
  }

  /// Three digits that mean something.
  static func text(_ bytesPerSecond: Double) -> String {
    let unit = unit(bytesPerSecond)
    return "\(number(bytesPerSecond, unit.factor)) \(unit.name)"
  }

  /// "512 MB/s (498-530)": the median, and in its unit the least and the greatest.
  static func text(_ spread: Spread) -> String {
    let factor = unit(spread.median).factor
    return "\(text(spread.median)) (\(number(spread.min, factor))-\(number(spread.max, factor)))"
  }
}
