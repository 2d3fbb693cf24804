import Dispatch

/// Runs one job at a time on the thread that starts the run.
package final class SequentialEngine: Engine {
  package let kind = EngineKind.sequential
  package let workerCount = 1

  package init() {}

  package func start(_ run: EngineRun) {
    let wakeUp = DispatchSemaphore(value: 0)
    run.addWaker { wakeUp.signal() }
    let handler = run.context.cancellation.addHandler { wakeUp.signal() }
    defer { run.context.cancellation.removeHandler(handler) }
    for (index, room) in run.rooms.enumerated() {
      var tally = OperationTally()
      pulling: while !run.isCancelled {
        switch run.source.next(for: room.lane) {
        case .job(let job):
          let outcome = BlockingDriver.drive(
            job, buffer: run.buffers[index][0], in: run, tally: &tally)
          run.source.finished(job, outcome)
        case .wait: wakeUp.wait()
        case .end: break pulling
        }
      }
      run.roomEnded(tally)
    }
  }

  package func shutdown() {}
}
