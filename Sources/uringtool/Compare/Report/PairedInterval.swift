#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many times as fast one contestant was as another, from the ratios of the same rounds, and between which
/// bounds that lies.
///
/// The Hodges-Lehmann estimate and the interval of the signed-rank test (Wilcoxon), on logarithms: ratios are as often
/// r as 1/r where there is no difference, which is all that the interval assumes. One round in which the machine did
/// something else moves neither far, and nothing need be normally distributed.
struct PairedInterval: Sendable {
  let estimate: Double
  /// `nil` where there are too few rounds for the confidence that was asked for.
  let bounds: ClosedRange<Double>?

  /// - Parameters:
  ///   - ratios: above 0; at least one.
  ///   - confidence: of the bounds, below 1.
  init(_ ratios: [Double], confidence: Double) {
    let logarithms = ratios.map { log($0) }
    var averages: [Double] = []
    for first in logarithms.indices {
      for second in first..<logarithms.count { averages.append((logarithms[first] + logarithms[second]) / 2) }
    }
    averages.sort()
    let middle = averages.count / 2
    estimate = exp(
      averages.count % 2 == 1 ? averages[middle] : (averages[middle - 1] + averages[middle]) / 2)
    let outside = Self.ranksOutside(count: ratios.count, confidence: confidence)
    bounds =
      outside == 0
      ? nil : exp(averages[outside - 1])...exp(averages[averages.count - outside])
  }

  /// Whether there is a difference, as far as these rounds tell.
  var isClear: Bool { bounds.map { !$0.contains(1) } ?? false }

  /// How far the bounds are apart, as a part of the estimate.
  var width: Double { bounds.map { ($0.upperBound - $0.lowerBound) / estimate } ?? .infinity }

  /// From below, the rank of the average that is the lower bound, from 1; 0 where there is none.
  static func ranksOutside(count: Int, confidence: Double) -> Int {
    // How many of the 2^count ways to give signs to the ranks have a given sum of positive ranks.
    var ways: [Double] = [1]
    for rank in 1...max(count, 1) {
      var next = ways + [Double](repeating: 0, count: rank)
      for (sum, number) in ways.enumerated() { next[sum + rank] += number }
      ways = next
    }
    let allowed = (1 - confidence) / 2 * pow(2, Double(count))
    var outside = 0
    var sum = 0.0
    while outside < ways.count {
      sum += ways[outside]
      // The confidence that is asked for may be exactly one that can be had.
      guard sum <= allowed * (1 + 1e-9) else { break }
      outside += 1
    }
    return outside
  }
}

/// When there have been enough rounds, and what may be said then.
///
/// Looking again and again whether a difference is clear finds one by chance more often than looking once; so it is
/// looked seldom, and what is asked before the last round is stricter. With both, a contestant compared with itself is
/// said to differ in fewer than one comparison of twenty (PairedIntervalTests).
struct Clarity: Sendable, Equatable {
  /// Before this no number of rounds that agree is rare enough.
  static let roundCountMin = 6
  static let roundCountDefault = 20
  /// After these rounds it may end early.
  static let looks = [10, 12, 15, 20, 30, 50, 100, 200, 500]

  static let earlyConfidence = 0.997
  static let lastConfidence = 0.965
  static let confidenceOfOneLook = 0.95
  /// A difference smaller than this is none that matters.
  static let differenceThatMatters = 0.02
  /// Bounds no farther apart than this are near enough for who reads the ratio itself.
  static let widthThatIsEnough = 0.15
  /// Bounds farther apart than this tell little.
  static let widthThatTellsLittle = 0.25

  let roundCountMax: Int

  /// The confidence of what is said after so many rounds.
  func confidence(after roundCount: Int) -> Double {
    guard roundCountMax > Self.looks[0], roundCount >= Self.looks[0] else { return Self.confidenceOfOneLook }
    return roundCount < roundCountMax ? Self.earlyConfidence : Self.lastConfidence
  }

  /// Whether the rounds that are left can be spared: each pair's answer is clear and the ratio known well enough, or
  /// there is no difference that matters.
  ///
  /// - Parameter pairs: for each pair, the ratios of its rounds.
  func isEnough(_ pairs: [[Double]]) -> Bool {
    guard let count = pairs.map(\.count).min(), count < roundCountMax, Self.looks.contains(count) else {
      return false
    }
    return pairs.allSatisfy { ratios in
      let interval = PairedInterval(ratios, confidence: Self.earlyConfidence)
      guard let bounds = interval.bounds else { return false }
      return interval.isClear && interval.width <= Self.widthThatIsEnough
        || bounds.lowerBound > 1 - Self.differenceThatMatters
          && bounds.upperBound < 1 + Self.differenceThatMatters
    }
  }
}
