import UringIO

/// What came out: everybody's times, beside the baseline's.
struct ComparisonResult {
  struct Row {
    var record: ContestantRecord
    /// Seconds.
    var toReturn: Spread
    /// `nil` where nothing is written.
    var toDisk: Spread?
    var cpu: Spread
    var contextSwitches: Spread
    /// `nil` where the device cannot be told.
    var deviceReadByteCount: Spread?
    var deviceWrittenByteCount: Spread?
    /// The baseline's time / this one's, round by round: above 1 is faster than the baseline.
    var ratioToReturn: PairedInterval
    var ratioToDisk: PairedInterval?
    /// Of the work's unit in a second, from the median time to return.
    var rate: Double

    var name: String { record.contestant.name }

    func ratio(_ time: Time) -> PairedInterval? { time == .toReturn ? ratioToReturn : ratioToDisk }
  }

  enum Time: CaseIterable {
    case toReturn, toDisk

    func seconds(_ sample: RunSample) -> Double? {
      self == .toReturn ? sample.toReturnSeconds : sample.toDiskSeconds
    }

    var text: String { self == .toReturn ? "to return" : "to disk" }
  }

  /// The fastest to return first, by its ratios. Empty where nobody came through, or no round did.
  private(set) var rows: [Row] = []
  /// Whom the others are compared with: whom the user named, the usual tool, sequential, or the first.
  private(set) var baseline = ""
  let roundCount: Int
  let confidence: Double

  /// - Parameter roundCount: rounds that all of them have finished.
  init(
    _ records: [ContestantRecord], _ amount: WorkAmount, roundCount: Int, _ clarity: Clarity,
    baseline: String?
  ) {
    self.roundCount = roundCount
    confidence = clarity.confidence(after: roundCount)
    let finished = records.map { record in
      var record = record
      record.samples.removeAll { $0.round > roundCount }
      return record
    }.filter { $0.samples.count == roundCount && roundCount > 0 }
    guard
      let reference = finished.first(where: { $0.contestant.name == baseline })
        ?? finished.first(where: { $0.contestant.origin == .tool })
        ?? finished.first(where: { $0.contestant.name == "sequential" }) ?? finished.first
    else { return }
    self.baseline = reference.contestant.name
    rows = finished.map { record in
      let toReturn = Spread(record.samples.map(\.toReturnSeconds))
      func spread(_ values: [Double?]) -> Spread? {
        let known = values.compactMap { $0 }
        return known.isEmpty ? nil : Spread(known)
      }
      return Row(
        record: record, toReturn: toReturn, toDisk: spread(record.samples.map(\.toDiskSeconds)),
        cpu: Spread(record.samples.map(\.cpuSeconds)),
        contextSwitches: Spread(record.samples.map { Double($0.contextSwitchCount) }),
        deviceReadByteCount: spread(record.samples.map { $0.deviceReadByteCount.map(Double.init) }),
        deviceWrittenByteCount: spread(record.samples.map { $0.deviceWrittenByteCount.map(Double.init) }),
        ratioToReturn: interval(record, reference, .toReturn)!,
        ratioToDisk: interval(record, reference, .toDisk),
        rate: amount.count / toReturn.median)
    }
    // By the paired ratios, not by the medians: a round that was slow for all misplaces nobody.
    rows.sort { $0.ratioToReturn.estimate > $1.ratioToReturn.estimate }
  }

  /// How many times as fast as `other` it was, paired by round: what changes from one round to the next
  /// cancels out.
  private func interval(_ record: ContestantRecord, _ other: ContestantRecord, _ time: Time)
    -> PairedInterval?
  {
    let ratios = Self.ratios(record, other, time)
    return ratios.isEmpty ? nil : PairedInterval(ratios, confidence: confidence)
  }

  private static func ratios(_ record: ContestantRecord, _ other: ContestantRecord, _ time: Time) -> [Double]
  {
    zip(record.samples, other.samples).compactMap { sample, other in
      guard let seconds = time.seconds(sample), let others = time.seconds(other), seconds > 0 else {
        return nil
      }
      return others / seconds
    }
  }

  // MARK: The conclusion

  /// The ratios by which the answer is given: everybody to the baseline, and the two fastest to each other.
  var decidingPairs: [[Double]] {
    guard let reference = rows.first(where: { $0.name == baseline }) else { return [] }
    var pairs = rows.filter { $0.name != baseline }.map {
      Self.ratios($0.record, reference.record, .toReturn)
    }
    if let fastest = rows.first, rows.count > 2, fastest.name != baseline, rows[1].name != baseline {
      pairs.append(Self.ratios(fastest.record, rows[1].record, .toReturn))
    }
    return pairs
  }

  /// A few sentences: who is fastest, by how much, and whether that is clear.
  var conclusion: String {
    guard let fastest = rows.first else { return "No run came through." }
    guard rows.count > 1 else { return "\(fastest.name) ran alone: there is nothing to compare it with." }
    var text = lead(of: fastest, over: rival(of: fastest), .toReturn)
    // The runner-up is named where it is not the baseline, which was named already.
    if fastest.name != baseline, rows[1].name != baseline {
      text += " " + lead(of: fastest, over: rows[1], .toReturn)
    }
    if let fastestToDisk = rows.filter({ $0.ratioToDisk != nil }).max(by: {
      $0.ratioToDisk!.estimate < $1.ratioToDisk!.estimate
    }) {
      text += " " + lead(of: fastestToDisk, over: rival(of: fastestToDisk), .toDisk)
    }
    return text
  }

  /// The baseline, or for the baseline itself the fastest of the others.
  private func rival(of row: Row) -> Row {
    row.name == baseline ? rows.first { $0.name != baseline }! : rows.first { $0.name == baseline }!
  }

  /// "To return, uring is 1.72 x cp (1.60-1.81)." or that there is no difference.
  private func lead(of row: Row, over other: Row, _ time: Time) -> String {
    let ratio = interval(row.record, other.record, time)!
    let when = time == .toReturn ? "To return" : "To disk"
    guard ratio.bounds != nil else {
      return
        "\(when), \(row.name) is \(ByteSize.decimal(ratio.estimate, digits: 2)) x \(other.name), in too few rounds "
        + "to be sure of any difference."
    }
    guard ratio.isClear else {
      return "\(when), no difference between \(row.name) and \(other.name) (\(ratio.boundsText))."
    }
    return
      "\(when), \(row.name) is \(ByteSize.decimal(ratio.estimate, digits: 2)) x \(other.name) (\(ratio.boundsText))."
  }

  /// What to doubt: contestants whose ratio is known only roughly, or who were at times twice as slow as at others.
  var noisy: [String] {
    rows.filter { row in
      row.toReturn.max > 2 * row.toReturn.min
        || row.name != baseline && row.ratioToReturn.bounds != nil
          && row.ratioToReturn.width > Clarity.widthThatTellsLittle
    }.map(\.name)
  }
}

extension PairedInterval {
  /// "1.60-1.81".
  var boundsText: String {
    guard let bounds else { return "too few rounds" }
    return
      "\(ByteSize.decimal(bounds.lowerBound, digits: 2))-\(ByteSize.decimal(bounds.upperBound, digits: 2))"
  }

  var json: JSON {
    .object([
      ("estimate", .number(estimate)), ("low", bounds.map { .number($0.lowerBound) } ?? .null),
      ("high", bounds.map { .number($0.upperBound) } ?? .null), ("isClear", .boolean(isClear)),
    ])
  }
}
