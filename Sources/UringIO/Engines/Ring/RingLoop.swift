#if LINUX && canImport(CLiburing)
  import CLiburing
  import CLinux
  import Dispatch
  import Glibc
  import SystemPackage

  /// What a ring's thread does: pulls jobs, puts their operations on the ring or makes them itself, and
  /// hands the completions back. Only that thread touches it.
  ///
  /// Invariants: no more entries are in flight than the completion queue holds; a slot's operation lives
  /// until its completion has arrived; the loop ends only when nothing is in flight.
  final class RingLoop {
    private let worker: RingWorker
    private let ring: Ring
    private var slots: [RingSlot] = []
    private var freeSlots: [Int] = []
    private var rooms: [OpenRoom] = []
    /// Entries given to the ring whose completion has not arrived, the loop's own included.
    private var inFlight = 0
    /// Places in the completion queue kept for the loop's own entries (the wake-up poll and cancels).
    private static let reserved = 2
    /// Slots whose last step is complete, with what it came to.
    private var ready: [(slot: Int, completions: Completions)] = []
    /// Slots whose step is to be made on this thread.
    private var inline: [Int] = []
    /// Slots whose step waits for room in the queues.
    private var waitingForRing: [Int] = []
    /// Cancels that found no room yet.
    private var pendingCancels: [SlotReference] = []
    /// A job made all steps of its turn, and may make as many again: entries wait no longer.
    private var isSubmissionDue = false
    private var computing = 0
    private var isStopping = false
    private var isWakeUpArmed = false

    init(worker: RingWorker, entries: Int) throws(Errno) {
      self.worker = worker
      ring = try Ring(entries: UInt32(entries))
    }

    func run() {
      while true {
        armWakeUp()
        advance()
        fillRooms()
        if !ready.isEmpty { continue }
        if !inline.isEmpty {
          performInline()
          continue
        }
        if isStopping && rooms.isEmpty && computing == 0 { break }
        if settle() { continue }
        submit(waiting: true)
        reap()
      }
      drain()
    }

    /// Before the thread sleeps, lets the sources hand on what they gathered, unless there is an answer already.
    private func settle() -> Bool {
      guard rooms.contains(where: \.settles) else { return false }
      submit(waiting: false)
      if reap() > 0 || !ready.isEmpty { return true }
      for room in rooms where room.settles { room.run.source.settle(in: room.index) }
      return false
    }

    // MARK: Jobs

    private func fillRooms() {
      for room in rooms {
        while room.isPullable {
          let wakeCount = room.run.wakeCount
          let pull = room.pull(busyCount: room.busyCount)
          room.note(pull, wakeCount: wakeCount)
          guard case .job(let job) = pull else { break }
          let slot = takeSlot()
          slots[slot].job = job
          slots[slot].room = room
          slots[slot].buffer = room.takeBuffer()
          ready.append((slot, Completions()))
        }
        endIfOver(room)
      }
    }

    private func takeSlot() -> Int {
      if let slot = freeSlots.popLast() { return slot }
      precondition(slots.count < SlotReference.slotMax, "more slots than user_data can name")
      slots.append(RingSlot())
      return slots.count - 1
    }

    /// Lets every job whose step is complete take its next one.
    private func advance() {
      while !ready.isEmpty {
        let batch = ready
        ready.removeAll(keepingCapacity: true)
        for (slot, completions) in batch { advance(slot, after: completions) }
      }
    }

    private func advance(_ slot: Int, after completions: Completions) {
      slots[slot].endStep()
      take(slots[slot].job!.next(after: completions, buffer: slots[slot].buffer!), for: slot)
    }

    /// Begins a job's next step.
    private func take(_ step: Step, for slot: Int) {
      let room = slots[slot].room!
      switch step {
      case .perform(let operation):
        slots[slot].operation = operation
        start(slot, isInline: room.placement.placement(of: operation) == .inline)
      case .performInline(let operation):
        slots[slot].operation = operation
        start(slot, isInline: true)
      case .chain(let operations):
        precondition(
          !operations.isEmpty && operations.count <= SlotReference.chainLengthMax,
          "a chain has 1 to \(SlotReference.chainLengthMax) operations")
        slots[slot].chain = operations
        slots[slot].chainCompletions = operations.map { _ in .failed(.canceled) }
        let fits = operations.count <= min(ring.submissionCapacity, ring.completionCapacity - Self.reserved)
        let context = room.run.context
        start(
          slot,
          isInline: !fits || context.intercept != nil
            || operations.contains { room.placement.placement(of: $0) == .inline })
      case .compute(let work):
        compute(slot, work)
      case .finish(let outcome):
        finish(slot, outcome)
      }
    }

    private func start(_ slot: Int, isInline: Bool) {
      if isInline {
        inline.append(slot)
        return
      }
      slots[slot].room!.waitingForRing += 1
      if waitingForRing.isEmpty, enqueue(slot) { return }
      waitingForRing.append(slot)
    }

    /// A slot's step on the ring is complete.
    private func endWaiting(_ slot: Int, _ completions: Completions) {
      slots[slot].room!.waitingForRing -= 1
      ready.append((slot, completions))
    }

    private func compute(_ slot: Int, _ work: @escaping @Sendable () -> Completion) {
      computing += 1
      let reference = SlotReference(slot: slot, position: 0, generation: slots[slot].generation)
      DispatchQueue.global().async { [worker] in worker.send(.computed(reference, work())) }
    }

    private func finish(_ slot: Int, _ outcome: Result<Int, FileIOError>) {
      let room = slots[slot].room!
      let job = slots[slot].job!
      room.giveBack(slots[slot].buffer!)
      slots[slot].job = nil
      slots[slot].room = nil
      slots[slot].buffer = nil
      slots[slot].generation &+= 1
      freeSlots.append(slot)
      room.run.source.finished(job, outcome, in: room.index)
      endIfOver(room)
    }

    private func endIfOver(_ room: OpenRoom) {
      guard room.isOver, let position = rooms.firstIndex(where: { $0 === room }) else { return }
      rooms.remove(at: position)
      room.tally.endWork(room.begun, isInFlight: false)
      if room.tally.measures { room.tally.noteKernelWorkers(Int(linuxRingWorkerCount())) }
      room.run.context.cancellation.removeHandler(room.cancellationHandler)
      room.run.roomEnded(room.tally)
    }

    // MARK: Operations

    /// How many steps of one job are made in a row on this thread before others have their turn: some, where what
    /// others have to do should start at once, and the whole of a batch of small files elsewhere.
    private static let inlineRun = (eager: 8, batched: 128)
    /// How many jobs take such steps before the ring is given what it has to do by then, where entries are to be
    /// submitted together: each time costs a system call, and small files have an entry every microsecond.
    private static let inlineJobsMax = 16

    /// Makes steps that are not for the ring on this thread: those of one job, one after another, for what
    /// they touch is in the core's caches. What the ring has to do is started first, so that the device works
    /// while this thread does.
    private func performInline() {
      let batch = slots[inline[0]].room!.placement.submissionBatch
      if ring.unsubmitted >= batch || ring.unsubmitted == 0 || isSubmissionDue { submit(waiting: false) }
      let jobCount = batch == 1 ? 1 : min(inline.count, Self.inlineJobsMax)
      for _ in 0..<jobCount {
        performInline(
          inline.removeFirst(), runMax: batch == 1 ? Self.inlineRun.eager : Self.inlineRun.batched)
      }
      reap()
    }

    private func performInline(_ slot: Int, runMax: Int) {
      let (job, room, buffer) = (slots[slot].job!, slots[slot].room!, slots[slot].buffer!)
      // The room's tally is this function's own meanwhile: a class's property is checked at each change.
      var tally = OperationTally.empty
      swap(&tally, &room.tally)
      var completions = performStep(slot, in: room.run.context, &tally)
      slots[slot].endStep()
      let next = BlockingDriver.driveInline(
        job, after: &completions, buffer: buffer, in: room.run.context, placement: room.placement,
        stepMax: runMax - 1, tally: &tally)
      swap(&tally, &room.tally)
      if let next {
        take(next, for: slot)
      } else {
        ready.append((slot, completions))
        isSubmissionDue = true
      }
    }

    private func performStep(_ slot: Int, in context: OperationContext, _ tally: inout OperationTally)
      -> Completions
    {
      if let operation = slots[slot].operation {
        return Completions(BlockingDriver.perform(operation, in: context, tally: &tally, inline: true))
      }
      return Completions(
        BlockingDriver.performChain(slots[slot].chain, in: context, tally: &tally, inline: true))
    }

    /// Puts a slot's step into the submission queue; false where it has to wait for room.
    private func enqueue(_ slot: Int) -> Bool {
      let length = max(slots[slot].chain.count, 1)
      guard inFlight + length <= ring.completionCapacity - Self.reserved else { return false }
      // A chain must be submitted together.
      if ring.submissionSpace < length { submit(waiting: false) }
      guard ring.submissionSpace >= length else { return false }
      let room = slots[slot].room!
      let generation = slots[slot].generation
      if slots[slot].attempts == 0 { slots[slot].startedAt = room.tally.startOfNext() }
      if var operation = slots[slot].operation {
        if operation.kind == .poll, room.run.isCancelled {
          // Whoever cancelled has cancelled what was in flight then; a wait that begins later must not last.
          complete(slot, with: .failed(.canceled))
          return true
        }
        // Asked again, it is still one operation.
        if slots[slot].attempts == 0 { room.tally.count(operation.kind) }
        switch room.run.context.interception(of: operation) {
        case .pass: break
        case .shorten(let byteCount): operation = operation.shortened(to: byteCount)
        case .fail(let errno):
          complete(slot, with: .failed(errno))
          return true
        }
        fill(slot, operation, SlotReference(slot: slot, position: 0, generation: generation), links: false)
      } else {
        let chain = slots[slot].chain
        for (position, operation) in chain.enumerated() {
          room.tally.count(operation.kind)
          fill(
            slot, operation, SlotReference(slot: slot, position: position, generation: generation),
            links: position < chain.count - 1)
        }
      }
      return true
    }

    private func fill(_ slot: Int, _ operation: Operation, _ reference: SlotReference, links: Bool) {
      let entry = ring.nextEntry()!
      let vectors = slots[slot].makeVectors(count: operation.vectorCount)
      operation.prepare(entry, vectors: vectors)
      if links { entry.pointee.flags |= uringSqeLink }
      entry.pointee.user_data = reference.userData
      slots[slot].outstanding += 1
      let room = slots[slot].room!
      room.onRing += 1
      room.tally.ringEntries += 1
      inFlight += 1
      precondition(inFlight <= ring.completionCapacity, "every completion has its place")
    }

    // MARK: Submitting and reaping

    private func submit(waiting: Bool) {
      retryWaiting()
      if !waitingForRing.isEmpty, ring.unsubmitted > 0 {
        // A long chain may want the entries that are filled: submitted, they are free again.
        enter(waiting: false)
        retryWaiting()
      }
      // A retry may have come to an answer without the kernel (a test's); then there is work to do.
      let waiting = waiting && ready.isEmpty
      if !waiting && ring.unsubmitted == 0 && inFlight <= 1 { return }
      enter(waiting: waiting)
    }

    /// Enters the kernel, again where it asks for that.
    private func enter(waiting: Bool) {
      for room in rooms { room.tally.ringCalls += 1 }
      isSubmissionDue = false
      noteInFlight()
      while let error = waiting ? ring.submitAndWait() : ring.submit() {
        switch error {
        case .interrupted:
          // A signal; what was filled is still to be submitted.
          continue
        case .resourceTemporarilyUnavailable, .resourceBusy:
          // The kernel is short of memory, or wants its completions taken first.
          if reap() == 0 { SystemCall.yieldCore() }
          return
        default:
          preconditionFailure("io_uring_enter: \(error)")
        }
      }
    }

    /// Takes what has arrived; returns how many.
    @discardableResult
    private func reap() -> Int {
      var count = 0
      while let (userData, result) = ring.takeCompletion() {
        count += 1
        inFlight -= 1
        let reference = SlotReference(userData: userData)
        if reference == .wakeUp {
          isWakeUpArmed = false
          hear()
        } else if reference.slot <= SlotReference.slotMax {
          arrived(reference, Completion(kernelResult: result))
        }
      }
      if count > 0 { noteInFlight() }
      return count
    }

    private func noteInFlight() {
      guard worker.measuring != .counts else { return }
      let now = MonotonicTime.nanoseconds()
      for room in rooms { room.tally.noteOnRing(room.onRing, at: now) }
    }

    private func arrived(_ reference: SlotReference, _ completion: Completion) {
      let slot = reference.slot
      precondition(
        slots[slot].generation == reference.generation && slots[slot].outstanding > 0,
        "a completion finds its slot")
      slots[slot].outstanding -= 1
      slots[slot].room!.onRing -= 1
      guard slots[slot].operation == nil else {
        complete(slot, with: completion)
        return
      }
      slots[slot].chainCompletions[reference.position] = completion
      slots[slot].room!.tally.note(
        slots[slot].chain[reference.position].kind, completion, since: slots[slot].startedAt, slot: slot)
      if slots[slot].outstanding == 0 { endWaiting(slot, Completions(slots[slot].chainCompletions)) }
    }

    /// A single operation's outcome: asked again where the policy says so, otherwise the job's.
    private func complete(_ slot: Int, with completion: Completion) {
      if case .failed(let errno) = completion,
        RetryPolicy.asksAgain(slots[slot].operation!, after: errno, retries: slots[slot].attempts)
      {
        if slots[slot].attempts == 0, errno == .resourceTemporarilyUnavailable {
          // A file that was opened O_NONBLOCK lest it be a FIFO, on a file system that has no non-blocking
          // transfers (procfs, NFS): the ring then answers so instead of letting a worker thread wait.
          slots[slot].operation!.transferDescriptor.map(SystemCall.makeTransfersWait)
        }
        slots[slot].attempts += 1
        slots[slot].room!.tally.retries += 1
        waitingForRing.append(slot)
      } else {
        slots[slot].room!.tally.note(
          slots[slot].operation!.kind, completion, since: slots[slot].startedAt, slot: slot)
        endWaiting(slot, Completions(completion))
      }
    }

    private func retryWaiting() {
      while let reference = pendingCancels.last, inFlight < ring.completionCapacity {
        guard let entry = ring.nextEntry() else { break }
        pendingCancels.removeLast()
        io_uring_prep_cancel64(entry, reference.userData, 0)
        entry.pointee.user_data = SlotReference.cancel.userData
        inFlight += 1
      }
      var started = 0
      while started < waitingForRing.count {
        let slot = waitingForRing[started]
        guard enqueueWaiting(slot) else { break }
        started += 1
      }
      waitingForRing.removeFirst(started)
    }

    /// As `enqueue`, without submitting in between: this runs inside `submit`.
    private func enqueueWaiting(_ slot: Int) -> Bool {
      ring.submissionSpace >= max(slots[slot].chain.count, 1) && enqueue(slot)
    }

    // MARK: Word from other threads

    private func armWakeUp() {
      guard !isWakeUpArmed, !isStopping || !rooms.isEmpty || computing > 0 else { return }
      if ring.submissionSpace == 0 { submit(waiting: false) }
      guard let entry = ring.nextEntry() else { return }
      io_uring_prep_poll_add(entry, worker.wakeUpDescriptor, UInt32(POLLIN))
      entry.pointee.user_data = SlotReference.wakeUp.userData
      inFlight += 1
      isWakeUpArmed = true
    }

    private func hear() {
      worker.hearWakeUp()
      for message in worker.takeMessages() {
        switch message {
        case .run(let run, let room):
          precondition(!isStopping, "no run is started on an engine that was shut down")
          let handler = run.context.cancellation.addHandler { [weak worker] in worker?.send(.look) }
          let opened = OpenRoom(
            run: run, index: room, cancellationHandler: handler, measuring: worker.measuring,
            lane: OperationTrace.Lane(thread: UInt16(worker.index), isRing: true))
          opened.begun = opened.tally.beginWork()
          rooms.append(opened)
        case .computed(let reference, let completion):
          computing -= 1
          ready.append((reference.slot, Completions(completion)))
        case .look:
          cancelWhereAsked()
        case .stop:
          isStopping = true
        }
      }
    }

    /// Asks the kernel to give up what it has of cancelled runs. The completions still arrive, and the
    /// jobs hear of it by them.
    private func cancelWhereAsked() {
      for slot in slots.indices where slots[slot].outstanding > 0 {
        guard slots[slot].room!.run.isCancelled else { continue }
        for position in 0..<max(slots[slot].chain.count, 1) {
          pendingCancels.append(
            SlotReference(slot: slot, position: position, generation: slots[slot].generation))
        }
      }
    }

    /// Takes the last completions, so that nothing of the kernel's outlives the ring.
    private func drain() {
      if isWakeUpArmed { pendingCancels.append(.wakeUp) }
      while inFlight > 0 || !pendingCancels.isEmpty {
        submit(waiting: true)
        reap()
      }
    }
  }
#endif
