import Testing

@testable import uringtool

@Suite struct PairedIntervalTests {
  @Test func `the estimate is the middle, and one wild round does not move it far`() {
    let quiet = PairedInterval([1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5], confidence: 0.95)
    #expect(abs(quiet.estimate - 1.5) < 1e-12 && quiet.isClear && quiet.width < 1e-9)
    let wild = PairedInterval([1.5, 1.51, 1.49, 1.5, 12, 1.52, 1.48, 1.5], confidence: 0.95)
    #expect(abs(wild.estimate - 1.5) < 0.03)
    #expect(wild.bounds!.lowerBound > 1.45)
    // A ratio and its inverse are the same difference.
    let inverse = PairedInterval(
      [1.5, 1.51, 1.49, 1.5, 12, 1.52, 1.48, 1.5].map { 1 / $0 }, confidence: 0.95)
    #expect(abs(inverse.estimate * wild.estimate - 1) < 1e-12)
    #expect(abs(inverse.bounds!.upperBound * wild.bounds!.lowerBound - 1) < 1e-12)
  }

  /// The published table of the signed-rank statistic: the largest whose probability is within the tail.
  @Test(arguments: [
    (5, 0.95, 0), (6, 0.95, 1), (7, 0.95, 3), (8, 0.95, 4), (9, 0.95, 6), (10, 0.95, 9), (15, 0.95, 26),
    (20, 0.95, 53), (7, 0.99, 0), (8, 0.99, 1), (10, 0.99, 4), (15, 0.99, 16), (20, 0.99, 38), (1, 0.95, 0),
  ])
  func `as many ranks are left out as the table says`(count: Int, confidence: Double, outside: Int) {
    #expect(PairedInterval.ranksOutside(count: count, confidence: confidence) == outside)
  }

  @Test func `with too few rounds nothing is clear, however far apart`() {
    for count in 1..<Clarity.roundCountMin {
      let interval = PairedInterval([Double](repeating: 9, count: count), confidence: 0.95)
      #expect(interval.bounds == nil && !interval.isClear && interval.width == .infinity)
    }
    #expect(PairedInterval([9, 9, 9, 9, 9, 9], confidence: 0.95).isClear)
  }

  // MARK: When it ends

  /// Noise as a busy machine has it: small, and in one run of ten much.
  private func noise(_ generator: inout SeededGenerator) -> Double {
    func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }
    let small = 1 + 0.05 * (uniform() + uniform() + uniform() - 1.5)
    return uniform() < 0.1 ? small * (1 + 2 * uniform()) : small
  }

  /// - Returns: after how many rounds it ended, and whether a difference was said to be there.
  private func compare(
    _ clarity: Clarity, timesAsFast: Double, _ generator: inout SeededGenerator
  ) -> (rounds: Int, isClear: Bool) {
    var ratios: [Double] = []
    while ratios.count < clarity.roundCountMax, !clarity.isEnough([ratios]) {
      ratios.append(timesAsFast * noise(&generator) / noise(&generator))
    }
    return (
      ratios.count, PairedInterval(ratios, confidence: clarity.confidence(after: ratios.count)).isClear
    )
  }

  @Test(arguments: [6, 10, 15, 20, 25])
  func `what is compared with itself is said to differ less than once in twenty`(roundCountMax: Int) {
    var generator = SeededGenerator(seed: 7)
    let clarity = Clarity(roundCountMax: roundCountMax)
    let comparisons = 1500
    var differences = 0
    for _ in 0..<comparisons where compare(clarity, timesAsFast: 1, &generator).isClear { differences += 1 }
    #expect(Double(differences) / Double(comparisons) < 0.05, "\(differences) of \(comparisons)")
  }

  @Test func `a difference that matters is found, a large one early`() {
    var generator = SeededGenerator(seed: 8)
    let clarity = Clarity(roundCountMax: Clarity.roundCountDefault)
    var found = 0
    var rounds = 0
    for _ in 0..<200 {
      let outcome = compare(clarity, timesAsFast: 1.5, &generator)
      if outcome.isClear { found += 1 }
      rounds += outcome.rounds
    }
    #expect(found > 180, "\(found)")
    #expect(Double(rounds) / 200 < 19, "\(rounds)")
  }

  @Test func `all pairs must be clear for an early end, or all have no difference`() {
    let clarity = Clarity(roundCountMax: 15)
    let faster = [Double](repeating: 2, count: 10)
    let same = [0.999, 1.001, 1, 1.002, 0.998, 1, 1.001, 0.999, 1, 1]
    let unclear = [0.8, 1.3, 1, 1.2, 0.7, 1.4, 0.9, 1.1, 1, 1]
    #expect(clarity.isEnough([faster]) && clarity.isEnough([faster, same]))
    #expect(!clarity.isEnough([faster, unclear]))
    // Faster without doubt, and by how much is not known.
    #expect(!clarity.isEnough([[1.5, 3, 2, 4, 1.6, 3.5, 2.2, 1.8, 2.9, 2.4]]))
    // Not between the looks, and not where there is no round to be spared.
    #expect(!clarity.isEnough([faster + [2]]) && !clarity.isEnough([Array(faster.dropLast())]))
    #expect(!clarity.isEnough([]) && !Clarity(roundCountMax: 10).isEnough([faster]))
  }
}
