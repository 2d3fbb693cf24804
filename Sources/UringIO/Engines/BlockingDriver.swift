import SystemPackage

/// Drives one job from its start to its end with blocking calls; what the pool's workers and the
/// sequential engine have in common.
enum BlockingDriver {
  static func drive(
    _ job: any Job, buffer: BufferSlice, in run: EngineRun, tally: inout OperationTally
  ) -> Result<Int, FileIOError> {
    drive(job, buffer: buffer, in: run.context, tally: &tally)
  }

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

  /// One operation, counted.
  static func perform(
    _ operation: Operation, in run: EngineRun, tally: inout OperationTally, inline: Bool = false
  ) -> Completion {
    perform(operation, in: run.context, tally: &tally, inline: inline)
  }

  static func perform(
    _ operation: Operation, in context: OperationContext, tally: inout OperationTally, inline: Bool = false
  ) -> Completion {
    let start = tally.startOfNext()
    let completion = performUnmeasured(operation, in: context, tally: &tally, inline: inline)
    tally.note(operation.kind, since: start)
    return completion
  }

  private static func performUnmeasured(
    _ operation: Operation, in context: OperationContext, tally: inout OperationTally, inline: Bool
  ) -> Completion {
    if case .copySmallFile(let copy) = operation {
      return perform(copy, in: context, tally: &tally, inline: inline)
    }
    tally.count(operation.kind, inline: inline)
    return operation.performBlocking(in: context, retries: &tally.retries)
  }

  private static func perform(
    _ copy: SmallFileCopy, in context: OperationContext, tally: inout OperationTally, inline: Bool
  ) -> Completion {
    // Whoever answers for the kernel does so call by call.
    guard context.intercept == nil else {
      copy.decline()
      return .count(0)
    }
    let answer = copy.perform()
    for kind in copy.calls { tally.count(kind, inline: inline) }
    return .count(answer)
  }

  /// A chain, with the ring's rules: what follows a failure or a short transfer is cancelled.
  static func performChain(
    _ operations: [Operation], in run: EngineRun, tally: inout OperationTally, inline: Bool = false
  ) -> [Completion] {
    performChain(operations, in: run.context, tally: &tally, inline: inline)
  }

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
