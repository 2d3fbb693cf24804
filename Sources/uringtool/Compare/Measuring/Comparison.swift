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
  /// Whether each that can do so measures, in one run more, how long its operations take.
  let measuresLatencies: Bool
  /// What stands before the status line: which of several comparisons this is.
  let label: String
  private var generator: SeededGenerator
  private var preparation: Preparation
  private let deviceFile: PathBytes?
  private(set) var racing: [Contestant]
  private(set) var records: [String: ContestantRecord] = [:]
  private(set) var failures: [(name: String, reason: String)] = []
  /// Who came through all rounds, and not through the run that measures how long operations take.
  private(set) var latencyFailures: [(name: String, reason: String)] = []
  /// Rounds that count and that everybody still racing has finished.
  private(set) var roundCount = 0
  /// Whether it ended before the last round because more would tell nothing.
  private(set) var isEndedEarly = false
  /// Whether the rounds are over, and the runs that measure how long operations take are not.
  private(set) var isMeasuringLatencies = false

  var cachedByteCounts: ClosedRange<Int64>? { preparation.cachedByteCounts }

  init(
    _ contestants: [Contestant], _ workload: any Workload, _ state: CacheState, directory: OutcomeDirectory,
    clarity: Clarity, baseline: String?, secondsMax: Double, seed: UInt64, measuresLatencies: Bool,
    label: String, interruption: Interruption
  ) {
    racing = contestants
    self.workload = workload
    self.directory = directory
    self.clarity = clarity
    self.baseline = baseline
    self.secondsMax = secondsMax
    self.measuresLatencies = measuresLatencies
    self.label = label
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
        let which = round == 0 ? "warm-up" : "round \(round) of at most \(clarity.roundCountMax)"
        Console.status("\(label)\(which): \(contestant.name)")
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
    if measuresLatencies { try measureLatencies() }
    Console.status("")
  }

  /// One more run of each that can measure how long its operations take. Nothing else is taken from it: looking at the
  /// clock around operations costs time, which none of the rounds may have in it.
  private mutating func measureLatencies() throws(ToolError) {
    isMeasuringLatencies = true
    for contestant in racing where contestant.measuringTemplate != nil {
      Console.status("\(label)latencies: \(contestant.name)")
      try preparation.prepare()
      switch try run(contestant, measuresLatencies: true) {
      case .success(let run):
        if let latencies = OperationLatency.all(in: run.child.output) {
          records[contestant.name]?.latencies = latencies
        } else {
          latencyFailures.append((contestant.name, "it did not say how long its operations took"))
        }
      // Its rounds were as they should be, and stay.
      case .failure(let error): latencyFailures.append((contestant.name, error.message))
      }
    }
    isMeasuringLatencies = false
  }

  /// Whether it is clear by now how everybody stands to the baseline, and the two fastest to each other.
  private var isEnough: Bool {
    let result = ComparisonResult(
      racing.compactMap { records[$0.name] }, workload.amount, roundCount: roundCount, clarity,
      baseline: baseline)
    return clarity.isEnough(result.decidingPairs)
  }

  private mutating func race(_ contestant: Contestant, round: Int, position: Int) throws(ToolError) {
    let isWarmUp = round == 0
    let run: Run
    switch try self.run(contestant, samplesMemory: isWarmUp) {
    case .success(let finished): run = finished
    case .failure(let error): return exclude(contestant, error.message)
    }
    let child = run.child
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
          toDiskSeconds: workload.synchronization == .none ? nil : run.toDiskSeconds,
          userSeconds: child.userSeconds, systemSeconds: child.systemSeconds,
          contextSwitchCount: child.contextSwitchCount,
          deviceReadByteCount: difference(run.before, run.after, \.readByteCount),
          deviceWrittenByteCount: difference(run.before, run.after, \.writtenByteCount)))
    }
    records[contestant.name] = record
  }

  /// A run that came through.
  private struct Run {
    var child: ChildProcess
    /// From the start of the process to the end of a sync after it.
    var toDiskSeconds: Double
    /// The device's counters; `nil` where there is none.
    var before: DeviceCounters?
    var after: DeviceCounters?
  }

  /// Lets it do the job once, checks what it made, and removes that.
  ///
  /// - Returns: why it failed, where it did.
  /// - Throws: `ToolError` after a signal, or where the source changed.
  private func run(
    _ contestant: Contestant, samplesMemory: Bool = false, measuresLatencies: Bool = false
  ) throws(ToolError) -> Result<Run, ToolError> {
    defer { directory.removeOutcome() }
    let destination = directory.newName()
    var words = workload.words
    words["destination"] = destination
    let before = deviceFile.flatMap(DeviceCounters.init)
    let start = ContinuousClock.now
    let child: ChildProcess
    do throws(ToolError) {
      child = try ChildProcess.run(
        contestant.arguments(words, measuring: measuresLatencies), standardInput: workload.standardInput,
        interruption: interruption, samplesMemory: samplesMemory, secondsMax: secondsMax)
    } catch {
      try interruption.check()
      return .failure(error)
    }
    guard child.exitStatus == 0 else { return .failure(ToolError(message: child.complaint)) }
    let answer = workload.synchronization.wait(for: destination)
    guard answer == 0 else {
      let reason = String(cString: strerror(answer))
      return .failure(
        ToolError(
          message: answer == ENOENT ? "it made nothing" : "the outcome cannot be synced: \(reason)"))
    }
    let toDiskSeconds = (ContinuousClock.now - start) / .seconds(1)
    let after = deviceFile.flatMap(DeviceCounters.init)
    if let complaint = try workload.complaint(
      about: destination, output: child.output, from: contestant, interruption)
    {
      return .failure(ToolError(message: complaint))
    }
    return .success(Run(child: child, toDiskSeconds: toDiskSeconds, before: before, after: after))
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
  /// Of one run more; `nil` where none was made, or its program cannot measure them.
  var latencies: [OperationLatency]?
}
