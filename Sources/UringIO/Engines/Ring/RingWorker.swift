#if LINUX && canImport(CLiburing)
  import CLinux
  import Dispatch
  import Glibc
  import Synchronization
  import SystemPackage

  /// A ring's thread and the box in which others leave word for it.
  ///
  /// Everything about the ring happens on the thread (`RingLoop`); this is what other threads see.
  final class RingWorker: @unchecked Sendable {
    /// Word left for the thread.
    enum Message: Sendable {
      case run(EngineRun, room: Int)
      /// A `.compute` step has come to an end.
      case computed(SlotReference, Completion)
      /// Look around: a source has something again, or a run was cancelled.
      case look
      case stop
    }

    let index: Int
    private let entries: Int
    private let inbox = Mutex<[Message]>([])
    /// An eventfd the ring always has a poll on.
    let wakeUpDescriptor: CInt
    private let descriptorRefusal: Errno?
    private var thread = pthread_t()
    private let isJoined = Atomic<Bool>(false)
    private let started = Started()

    let measuring: Measuring

    init(index: Int, entries: Int, measuring: Measuring) {
      self.index = index
      self.measuring = measuring
      self.entries = entries
      wakeUpDescriptor = linuxEventDescriptor()
      descriptorRefusal = wakeUpDescriptor < 0 ? Errno(rawValue: errno) : nil
    }

    deinit { if wakeUpDescriptor >= 0 { close(wakeUpDescriptor) } }

    /// Starts the thread, which makes its ring: ``awaitRing()`` says whether it could.
    func startThread() throws(Errno) {
      if let descriptorRefusal { throw descriptorRefusal }
      let start = ThreadStart(worker: self, entries: entries, started: started)
      let error = pthread_create(
        &thread, nil,
        { box in
          Unmanaged<ThreadStart>.fromOpaque(box!).takeRetainedValue().run()
          return nil
        }, Unmanaged.passRetained(start).toOpaque())
      guard error == 0 else {
        Unmanaged.passUnretained(start).release()
        isJoined.store(true, ordering: .relaxed)
        throw Errno(rawValue: error)
      }
    }

    /// Waits until the thread has its ring.
    func awaitRing() throws(Errno) {
      started.semaphore.wait()
      if let refusal = started.refusal {
        join()
        throw refusal
      }
    }

    func add(_ run: EngineRun, room: Int) {
      run.addWaker { [weak self] in self?.send(.look) }
      send(.run(run, room: room))
    }

    func stop() { send(.stop) }

    /// Lets the thread finish what it has and end without anybody waiting for it.
    func abandon() {
      guard !isJoined.exchange(true, ordering: .acquiringAndReleasing) else { return }
      pthread_detach(thread)
      stop()
    }

    /// Waits for the thread to end.
    func join() {
      guard !isJoined.exchange(true, ordering: .acquiringAndReleasing) else { return }
      pthread_join(thread, nil)
    }

    func send(_ message: Message) {
      let wasEmpty = inbox.withLock { messages in
        defer { messages.append(message) }
        return messages.isEmpty
      }
      // Whoever finds the box empty rings; the thread empties the box only after it has heard.
      if wasEmpty { wake() }
    }

    private func wake() {
      var one: UInt64 = 1
      _ = write(wakeUpDescriptor, &one, 8)
    }

    func takeMessages() -> [Message] {
      inbox.withLock { messages in
        defer { messages = [] }
        return messages
      }
    }

    /// Silences the eventfd, to be followed by ``takeMessages()``.
    func hearWakeUp() {
      var count: UInt64 = 0
      _ = read(wakeUpDescriptor, &count, 8)
    }

    /// Hands the ring's outcome to the thread that started this one.
    private final class Started: @unchecked Sendable {
      let semaphore = DispatchSemaphore(value: 0)
      var refusal: Errno?
    }

    private final class ThreadStart {
      let worker: RingWorker
      let entries: Int
      let started: Started

      init(worker: RingWorker, entries: Int, started: Started) {
        self.worker = worker
        self.entries = entries
        self.started = started
      }

      func run() {
        linuxNameThread("uring-\(worker.index)")
        linuxTakeOwnCredentials()
        let loop: RingLoop
        do throws(Errno) {
          loop = try RingLoop(worker: worker, entries: entries)
        } catch {
          started.refusal = error
          started.semaphore.signal()
          return
        }
        started.semaphore.signal()
        loop.run()
      }
    }
  }
#endif
