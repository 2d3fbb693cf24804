import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lets the contestants do the same job in turn, round by round in a new order, and checks each outcome.
struct Comparison {
  let workload: any Workload
  let directory: OutcomeDirectory
  let clarity: Clarity
  let interruption: Interruption
  /// The name of the one that the others are compared with, if it comes through.
  let baseline: String?
  let secondsMax: Double
  private var generator: SeededGenerator
  private var preparation: Preparation
  private let deviceFile: PathBytes?
  private(set) var racing: [Contestant]
  private(set) var records: [String: ContestantRecord] = [:]
  private(set) var failures: [(name: String, reason: String)] = []
  /// Rounds that count and that everybody still racing has finished.
  private(set) var roundCount = 0
  /// Whether it ended before the last round because more would tell nothing.
  private(set) var isEndedEarly = false

  var cachedByteCounts: ClosedRange<Int64>? { preparation.cachedByteCounts }

  init(
    _ contestants: [Contestant], _ workload: any Workload, _ state: CacheState, directory: OutcomeDirectory,
    clarity: Clarity, baseline: String?, secondsMax: Double, seed: UInt64, interruption: Interruption
  ) {
    racing = contestants
    self.workload = workload
    self.directory = directory
    self.clarity = clarity
    self.baseline = baseline
    self.secondsMax = secondsMax
    self.interruption = interruption
    generator = SeededGenerator(seed: seed)
    preparation = Preparation(workload, state, interruption: interruption)
    deviceFile = DeviceCounters.file(under: directory.path)
  }

  /// - Throws: `ToolError` after a signal, or where the source cannot be read or changes; what was measured until
  ///   then stays. A contestant that fails is left out from then on and listed in ``failures``.
  ///
  /// - Parameter holdsBallast: whether free memory that nobody needs is taken for the whole comparison.
  mutating func run(holdsBallast: Bool) throws(ToolError) {
    if holdsBallast { Console.status("taking the free memory") }
    let ballast = holdsBallast ? try preparation.ballast() : nil
    defer { withExtendedLifetime(ballast) {} }
    // Round 0 warms up: programs and libraries are read from the disk, and the peak of memory is watched,
    // which would disturb a run that counts.
    for round in 0...clarity.roundCountMax {
      for (position, contestant) in racing.shuffled(using: &generator).enumerated() {
        Console.status(
          "\(round == 0 ? "warm-up" : "round \(round) of at most \(clarity.roundCountMax)"): \(contestant.name)"
        )
        try preparation.prepare()
        try race(contestant, round: round, position: position)
      }
      roundCount = round
      if racing.isEmpty { break }
      if isEnough {
        isEndedEarly = true
        break
      }
    }
    Console.status("")
  }

  /// Whether it is clear by now how everybody stands to the baseline, and the two fastest to each other.
  private var isEnough: Bool {
    let result = ComparisonResult(
      racing.compactMap { records[$0.name] }, workload.amount, roundCount: roundCount, clarity,
      baseline: baseline)
    return clarity.isEnough(result.decidingPairs)
  }

  private mutating func race(_ contestant: Contestant, round: Int, position: Int) throws(ToolError) {
    defer { directory.removeOutcome() }
    let destination = directory.newName()
    let isWarmUp = round == 0
    var words = workload.words
    words["destination"] = destination
    let before = deviceFile.flatMap(DeviceCounters.init)
    let start = ContinuousClock.now
    let child: ChildProcess
    do throws(ToolError) {
      child = try ChildProcess.run(
        contestant.arguments(words), standardInput: workload.standardInput, interruption: interruption,
        samplesMemory: isWarmUp, secondsMax: secondsMax)
    } catch {
      try interruption.check()
      return exclude(contestant, error.message)
    }
    guard child.exitStatus == 0 else { return exclude(contestant, child.complaint) }
    let answer = workload.synchronization.wait(for: destination)
    guard answer == 0 else {
      let reason = String(cString: strerror(answer))
      return exclude(
        contestant, answer == ENOENT ? "it made nothing" : "the outcome cannot be synced: \(reason)")
    }
    let toDiskSeconds = (ContinuousClock.now - start) / .seconds(1)
    let after = deviceFile.flatMap(DeviceCounters.init)
    if let complaint = try workload.complaint(
      about: destination, output: child.output, from: contestant, interruption)
    {
      return exclude(contestant, complaint)
    }
    var record = records[contestant.name] ?? ContestantRecord(contestant: contestant)
    if isWarmUp { record.peakResidentByteCount = child.peakResidentByteCount }
    if contestant.reports {
      record.strategy = ReportedMember.string("strategy", in: child.output) ?? record.strategy
      record.reason = ReportedMember.string("reason", in: child.output) ?? record.reason
      record.engine = ReportedMember.string("engine", in: child.output) ?? record.engine
    }
    if !isWarmUp {
      record.samples.append(
        RunSample(
          round: round, position: position, toReturnSeconds: child.seconds,
          toDiskSeconds: workload.synchronization == .none ? nil : toDiskSeconds,
          userSeconds: child.userSeconds, systemSeconds: child.systemSeconds,
          contextSwitchCount: child.contextSwitchCount,
          deviceReadByteCount: difference(before, after, \.readByteCount),
          deviceWrittenByteCount: difference(before, after, \.writtenByteCount)))
    }
    records[contestant.name] = record
  }

  private func difference(
    _ before: DeviceCounters?, _ after: DeviceCounters?, _ counter: KeyPath<DeviceCounters, Int64>
  ) -> Int64? {
    guard let before, let after else { return nil }
    return after[keyPath: counter] - before[keyPath: counter]
  }

  private mutating func exclude(_ contestant: Contestant, _ reason: String) {
    racing.removeAll { $0.name == contestant.name }
    records[contestant.name] = nil
    failures.append((contestant.name, reason))
  }
}

/// One run that counts. Times in seconds.
struct RunSample {
  /// From 1.
  var round: Int
  /// Whose turn it was in that round, from 0.
  var position: Int
  /// From the start of the process to its end.
  var toReturnSeconds: Double
  /// From the start of the process to the end of a sync after it; `nil` where nothing is written.
  var toDiskSeconds: Double?
  var userSeconds: Double
  var systemSeconds: Double
  var contextSwitchCount: Int64
  /// Of the device under the outcome, until it was synced; `nil` where there is none.
  var deviceReadByteCount: Int64?
  var deviceWrittenByteCount: Int64?

  var cpuSeconds: Double { userSeconds + systemSeconds }
}

/// What a contestant did in all rounds.
struct ContestantRecord {
  let contestant: Contestant
  var samples: [RunSample] = []
  /// Of the warm-up.
  var peakResidentByteCount: Int64?
  var strategy: String?
  var reason: String?
  /// The engine that ran; not the one asked for where that was `auto`.
  var engine: String?
}
