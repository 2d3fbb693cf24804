import Dispatch
import SystemPackage

/// The side of the queue that writes: one batch at a time, on the queue's own thread or the closing caller's.
extension AppendQueue {
  func start() { writer.async { self.write() } }

  /// Writes batches until nothing is left.
  func write() {
    var previous: AppendBatch?
    while let batch = takeBatch(after: previous) {
      let job = AppendJob(
        target, ends: batch.ends, isDurable: options.isDurable, bytesBefore: deviceByteCount)
      var tally = OperationTally(measuring: measuring)
      let begun = tally.beginWork()
      _ = BlockingDriver.drive(job, buffer: batch.buffer![0..<batch.filled], in: context, tally: &tally)
      tally.endWork(begun, isInFlight: true)
      settle(batch, job, tally)
      let resumedCount = batch.tell()
      if resumedCount >= Self.crowd { letRun() }
      previous = batch
    }
  }

  /// So many callers are let run before the next batch is taken.
  private static let crowd = 8
  /// And so long at most: the pool's threads may be busy with something else.
  private static let crowdMilliseconds = 1

  /// Waits until the tasks that were just resumed have run, and perhaps appended again: their jobs are in the
  /// executor's queue, and one more is put behind them. Taking what there is at once would make many small batches,
  /// and the writer and the callers would wake each other up all the time.
  private func letRun() {
    Task.detached { [turn] in turn.signal() }
    _ = turn.wait(timeout: .now() + .milliseconds(Self.crowdMilliseconds))
  }

  private var deviceByteCount: Int64 { target.isRegular ? 0 : report.byteCount }

  private func settle(_ batch: AppendBatch, _ job: AppendJob, _ tally: OperationTally) {
    let runs = job.runs
    let flushes = state.withLock { state -> [UnsafeContinuation<Void, Never>] in
      let buffer = batch.settle(runs)
      if let buffer, buffer.byteCount == options.bufferByteCount { state.spareBuffer = buffer }
      count(batch, runs, in: &state.report)
      state.report.operations.add(tally)
      if job.lockRefusal != nil { state.report.unlockedBatchCount += 1 }
      if let error = batch.firstUnheard, state.unheard.count < Self.unheardMax {
        state.unheard.append((batch.number, error))
      }
      defer { state.flushes = [] }
      return state.flushes
    }
    for flush in flushes { flush.resume() }
  }

  private func count(_ batch: AppendBatch, _ runs: [AppendJob.Run], in report: inout AppendReport) {
    report.batchCount += 1
    if runs.count == 1, case .written = runs[0].outcome {
      report.recordCount += batch.ends.count
      report.byteCount += Int64(batch.filled)
      return
    }
    var start = 0
    for end in batch.ends {
      switch batch.answer(for: start) {
      case .offset:
        report.recordCount += 1
        report.byteCount += Int64(end - start)
      case .failed: report.failedRecordCount += 1
      }
      start = end
    }
  }

  /// The batch to be written next; `nil` when there is none, and the writer ends.
  private func takeBatch(after previous: AppendBatch?) -> AppendBatch? {
    var refused: [(AppendBatch.Continuation, FileIOError)] = []
    var flushes: [UnsafeContinuation<Void, Never>] = []
    var isToClose = false
    let batch = state.withLock { state -> AppendBatch? in
      let isDue = state.isClosed || !state.blocked.isEmpty || state.gathering?.isDue == true
      let batch = isDue ? state.gathering : nil
      if isDue { state.gathering = nil }
      admitBlocked(like: previous, &state, &refused)
      if let batch { return batch }
      if isDue, let admitted = state.gathering {
        state.gathering = nil
        return admitted
      }
      // Who asked to flush after the last batch was settled waits for nothing.
      swap(&flushes, &state.flushes)
      isToClose = state.isClosed && !state.hasClosedFile
      state.isWriting = isToClose
      return nil
    }
    for (continuation, error) in refused { continuation.resume(returning: .failed(.init(error))) }
    for flush in flushes { flush.resume() }
    if isToClose { closeFile() }
    return batch
  }

  /// Moves records that waited for room into the batch that gathers next, in their order, as many as fit.
  private func admitBlocked(
    like previous: AppendBatch?, _ state: inout State,
    _ refused: inout [(AppendBatch.Continuation, FileIOError)]
  ) {
    var admitted = 0
    for blocked in state.blocked {
      let addition = blocked.bytes.withUnsafeBytes {
        gather($0, for: blocked.continuation, in: &state)
      }
      if case .full = addition { break }
      if case .refused(let error) = addition { refused.append((blocked.continuation!, error)) }
      admitted += 1
    }
    state.blocked.removeFirst(admitted)
  }

  private func closeFile() {
    let answer = SystemCall.close(target.descriptor)
    let closes = state.withLock { state -> [@Sendable () -> Void] in
      state.hasClosedFile = true
      state.isWriting = false
      if let answer { state.closeError = FileIOError(answer, during: .close, path: path) }
      defer { state.closes = [] }
      return state.closes
    }
    if closes.isEmpty, let error = takeCloseError() {
      logger.error("\(error)", metadata: ["path": "\(path.displayed)"])
    }
    for close in closes { close() }
  }
}
