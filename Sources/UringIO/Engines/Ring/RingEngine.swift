#if LINUX && canImport(CLiburing)
  import SystemPackage

  /// Runs jobs on one or more rings, each on a thread of its own.
  package final class RingEngine: Engine {
    package let kind = EngineKind.uring
    package var workerCount: Int { workers.count }
    private let workers: [RingWorker]
    private let nextWorker = RoundRobin()

    /// Starts the threads; each makes its ring, all at the same time.
    ///
    /// - Parameter entries: each ring's submission queue entries; its completion queue has twice as many.
    /// - Throws: `FileIOError` with the kernel's refusal.
    package init(workerCount: Int, entries: Int = 256, measuring: Measuring = .counts) throws(FileIOError) {
      precondition(workerCount > 0, "an engine has a ring")
      // The loop keeps two places in the completion queue for itself.
      precondition(entries >= 2, "a ring has room for a job")
      var workers: [RingWorker] = []
      do throws(Errno) {
        for index in 0..<workerCount {
          let worker = RingWorker(index: index, entries: entries, measuring: measuring)
          try worker.startThread()
          workers.append(worker)
        }
        for worker in workers { try worker.awaitRing() }
      } catch {
        for worker in workers { worker.abandon() }
        throw FileIOError(error, during: .startEngine, note: RingProbe.explanation(of: error))
      }
      self.workers = workers
    }

    deinit {
      // The threads finish what they run and end by themselves; nobody waits for them here.
      for worker in workers { worker.abandon() }
    }

    package func start(_ run: EngineRun) {
      // Rooms go to different rings; runs start at different rings.
      let first = nextWorker.take(run.rooms.count)
      for index in run.rooms.indices {
        workers[(first + index) % workers.count].add(run, room: index)
      }
    }

    package func shutdown() {
      for worker in workers { worker.stop() }
      for worker in workers { worker.join() }
    }
  }
#endif
