import Dispatch

/// Runs one job at a time on the thread that starts the run.
package final class SequentialEngine: Engine {
  package let kind = EngineKind.sequential
  package let workerCount = 1

  private let measuring: Measuring

  package init(measuring: Measuring = .counts) { self.measuring = measuring }

  package func start(_ run: EngineRun) {
    let wakeUp = DispatchSemaphore(value: 0)
    run.addWaker { wakeUp.signal() }
    let handler = run.context.cancellation.addHandler { wakeUp.signal() }
    defer { run.context.cancellation.removeHandler(handler) }
    var rooms = run.rooms.indices.map {
      OpenRoom(run: run, index: $0, cancellationHandler: handler, measuring: measuring)
    }
    while !rooms.isEmpty {
      if let room = rooms.first(where: \.isPullable) {
        work(in: room)
        guard room.isOver else { continue }
        rooms.removeAll { $0 === room }
        run.roomEnded(room.tally)
      } else {
        wakeUp.wait()
      }
    }
  }

  /// One job, from its start to its end.
  private func work(in room: OpenRoom) {
    let wakeCount = room.run.wakeCount
    let pull = room.pull(busyCount: room.busyCount)
    if case .job(let job) = pull {
      let buffer = room.takeBuffer()
      let begun = room.tally.beginWork()
      let outcome = BlockingDriver.drive(job, buffer: buffer, in: room.run.context, tally: &room.tally)
      room.tally.endWork(begun, isInFlight: true)
      room.giveBack(buffer)
      room.run.source.finished(job, outcome, in: room.index)
    }
    room.note(pull, wakeCount: wakeCount)
  }

  package func shutdown() {}
}
