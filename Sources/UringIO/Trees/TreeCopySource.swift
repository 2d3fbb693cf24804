import Synchronization
import SystemPackage

/// Walks a tree and deals its entries out to the engine's rooms.
///
/// Directories are walked depth first, and a room opens another one only when no listed directory is free: so
/// few are listed at a time, however wide or deep the tree is. A room keeps to a directory while it has files,
/// for whoever creates files in the same directory waits for its lock; rooms share one only when there is
/// nothing else to do.
final class TreeCopySource: JobSource {
  struct State {
    /// Directories that are not done, in the order in which they were listed.
    var live: [TreeNode] = []
    /// Of these, those with files, and those with directories, left to be dealt out.
    var withFiles: [TreeNode] = []
    var withDirectories: [TreeNode] = []
    /// Done, but for their permissions.
    var finishing: [TreeNode] = []
    /// The directory each room has for itself, and its files in flight.
    var rooms: [(current: TreeNode?, fileCount: Int)] = []
    var openCount = 0
    var inFlight = 0
    /// Large files that were handed over and have not been heard of yet.
    var largeInFlight = 0
    var hasStarted = false
    /// A room waits for something to do, or until the source is found not to be cached.
    var isWaiting = false
    var waitsForCold = false
    var report = TreeReport()
  }

  let state: Mutex<State>
  let route: TreeRoute
  let limits: TreeLimits
  let large: TreeLargeCopies
  let observe: (@Sendable (TreeEvent) -> Void)?
  let wake = Mutex<(@Sendable () -> Void)?>(nil)

  init(
    route: TreeRoute, limits: TreeLimits, roomCount: Int, large: TreeLargeCopies,
    observe: (@Sendable (TreeEvent) -> Void)?
  ) {
    self.route = route
    self.limits = limits
    self.large = large
    self.observe = observe
    state = Mutex(State())
    state.withLock { $0.rooms = [(TreeNode?, Int)](repeating: (nil, 0), count: roomCount) }
  }

  deinit {
    close()
  }

  /// Closes what an early end has left open. Nothing may be in flight.
  func close() {
    state.withLock { state in
      for node in state.live {
        node.open?.close()
        node.open = nil
      }
      state.live = []
      state.withFiles = []
      state.withDirectories = []
      state.finishing = []
      for room in state.rooms.indices { state.rooms[room].current = nil }
    }
  }

  var report: TreeReport { state.withLock { $0.report } }

  // MARK: As a source

  func attach(_ wake: @escaping @Sendable () -> Void) {
    self.wake.withLock { $0 = wake }
    large.onRoom = wake
  }

  func next(for lane: Lane) -> Pull { next(for: lane, in: 0, busyCount: 0) }

  func next(for lane: Lane, in room: Int, busyCount: Int) -> Pull {
    state.withLock { state in
      let pull = nextJob(&state, room, isBusy: busyCount > 0)
      if case .job = pull { state.inFlight += 1 }
      return pull
    }
  }

  private func nextJob(_ state: inout State, _ room: Int, isBusy: Bool) -> Pull {
    guard state.hasStarted else {
      state.hasStarted = true
      return .job(TreeDirectoryJob(root: route))
    }
    // As far as there are descriptors: batches of a cached tree may still be in flight where it turned cold.
    if state.rooms[room].fileCount >= limits.filesInFlightMax { return .full }
    if !route.temperature.isCold {
      // Cached files keep a core busy, not a device: one at a time for each room, and not more rooms than gain.
      // Those that wait for a ring leave the core to others.
      if isBusy { return .full }
      if room >= limits.warmRoomCount {
        state.waitsForCold = true
        return isOver(state) ? .end : .wait
      }
    }
    if large.isFull {
      state.isWaiting = true
      return .wait
    }
    if let node = state.finishing.popLast() { return .job(TreeFinishJob(node, route: route)) }
    if let node = nodeWithFiles(&state, room) { return .job(filesJob(&state, node, room)) }
    if let job = directoryJob(&state) { return .job(job) }
    if let node = state.withFiles.max(by: { $0.filesLeft < $1.filesLeft }) {
      return .job(filesJob(&state, node, room))
    }
    state.isWaiting = true
    return isOver(state) ? .end : .wait
  }

  func isOver(_ state: State) -> Bool {
    state.inFlight == 0 && state.withFiles.isEmpty && state.withDirectories.isEmpty && state.finishing.isEmpty
      && state.largeInFlight == 0
  }

  // MARK: Dealing out

  /// The room's own directory, or one that is free.
  private func nodeWithFiles(_ state: inout State, _ room: Int) -> TreeNode? {
    if let current = state.rooms[room].current {
      if current.hasFiles { return current }
      current.isTaken = false
      state.rooms[room].current = nil
    }
    guard let free = state.withFiles.last(where: { !$0.isTaken }) else { return nil }
    free.isTaken = true
    state.rooms[room].current = free
    return free
  }

  private func filesJob(_ state: inout State, _ node: TreeNode, _ room: Int) -> TreeFilesJob {
    let count = batchCount(state, node, room)
    state.rooms[room].fileCount += count
    let offsets = node.listing.files[node.nextFile..<node.nextFile + count]
    node.nextFile += count
    node.uses += 1
    if !node.hasFiles { state.withFiles.removeAll { $0 === node } }
    return TreeFilesJob(node: node, offsets: offsets, route: route)
  }

  /// How many files a room takes at once: fewer towards the end of the last directory, so that no room has many
  /// left when the others have none; fewer while others of the room wait, for each waits with its whole batch; and one
  /// where all rooms have many jobs in flight.
  private func batchCount(_ state: State, _ node: TreeNode, _ room: Int) -> Int {
    guard !route.temperature.isCold else { return 1 }
    let waiting = state.rooms[room].fileCount
    let most =
      waiting == 0 ? limits.batchCount : min(limits.batchCount, (limits.filesInFlightMax - waiting) / 4)
    let share = state.withDirectories.isEmpty ? node.filesLeft / (2 * limits.warmRoomCount) : node.filesLeft
    return max(1, min(most, share))
  }

  /// Begins the deepest directory that is left, if there are descriptors for it.
  private func directoryJob(_ state: inout State) -> TreeDirectoryJob? {
    guard let node = state.withDirectories.last(where: { $0.open != nil }) else { return nil }
    node.uses += 1
    if state.openCount >= limits.openDirectoriesMax, !rest(&state), state.inFlight > 0 {
      // Those that are under way give theirs back.
      node.uses -= 1
      return nil
    }
    let name = node.listing.name(at: node.listing.directories[node.nextDirectory])
    node.nextDirectory += 1
    if !node.hasDirectories { state.withDirectories.removeAll { $0 === node } }
    node.liveChildren += 1
    state.openCount += 1
    return TreeDirectoryJob(parent: node, name: name, around: node.open!, route: route)
  }

  /// Closes the descriptors of the directory that will not need them for the longest time.
  private func rest(_ state: inout State) -> Bool {
    guard let node = state.live.first(where: \.canRest) else { return false }
    node.open?.close()
    node.open = nil
    state.openCount -= 1
    return true
  }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) { finished(job, outcome, in: 0) }
}

extension TreeNode {
  fileprivate var filesLeft: Int { listing.files.count - nextFile }
}
