/// What is measured of operations and of the threads that make them, beside their counts.
struct OperationMeasurements: Sendable {
  private(set) var latencies = OperationLatencies()
  var inFlight = LevelOverTime()
  private var workingNanoseconds: UInt64 = 0
  private var waitingNanoseconds: UInt64 = 0
  /// How long threads worked for those of the engine, which wait for them, or do something else.
  var helpingNanoseconds: UInt64 = 0
  var kernelWorkerCount = 0
  private(set) var trace: OperationTrace?

  init(trace: OperationTrace?) { self.trace = trace }

  /// Whether the operation that begins now is measured. In a trace all are.
  mutating func measuresNext() -> Bool { trace != nil || latencies.samplesNext() }

  mutating func note(
    _ kind: Operation.Kind, _ completion: Completion, from start: UInt64, to end: UInt64, slot: Int?
  ) {
    latencies.note(kind, nanoseconds: end - start)
    trace?.note(kind, completion, from: start, to: end, slot: slot)
  }

  mutating func worked(from begin: ThreadTime, to end: ThreadTime, isInFlight: Bool) {
    let passed = end.clock - begin.clock
    let worked = min(passed, end.processor - begin.processor)
    workingNanoseconds += worked
    waitingNanoseconds += passed - worked
    if isInFlight { inFlight.add(1, from: begin.clock, to: end.clock) }
  }

  var workingSeconds: Double { Double(workingNanoseconds + helpingNanoseconds) / 1e9 }
  /// Who waits for a thread that works for it is counted once.
  var waitingSeconds: Double {
    Double(waitingNanoseconds - min(waitingNanoseconds, helpingNanoseconds)) / 1e9
  }

  mutating func add(_ other: OperationMeasurements) {
    latencies.add(other.latencies)
    inFlight.add(other.inFlight)
    workingNanoseconds += other.workingNanoseconds
    waitingNanoseconds += other.waitingNanoseconds
    helpingNanoseconds += other.helpingNanoseconds
    kernelWorkerCount += other.kernelWorkerCount
    guard let others = other.trace else { return }
    if trace == nil { trace = others } else { trace!.add(others) }
  }
}

/// A moment of a thread: what the clock says, and how long the thread has had a core, in nanoseconds.
struct ThreadTime: Sendable {
  var clock: UInt64
  var processor: UInt64

  /// A system call.
  static func now() -> ThreadTime {
    ThreadTime(clock: MonotonicTime.nanoseconds(), processor: MonotonicTime.threadNanoseconds())
  }
}
