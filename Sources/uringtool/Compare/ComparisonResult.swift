import UringIO

/// What came out: everybody's times, beside the baseline's.
struct ComparisonResult {
  struct Row {
    var record: ContestantRecord
    /// Seconds.
    var toReturn: Spread
    var toDisk: Spread
    var cpu: Spread
    /// The baseline's time / this one's, round by round: above 1 is faster than the baseline.
    var ratioToReturn: Spread
    var ratioToDisk: Spread
    /// 10^9 bytes in a second, from the median time to return.
    var rate: Double

    var name: String { record.contestant.name }
  }

  enum Time: CaseIterable {
    case toReturn, toDisk

    func seconds(_ sample: CopySample) -> Double {
      self == .toReturn ? sample.toReturnSeconds : sample.toDiskSeconds
    }

    var text: String { self == .toReturn ? "to return" : "to disk" }
  }

  /// The fastest to return first, by the median of its ratios. Empty where nobody came through.
  private(set) var rows: [Row] = []
  /// Whom the others are compared with: cp, or sequential, or the first that came through.
  private(set) var baseline = ""
  let roundCount: Int

  init(_ records: [ContestantRecord], size: Int64, roundCount: Int) {
    self.roundCount = roundCount
    let finished = records.filter { $0.samples.count == roundCount }
    guard
      let reference = finished.first(where: { $0.contestant.name == "cp" })
        ?? finished.first(where: { $0.contestant.name == "sequential" }) ?? finished.first
    else { return }
    baseline = reference.contestant.name
    rows = finished.map { record in
      let toReturn = Spread(record.samples.map(\.toReturnSeconds))
      return Row(
        record: record, toReturn: toReturn, toDisk: Spread(record.samples.map(\.toDiskSeconds)),
        cpu: Spread(record.samples.map(\.cpuSeconds)),
        ratioToReturn: Self.ratio(of: record, to: reference, .toReturn),
        ratioToDisk: Self.ratio(of: record, to: reference, .toDisk),
        rate: Double(size) / toReturn.median / 1e9)
    }
    // By the paired ratios, not by the medians: a round that was slow for all misplaces nobody.
    rows.sort { $0.ratioToReturn.median > $1.ratioToReturn.median }
  }

  /// How many times as fast as `other` it was, paired by round: what changes from one round to the next
  /// cancels out.
  private static func ratio(of record: ContestantRecord, to other: ContestantRecord, _ time: Time) -> Spread {
    Spread(zip(record.samples, other.samples).map { time.seconds($1) / time.seconds($0) })
  }

  // MARK: The conclusion

  /// With fewer rounds all of them agree by chance too often: five agree once in sixteen.
  private static let roundCountForClarity = 5

  /// One sentence: who is fastest, by how much, and whether that is clear.
  var conclusion: String {
    guard let fastest = rows.first else { return "No copy came through." }
    guard rows.count > 1 else { return "\(fastest.name) ran alone: there is nothing to compare it with." }
    let toReturn = lead(of: fastest, over: rival(of: fastest), .toReturn)
    let fastestToDisk = rows.max { $0.ratioToDisk.median < $1.ratioToDisk.median }!
    let toDisk = lead(of: fastestToDisk, over: rival(of: fastestToDisk), .toDisk)
    var text =
      fastestToDisk.name == fastest.name
      ? "\(fastest.name) is the fastest: to return \(toReturn), to disk \(toDisk)"
      : "\(fastest.name) is the fastest to return: \(toReturn), and \(fastestToDisk.name) to disk: \(toDisk)"
    // The runner-up is named where it is not the baseline, which was named already.
    if fastest.name != baseline, rows[1].name != baseline {
      text +=
        "; the next to return is \(rows[1].name): \(fastest.name) is "
        + lead(of: fastest, over: rows[1], .toReturn)
    }
    return text + "."
  }

  /// The baseline, or for the baseline itself the fastest of the others.
  private func rival(of row: Row) -> Row {
    row.name == baseline ? rows.first { $0.name != baseline }! : rows.first { $0.name == baseline }!
  }

  /// "1.72 x cp (1.60-1.81, clear)".
  private func lead(of row: Row, over other: Row, _ time: Time) -> String {
    let ratio = Self.ratio(of: row.record, to: other.record, time)
    let (median, range) = ratio.text(digits: 2)
    let isClear = ratio.min > 1 || ratio.max < 1
    let verdict =
      roundCount < Self.roundCountForClarity ? "too few rounds to be clear" : isClear ? "clear" : "not clear"
    return "\(median) x \(other.name) (\(range), \(verdict))"
  }

  /// A contestant whose slowest copy took more than twice its fastest: not what a quiet machine does.
  var unsteady: String? { rows.first { $0.toReturn.max > 2 * $0.toReturn.min }?.name }
}
