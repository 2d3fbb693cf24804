/// A room of a run that is under way: the book-keeping that the ring's thread and the pool's workers
/// share. Whoever owns it guards it.
final class OpenRoom {
  let run: EngineRun
  let index: Int
  /// Of the run's cancellation, to be removed when the room is over.
  let cancellationHandler: Int
  let settles: Bool
  let placement: PlacementTable
  var tally: OperationTally
  /// Entries of its jobs that the ring has.
  var onRing = 0
  /// When a ring's thread began with it.
  var begun: ThreadTime?
  private var freeBuffers: [BufferSlice]
  private var active = 0
  /// Of these, jobs whose step the ring has, or is to get.
  var waitingForRing = 0
  private var sawEnd = false
  /// The run's wake count when the source said `.wait`; pulling again is useless before it has grown.
  private var waitingSince: Int?
  /// The source wants no more jobs in flight here.
  private var isFull = false

  init(
    run: EngineRun, index: Int, cancellationHandler: Int, measuring: Measuring,
    lane: OperationTrace.Lane = OperationTrace.Lane()
  ) {
    tally = OperationTally(measuring: measuring, lane: lane)
    self.run = run
    self.index = index
    self.cancellationHandler = cancellationHandler
    settles = run.source.gathers
    placement = run.rooms[index].placement
    freeBuffers = run.buffers[index].reversed()
  }

  /// Jobs that keep a thread.
  var busyCount: Int { active - waitingForRing }

  /// Whether a job could be started now.
  var isPullable: Bool {
    guard !sawEnd, !isFull || busyCount == 0, !freeBuffers.isEmpty else { return false }
    guard let waitingSince else { return true }
    return run.isCancelled || run.wakeCount != waitingSince
  }

  var isOver: Bool { sawEnd && active == 0 }

  /// Asks the source, unless the run was cancelled.
  ///
  /// - Parameter busyCount: the room's, without the job that is asked for.
  func pull(busyCount: Int) -> Pull {
    run.isCancelled
      ? .end : run.source.next(for: run.rooms[index].lane, in: index, busyCount: busyCount)
  }

  /// Remembers the source's answer; `wakeCount` is the run's from before the pull.
  func note(_ pull: Pull, wakeCount: Int) {
    switch pull {
    case .job: waitingSince = nil
    case .wait: waitingSince = wakeCount
    case .full: isFull = active > 0
    case .end: sawEnd = true
    }
  }

  func takeBuffer() -> BufferSlice {
    active += 1
    return freeBuffers.removeLast()
  }

  func giveBack(_ buffer: BufferSlice) {
    active -= 1
    isFull = false
    freeBuffers.append(buffer)
  }
}
