import SystemPackage

/// Drives one job from its start to its end with blocking calls; what the pool's workers and the
/// sequential engine have in common.
enum BlockingDriver {
  static func drive(
    _ job: any Job, buffer: BufferSlice, in context: OperationContext, tally: inout OperationTally
  ) -> Result<Int, FileIOError> {
    var completions = Completions()
    while true {
      switch job.next(after: completions, buffer: buffer) {
      case .perform(let operation), .performInline(let operation):
        completions = Completions(perform(operation, in: context, tally: &tally))
      case .chain(let operations):
        completions = Completions(performChain(operations, in: context, tally: &tally))
      case .compute(let work):
        completions = Completions(work())
      case .finish(let outcome):
        return outcome
      }
    }
  }

  /// Makes a job's next steps as long as they are plain system calls, on a ring's thread.
  ///
  /// - Parameters:
  ///   - completions: what the step before came to; afterwards, of the last step made.
  ///   - placement: says which operations are not for the ring.
  ///   - stepMax: others have their turn after so many.
  /// - Returns: the step that is not to be made here; `nil` where `stepMax` were made.
  static func driveInline(
    _ job: any Job, after completions: inout Completions, buffer: BufferSlice, in context: OperationContext,
    placement: PlacementTable, stepMax: Int, tally: inout OperationTally
  ) -> Step? {
    for _ in 0..<stepMax {
      // Each case takes its operation out: a step that is looked at first is retained for that.
      switch job.next(after: completions, buffer: buffer) {
      case .perform(let operation):
        guard placement.placement(of: operation) == .inline else { return .perform(operation) }
        completions = Completions(perform(operation, in: context, tally: &tally, inline: true))
      case .performInline(let operation):
        completions = Completions(perform(operation, in: context, tally: &tally, inline: true))
      case .chain(let operations): return .chain(operations)
      case .compute(let work): return .compute(work)
      case .finish(let outcome): return .finish(outcome)
      }
    }
    return nil
  }

  /// One operation, counted.
  static func perform(
    _ operation: Operation, in context: OperationContext, tally: inout OperationTally, inline: Bool = false
  ) -> Completion {
    let start = tally.startOfNext()
    let completion = performUnmeasured(operation, in: context, tally: &tally, inline: inline)
    tally.note(operation.kind, completion, since: start)
    return completion
  }

  private static func performUnmeasured(
    _ operation: Operation, in context: OperationContext, tally: inout OperationTally, inline: Bool
  ) -> Completion {
    switch operation {
    case .copySmallFiles(let copies): return perform(copies, in: context, tally: &tally, inline: inline)
    case .loadSmallFile(let load): return perform(load, in: context, tally: &tally, inline: inline)
    case .loadSmallFiles(let loads): return perform(loads, in: context, tally: &tally, inline: inline)
    default:
      tally.count(operation.kind, inline: inline)
      return operation.performBlocking(in: context, retries: &tally.retries)
    }
  }

  private static func perform<Work: SmallFileWork>(
    _ work: Work, in context: OperationContext, tally: inout OperationTally, inline: Bool
  ) -> Completion {
    // Whoever answers for the kernel does so call by call.
    guard context.intercept == nil else {
      work.decline()
      return .count(0)
    }
    let answer = work.perform()
    work.count(in: &tally, inline: inline)
    return .count(answer)
  }

  /// A chain, with the ring's rules: what follows a failure or a short transfer is cancelled.
  static func performChain(
    _ operations: [Operation], in context: OperationContext, tally: inout OperationTally, inline: Bool = false
  ) -> [Completion] {
    var completions: [Completion] = []
    var isBroken = false
    for operation in operations {
      let completion =
        isBroken ? .failed(.canceled) : perform(operation, in: context, tally: &tally, inline: inline)
      isBroken = isBroken || completion.breaksChain(of: operation)
      completions.append(completion)
    }
    return completions
  }
}
