#if LINUX && canImport(CLiburing)
  import Glibc

  /// Which slot, and which use of it: what `user_data` says instead of a pointer.
  ///
  /// 24 bits of slot, 8 of position in a chain, 32 of generation. A completion whose generation is over
  /// belongs to nobody and is dropped.
  struct SlotReference: Sendable, Equatable {
    var slot: Int
    var position: Int
    var generation: UInt32

    static let slotMax = (1 << 24) - 2
    static let chainLengthMax = 256

    init(slot: Int, position: Int, generation: UInt32) {
      self.slot = slot
      self.position = position
      self.generation = generation
    }

    init(userData: UInt64) {
      slot = Int(userData & 0xff_ffff)
      position = Int((userData >> 24) & 0xff)
      generation = UInt32(userData >> 32)
    }

    var userData: UInt64 { UInt64(slot) | UInt64(position) << 24 | UInt64(generation) << 32 }

    /// The loop's own entries, which belong to no slot.
    static let wakeUp = SlotReference(slot: slotMax + 1, position: 0, generation: 0)
    static let cancel = SlotReference(slot: slotMax + 1, position: 1, generation: 0)
  }

  /// What one job in flight needs: its buffer, and the operations the kernel has, which in turn hold the
  /// memory the kernel writes to.
  ///
  /// A class, so that a change to one does not go through the uniqueness check of the array of all.
  final class RingSlot {
    var generation: UInt32 = 0
    var job: (any Job)?
    var room: OpenRoom?
    var buffer: BufferSlice?
    /// The operation under way, when it is a single one; how often it was asked again.
    var operation: Operation?
    var attempts = 0
    /// When the step was put on the ring, if anybody wants to know.
    var startedAt: UInt64 = 0
    /// The chain under way, its completions so far, and how many are missing.
    var chain: [Operation] = []
    var chainCompletions: [Completion] = []
    /// Entries in the ring that have not completed.
    var outstanding = 0
    private var vectors: [UnsafeMutableBufferPointer<iovec>] = []

    /// Memory for an entry's I/O vectors; the slot keeps it until the step has completed.
    func makeVectors(count: Int) -> UnsafeMutableBufferPointer<iovec>? {
      guard count > 0 else { return nil }
      let memory = UnsafeMutableBufferPointer<iovec>.allocate(capacity: count)
      vectors.append(memory)
      return memory
    }

    /// Lets go of what the last step needed.
    func endStep() {
      precondition(outstanding == 0, "nothing is let go while the kernel has it")
      operation = nil
      attempts = 0
      if !chain.isEmpty {
        chain = []
        chainCompletions = []
      }
      if !vectors.isEmpty {
        for memory in vectors { memory.deallocate() }
        vectors = []
      }
    }
  }
#endif
