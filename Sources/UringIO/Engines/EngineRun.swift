import Synchronization
import SystemPackage

/// Jobs in flight together: on the ring engine a room is some slots of one ring, on the pool as many
/// workers.
package struct Room: Sendable, Equatable {
  package var lane: Lane
  /// Jobs in flight at most.
  package var depth: Int
  /// Each slot's memory, in bytes.
  package var bufferByteCount: Int
  package var placement: PlacementTable
  /// Off where little of each slot's memory is touched: a huge page is cleared whole.
  package var usesHugePages = true

  package init(lane: Lane, depth: Int, bufferByteCount: Int, placement: PlacementTable) {
    self.lane = lane
    self.depth = depth
    self.bufferByteCount = bufferByteCount
    self.placement = placement
  }
}

/// One source being run to its end.
package final class EngineRun: Sendable {
  let source: any JobSource
  let rooms: [Room]
  /// Each room's memory, one slice for each slot.
  let buffers: [[BufferSlice]]
  let context: OperationContext

  private struct State {
    var roomsLeft: Int
    var tally = OperationTally()
  }
  private let state: Mutex<State>
  private let wakers = Wakers()
  private let onEnd: @Sendable (OperationTally) -> Void

  /// - Parameter onEnd: called once, on an engine thread, when every room is empty for good.
  /// - Throws: `FileIOError` with `ENOMEM` where the rooms' memory is refused.
  package init(
    source: any JobSource, rooms: [Room], cancellation: Cancellation, intercept: Interceptor? = nil,
    onEnd: @escaping @Sendable (OperationTally) -> Void
  ) throws(FileIOError) {
    precondition(!rooms.isEmpty && rooms.allSatisfy { $0.depth > 0 }, "a run has room for a job")
    var buffers: [[BufferSlice]] = []
    for room in rooms {
      // A job without a buffer still gets a slice: empty slices of one page.
      let arena = try AlignedBuffer(
        byteCount: max(room.bufferByteCount, 1) * room.depth, usesHugePages: room.usesHugePages)
      buffers.append(arena.slices(byteCount: max(room.bufferByteCount, 1)))
    }
    self.source = source
    self.rooms = rooms
    self.buffers = buffers
    self.onEnd = onEnd
    context = OperationContext(cancellation: cancellation, intercept: intercept)
    state = Mutex(State(roomsLeft: rooms.count))
    // Not the run itself: the source would keep it, and a weak reference would make each of the run's
    // retains, several for each operation, slower.
    source.attach { [wakers] in wakers.wake() }
  }

  var isCancelled: Bool { context.cancellation.isCancelled }

  // MARK: Waking

  /// Grows with every wake-up: an engine that read it before a pull knows afterwards whether the answer
  /// `.wait` is still true.
  var wakeCount: Int { wakers.count }

  func addWaker(_ waker: @escaping @Sendable () -> Void) { wakers.add(waker) }

  func wake() { wakers.wake() }

  private final class Wakers: Sendable {
    private let wakers = Mutex<[@Sendable () -> Void]>([])
    private let wakeCount = Atomic<Int>(0)

    var count: Int { wakeCount.load(ordering: .acquiring) }

    func add(_ waker: @escaping @Sendable () -> Void) { wakers.withLock { $0.append(waker) } }

    /// The count first: whoever is woken finds it grown.
    func wake() {
      wakeCount.wrappingAdd(1, ordering: .acquiringAndReleasing)
      for waker in wakers.withLock({ $0 }) { waker() }
    }

    func removeAll() { wakers.withLock { $0 = [] } }
  }

  // MARK: The end

  /// A room has no job in flight and will get none.
  func roomEnded(_ tally: OperationTally) {
    let whole = state.withLock { state -> OperationTally? in
      state.roomsLeft -= 1
      state.tally.add(tally)
      precondition(state.roomsLeft >= 0, "a room ends once")
      guard state.roomsLeft == 0 else { return nil }
      return state.tally
    }
    guard let whole else { return }
    // The wakers refer to the engine's threads, which must not be kept by a run that is over.
    wakers.removeAll()
    onEnd(whole)
  }
}
