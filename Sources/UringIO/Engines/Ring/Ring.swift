#if LINUX && canImport(CLiburing)
  import CLiburing
  import SystemPackage

  /// One io_uring, owned by the thread that made it.
  ///
  /// The methods are liburing's calls with errors instead of negative numbers. Whoever uses it keeps two
  /// rules: every completion is drained before the ring goes (`io_uring_queue_exit` returns while reads
  /// still land in memory), and no more is in flight than ``completionCapacity``.
  struct Ring: ~Copyable {
    private let ring: UnsafeMutablePointer<io_uring>
    let submissionCapacity: Int
    let completionCapacity: Int
    let features: UInt32
    let setupFlags: UInt32

    /// Sets a ring up with the flags that measured best where the kernel knows them, then with fewer.
    ///
    /// - Throws: the kernel's refusal: EPERM, EACCES, ENOSYS or ENOMEM mean that this process gets no ring.
    init(entries: UInt32) throws(Errno) {
      ring = .allocate(capacity: 1)
      ring.initialize(to: io_uring())
      // One submitter, completions delivered when we ask (kernel 6.1); older kernels answer EINVAL.
      let flagSets: [UInt32] = [
        UInt32(IORING_SETUP_SINGLE_ISSUER) | UInt32(IORING_SETUP_DEFER_TASKRUN)
          | UInt32(IORING_SETUP_SUBMIT_ALL),
        UInt32(IORING_SETUP_COOP_TASKRUN) | UInt32(IORING_SETUP_SUBMIT_ALL),
        0,
      ]
      var answer: CInt = 0
      for flags in flagSets {
        var parameters = io_uring_params()
        parameters.flags = flags
        answer = io_uring_queue_init_params(entries, ring, &parameters)
        if answer == 0 {
          submissionCapacity = Int(parameters.sq_entries)
          completionCapacity = Int(parameters.cq_entries)
          features = parameters.features
          setupFlags = flags
          return
        }
        guard answer == -EINVAL else { break }
      }
      ring.deallocate()
      throw Errno(rawValue: -answer)
    }

    deinit {
      io_uring_queue_exit(ring)
      ring.deallocate()
    }

    /// Free submission queue entries.
    var submissionSpace: Int { Int(io_uring_sq_space_left(ring)) }
    /// Entries filled and not yet submitted.
    var unsubmitted: Int { Int(io_uring_sq_ready(ring)) }

    /// The next submission queue entry; `nil` where the queue is full.
    func nextEntry() -> UnsafeMutablePointer<io_uring_sqe>? { io_uring_get_sqe(ring) }

    /// Submits what is filled and lets completions arrive, without waiting.
    func submit() -> Errno? { Self.error(io_uring_submit_and_get_events(ring)) }

    /// Submits what is filled and waits for a completion.
    func submitAndWait() -> Errno? { Self.error(io_uring_submit_and_wait(ring, 1)) }

    /// Takes one completion; `nil` where none is waiting.
    func takeCompletion() -> (userData: UInt64, result: Int)? {
      guard let entry = uringPeek(ring) else { return nil }
      let completion = (entry.pointee.user_data, Int(entry.pointee.res))
      io_uring_cqe_seen(ring, entry)
      return completion
    }

    /// The kernel's list of the operations it knows.
    func supports(_ opcodes: [io_uring_op]) -> [io_uring_op] {
      guard let probe = io_uring_get_probe_ring(ring) else { return [] }
      defer { io_uring_free_probe(probe) }
      return opcodes.filter { uringProbeSupports(probe, CInt($0.rawValue)) != 0 }
    }

    private static func error(_ answer: CInt) -> Errno? { answer < 0 ? Errno(rawValue: -answer) : nil }
  }
#endif
