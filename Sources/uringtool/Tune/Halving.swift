import UringIO

/// Finds the fastest of many by successive halving: all run once, the better half goes on, and so forth, so that most
/// of the time is spent on those that are hard to tell apart. The first candidate, the defaults, always goes on: each
/// round is paired with its time, so that what the machine does meanwhile cancels out.
struct Halving {
  /// So many go on to the last rounds.
  private static let finalistCount = 4
  /// Rounds of the finalists, and the least with which anything can be said.
  private static let finalRoundCount = 15
  private static let finalRoundCountMin = 8
  /// That the best of three is not so by chance.
  private static let confidence = 0.985

  struct Standing {
    let settings: TunedSettings
    /// The defaults' time / this one's, round by round.
    var ratios: [Double] = []
    /// Why it cannot be used.
    var failure: String?

    var estimate: Double { ratios.isEmpty ? 0 : PairedInterval(ratios, confidence: 0.5).estimate }
  }

  private(set) var standings: [Standing]
  private(set) var runCount = 0

  init(_ candidates: [TunedSettings]) { standings = candidates.map { Standing(settings: $0) } }

  /// - Parameters:
  ///   - isOver: whether the time is used up.
  ///   - measure: the seconds that a candidate takes, or why it cannot.
  mutating func run(
    _ generator: inout SeededGenerator, isOver: () -> Bool,
    measure: (TunedSettings) throws(ToolError) -> Result<Double, ToolError>
  ) throws(ToolError) {
    var racing = Array(standings.indices)
    while racing.count > Self.finalistCount, !isOver() {
      try round(&racing, &generator, isOver, measure)
      let others = racing.filter { $0 != 0 }.sorted { standings[$0].estimate > standings[$1].estimate }
      racing = [0] + others.prefix(max(Self.finalistCount - 1, others.count / 2))
      if racing.count <= Self.finalistCount { break }
    }
    for number in 0..<Self.finalRoundCount {
      guard number < 1 || !isOver() else { break }
      try round(&racing, &generator, isOver, measure)
    }
  }

  /// All that are left, once each, in a new order. A round is begun only while there is time, and ended in any case.
  private mutating func round(
    _ racing: inout [Int], _ generator: inout SeededGenerator, _ isOver: () -> Bool,
    _ measure: (TunedSettings) throws(ToolError) -> Result<Double, ToolError>
  ) throws(ToolError) {
    var seconds: [Int: Double] = [:]
    for index in racing.shuffled(using: &generator) {
      runCount += 1
      switch try measure(standings[index].settings) {
      case .success(let value): seconds[index] = value
      case .failure(let error):
        guard index != 0 else { throw error }
        standings[index].failure = error.message
        standings[index].ratios = []
      }
    }
    racing.removeAll { standings[$0].failure != nil }
    guard let base = seconds[0] else { return }
    for index in racing {
      if let value = seconds[index], value > 0 { standings[index].ratios.append(base / value) }
    }
  }

  // MARK: The outcome

  enum Outcome: Equatable {
    /// Faster than the defaults for sure.
    case winner(TunedSettings)
    /// Nothing is clearly faster than they are.
    case defaults
    /// The time was too short to tell.
    case tooShort
  }

  /// The finalists, the fastest first.
  var finalists: [Standing] {
    let most = standings.map(\.ratios.count).max() ?? 0
    return standings.filter { $0.ratios.count == most && most > 0 }.sorted { $0.estimate > $1.estimate }
  }

  var outcome: Outcome {
    guard let best = finalists.first, best.ratios.count >= Self.finalRoundCountMin else { return .tooShort }
    let interval = PairedInterval(best.ratios, confidence: Self.confidence)
    guard best.settings != standings[0].settings, interval.isClear, interval.estimate > 1 else {
      return .defaults
    }
    return .winner(best.settings)
  }
}
