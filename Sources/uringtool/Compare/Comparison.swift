import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lets the contestants copy the same file in turn, round by round in a new order, and checks each copy.
struct Comparison {
  let source: SourceFile
  let directory: CopyDirectory
  let roundCount: Int
  let interruption: Interruption
  private var generator: SeededGenerator
  private var preparation: Preparation
  private(set) var racing: [Contestant]
  private(set) var records: [String: ContestantRecord] = [:]
  private(set) var failures: [(name: String, reason: String)] = []

  var cachedByteCountMin: Int64? { preparation.cachedByteCountMin }

  init(
    _ contestants: [Contestant], source: SourceFile, directory: CopyDirectory, roundCount: Int, seed: UInt64,
    interruption: Interruption
  ) {
    racing = contestants
    self.source = source
    self.directory = directory
    self.roundCount = roundCount
    self.interruption = interruption
    generator = SeededGenerator(seed: seed)
    preparation = Preparation(source: source, interruption: interruption)
  }

  /// - Throws: `ToolError` after a signal, or where the source cannot be read or changes. A contestant that
  ///   fails is left out from then on and listed in ``failures``.
  ///
  /// - Parameter holdsBallast: whether free memory that nobody needs is taken for the whole comparison.
  mutating func run(holdsBallast: Bool) throws(ToolError) {
    if holdsBallast { Console.status("taking the free memory") }
    let ballast = holdsBallast ? try preparation.ballast() : nil
    defer { withExtendedLifetime(ballast) {} }
    // Round 0 warms up: programs and libraries are read from the disk, and the peak of memory is watched,
    // which would disturb a copy that counts.
    for round in 0...roundCount {
      for (position, contestant) in racing.shuffled(using: &generator).enumerated() {
        Console.status("\(round == 0 ? "warm-up" : "round \(round) of \(roundCount)"): \(contestant.name)")
        try preparation.prepare()
        try race(contestant, round: round, position: position)
      }
    }
    Console.status("")
  }

  private mutating func race(_ contestant: Contestant, round: Int, position: Int) throws(ToolError) {
    defer { directory.removeCopy() }
    let copy = directory.newName()
    let isWarmUp = round == 0
    let start = ContinuousClock.now
    let child: ChildProcess
    do throws(ToolError) {
      child = try ChildProcess.run(
        contestant.arguments(from: source.path, to: copy), interruption: interruption, samplesMemory: isWarmUp
      )
    } catch {
      try interruption.check()
      return exclude(contestant, error.message)
    }
    guard child.exitStatus == 0 else { return exclude(contestant, child.complaint) }
    if let complaint = Self.synchronize(copy) { return exclude(contestant, complaint) }
    let toDiskSeconds = (ContinuousClock.now - start) / .seconds(1)
    if let difference = try source.difference(from: copy, interruption) {
      return exclude(contestant, difference)
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
        CopySample(
          round: round, position: position, toReturnSeconds: child.seconds, toDiskSeconds: toDiskSeconds,
          userSeconds: child.userSeconds, systemSeconds: child.systemSeconds))
    }
    records[contestant.name] = record
  }

  private mutating func exclude(_ contestant: Contestant, _ reason: String) {
    racing.removeAll { $0.name == contestant.name }
    records[contestant.name] = nil
    failures.append((contestant.name, reason))
  }

  /// Waits until the copy is on the disk. `fsync`.
  private static func synchronize(_ copy: PathBytes) -> String? {
    let descriptor = copy.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    guard descriptor >= 0 else { return "there is no copy: \(String(cString: strerror(errno)))" }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 ? nil : "fsync: \(String(cString: strerror(errno)))"
  }
}

/// One copy that counts. Times in seconds.
struct CopySample {
  /// From 1.
  var round: Int
  /// Whose turn it was in that round, from 0.
  var position: Int
  /// From the start of the process to its end.
  var toReturnSeconds: Double
  /// From the start of the process to the end of an fsync after it.
  var toDiskSeconds: Double
  var userSeconds: Double
  var systemSeconds: Double

  var cpuSeconds: Double { userSeconds + systemSeconds }
}

/// What a contestant did in all rounds.
struct ContestantRecord {
  let contestant: Contestant
  var samples: [CopySample] = []
  /// Of the warm-up copy.
  var peakResidentByteCount: Int64?
  var strategy: String?
  var reason: String?
  /// The engine that ran; not the one asked for where that was `auto`.
  var engine: String?
}
