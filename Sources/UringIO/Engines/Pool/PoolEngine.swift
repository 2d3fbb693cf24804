import Dispatch

#if LINUX
  import CLinux
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs jobs with blocking calls on a pool of workers, one job at a time on each.
///
/// A pool of N workers is N serial Dispatch queues, each running one loop: Dispatch's concurrent queues
/// start threads late when the ones they have are blocked (sixteen blocking tasks of 100 ms took 500 to
/// 800 ms on them and 101 ms on sixteen serial queues).
package final class PoolEngine: Engine {
  package let kind = EngineKind.threads
  package let workerCount: Int
  private let scheduler: PoolScheduler

  package init(workerCount: Int, measuring: Measuring = .counts) {
    precondition(workerCount > 0, "a pool has a worker")
    self.workerCount = workerCount
    scheduler = PoolScheduler(workerCount: workerCount, measuring: measuring)
  }

  package func start(_ run: EngineRun) {
    run.addWaker { [scheduler] in scheduler.wake() }
    let handler = run.context.cancellation.addHandler { [scheduler] in scheduler.wake() }
    scheduler.start(run, cancellationHandler: handler)
  }

  package func shutdown() { scheduler.waitUntilIdle() }
}

/// The workers' shared state. The workers keep it alive while runs are unfinished, so a pool that is
/// dropped without shutdown finishes its work.
private final class PoolScheduler: @unchecked Sendable {
  // A condition variable rather than a Mutex: idle workers sleep until a run starts or a source wakes.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private let queues: [DispatchQueue]
  private var rooms: [OpenRoom] = []
  private var isWorking: [Bool]
  /// Rooms are tried from a moving start, so that runs at the same time share the workers.
  private var firstRoom = 0
  private let measuring: Measuring

  init(workerCount: Int, measuring: Measuring) {
    self.measuring = measuring
    lock = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
    queues = (0..<workerCount).map { DispatchQueue(label: "UringIO.pool.\($0)") }
    isWorking = [Bool](repeating: false, count: workerCount)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    lock.deallocate()
    changed.deallocate()
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }

  func wake() { locked { _ = pthread_cond_broadcast(changed) } }

  func start(_ run: EngineRun, cancellationHandler: Int) {
    locked {
      for index in run.rooms.indices {
        rooms.append(
          OpenRoom(
            run: run, index: index, cancellationHandler: cancellationHandler,
            measuring: measuring))
      }
      pthread_cond_broadcast(changed)
      for (worker, queue) in queues.enumerated() where !isWorking[worker] {
        isWorking[worker] = true
        queue.async { self.work(worker) }
      }
    }
  }

  func waitUntilIdle() {
    locked { while isWorking.contains(true) { pthread_cond_wait(changed, lock) } }
  }

  /// A worker's loop: takes a job from a room that has one, drives it to its end, until no room is left.
  private func work(_ worker: Int) {
    #if LINUX
      linuxTakeOwnCredentials()
    #endif
    var taken = takeRoom(orRetire: worker)
    while let (room, buffer, busyCount, wakeCount) = taken {
      var tally = OperationTally(measuring: measuring, lane: OperationTrace.Lane(thread: UInt16(worker)))
      let pull = room.pull(busyCount: busyCount)
      if case .job(let job) = pull {
        let begun = tally.beginWork()
        let outcome = BlockingDriver.drive(job, buffer: buffer, in: room.run.context, tally: &tally)
        tally.endWork(begun, isInFlight: true)
        room.run.source.finished(job, outcome, in: room.index)
      }
      giveBack(room, buffer: buffer, after: pull, wakeCount: wakeCount, tally: tally)
      taken = takeRoom(orRetire: worker)
    }
  }

  private func takeRoom(orRetire worker: Int) -> (OpenRoom, BufferSlice, busyCount: Int, wakeCount: Int)? {
    locked {
      while true {
        if let position = rooms.indices.first(where: { rooms[($0 + firstRoom) % rooms.count].isPullable }) {
          let room = rooms[(position + firstRoom) % rooms.count]
          firstRoom = (position + firstRoom + 1) % rooms.count
          let (busyCount, wakeCount) = (room.busyCount, room.run.wakeCount)
          return (room, room.takeBuffer(), busyCount, wakeCount)
        }
        if rooms.isEmpty {
          isWorking[worker] = false
          pthread_cond_broadcast(changed)
          return nil
        }
        pthread_cond_wait(changed, lock)
      }
    }
  }

  private func giveBack(
    _ room: OpenRoom, buffer: BufferSlice, after pull: Pull, wakeCount: Int, tally: OperationTally
  ) {
    let (isOver, isLast) = locked { () -> (Bool, Bool) in
      room.giveBack(buffer)
      room.tally.add(tally)
      room.note(pull, wakeCount: wakeCount)
      guard room.isOver else { return (false, false) }
      rooms.removeAll { $0 === room }
      firstRoom = 0
      pthread_cond_broadcast(changed)
      return (true, !rooms.contains { $0.run === room.run })
    }
    guard isOver else { return }
    if isLast { room.run.context.cancellation.removeHandler(room.cancellationHandler) }
    room.run.roomEnded(room.tally)
  }
}
