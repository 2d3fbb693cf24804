/// What a thread's rings may use of the kernel, beyond what ``RingProbe`` tells.
package struct RingLimits: Sendable {
  /// Operations this kernel knows, whether the engine uses them or not.
  package var knownOperationCount: Int
  /// Kernel threads (io-wq) for operations that end by themselves, such as reads and writes of files.
  package var boundedWorkerCountMax: Int
  /// Kernel threads for operations that may wait for ever, such as those on sockets.
  package var unboundedWorkerCountMax: Int
}

#if LINUX && canImport(CLiburing)
  import CLiburing

  extension RingLimits {
    /// Makes a small ring, asks it, and gives it back; `nil` where rings are refused, and zeros for the
    /// workers before kernel 5.15.
    ///
    /// `io_uring_get_probe_ring`, `io_uring_register_iowq_max_workers`.
    package static func probe() -> RingLimits? {
      let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
      ring.initialize(to: io_uring())
      defer { ring.deallocate() }
      guard io_uring_queue_init(8, ring, 0) == 0 else { return nil }
      defer { io_uring_queue_exit(ring) }
      // Zeros change nothing: the present values are written over them.
      var workers: [UInt32] = [0, 0]
      if io_uring_register_iowq_max_workers(ring, &workers) != 0 { workers = [0, 0] }
      return RingLimits(
        knownOperationCount: knownOperationCount(ring), boundedWorkerCountMax: Int(workers[0]),
        unboundedWorkerCountMax: Int(workers[1]))
    }

    private static func knownOperationCount(_ ring: UnsafeMutablePointer<io_uring>) -> Int {
      guard let probe = io_uring_get_probe_ring(ring) else { return 0 }
      defer { io_uring_free_probe(probe) }
      return (0...CInt(probe.pointee.last_op)).count { uringProbeSupports(probe, $0) != 0 }
    }
  }
#else
  extension RingLimits {
    package static func probe() -> RingLimits? { nil }
  }
#endif
