import Testing
import UringIO

@testable import uringtool

@Suite struct HalvingTests {
  private static let candidates =
    [TuneCandidates.defaults] + (1...20).map { TunedSettings(.threads, workers: $0) }

  /// A machine on which so many workers are the best, with noise, and slower and slower rounds.
  private func run(
    best: Int, gain: Double, noise: Double = 0.05, rounds: Int = .max, failing: Set<Int> = []
  ) throws -> Halving {
    var halving = Halving(Self.candidates)
    var generator = SeededGenerator(seed: 3)
    var noiseGenerator = SeededGenerator(seed: 4)
    var runs = 0
    try halving.run(
      &generator, isOver: { runs > rounds },
      measure: { settings throws(ToolError) in
        runs += 1
        if let workers = settings.workers, failing.contains(workers) {
          return .failure(ToolError(message: "no such thing"))
        }
        let uniform = Double(noiseGenerator.next() >> 11) * 0x1p-53
        let distance = settings.workers.map { Double(abs($0 - best)) } ?? 0
        let speed = settings.workers == nil ? 1 : gain / (1 + 0.05 * distance)
        return .success((1 + noise * uniform) * (1 + 0.001 * Double(runs)) / speed)
      })
    return halving
  }

  @Test(arguments: [1, 7, 20])
  func `the best is found in far fewer runs than trying all would take`(best: Int) throws {
    let halving = try run(best: best, gain: 1.3)
    #expect(halving.outcome == .winner(TunedSettings(.threads, workers: best)), "\(halving.finalists)")
    #expect(halving.runCount < Self.candidates.count * 15 / 2)
    #expect(halving.finalists.contains { $0.settings == TuneCandidates.defaults })
  }

  @Test func `where nothing is clearly faster the defaults stay`() throws {
    #expect(try run(best: 5, gain: 1).outcome == .defaults)
    #expect(try run(best: 5, gain: 0.8).outcome == .defaults)
    #expect(try run(best: 5, gain: 1.01, noise: 0.5).outcome == .defaults)
  }

  @Test func `with too little time nothing is said, and a round that was begun is ended`() throws {
    let halving = try run(best: 5, gain: 1.5, rounds: 1)
    #expect(halving.outcome == .tooShort && halving.runCount >= Self.candidates.count)
  }

  @Test func `candidates that cannot run are left out and say why`() throws {
    let halving = try run(best: 7, gain: 1.3, failing: [7, 8])
    #expect(halving.outcome == .winner(TunedSettings(.threads, workers: 6)), "\(halving.finalists)")
    #expect(halving.standings.filter { $0.failure == "no such thing" }.count == 2)
  }

  @Test func `where the defaults cannot run, nothing can`() {
    var halving = Halving(Self.candidates)
    var generator = SeededGenerator(seed: 3)
    #expect(throws: ToolError.self) {
      try halving.run(
        &generator, isOver: { false },
        measure: { (_) throws(ToolError) in .failure(ToolError(message: "full")) })
    }
  }

  @Test func `the candidates are there once, and none needs a ring where there is none`() {
    for job in TuningFile.Job.allCases {
      for cores in [1, 2, 64, 512] {
        let all = TuneCandidates.all(job, coreCount: cores, hasRing: true)
        #expect(Set(all.map(\.text)).count == all.count && all.first == TuneCandidates.defaults)
        for settings in all { #expect(TunedSettings(settings.text) == settings) }
        #expect(!TuneCandidates.all(job, coreCount: cores, hasRing: false).contains { $0.engine == .uring })
      }
    }
  }

  @Test func `a budget is a time`() throws {
    #expect(
      try TuneCommand.seconds("90s") == 90 && TuneCommand.seconds("5m") == 300
        && TuneCommand.seconds("7") == 7)
    for text in ["", "s", "0", "-1s", "1s", "25h", "1.5m", "x", "90 s", "999999999999999999999"] {
      #expect(throws: (any Error).self) { try TuneCommand.seconds(text) }
    }
  }
}
