import Synchronization
import SystemPackage

/// Walks a tree and deals its entries out to the engine's rooms.
///
/// Directories are walked depth first, and a room opens another one only when no listed directory is free: so
/// few are listed at a time, however wide or deep the tree is. A room keeps to a directory while it has files,
/// for whoever creates files in the same directory waits for its lock; rooms share one only when there is
/// nothing else to do.
final class TreeCopySource: JobSource {
  private struct State {
    /// Directories that are not done, in the order in which they were listed.
    var live: [TreeNode] = []
    /// Of these, those with files, and those with directories, left to be dealt out.
    var withFiles: [TreeNode] = []
    var withDirectories: [TreeNode] = []
    /// Done, but for their permissions.
    var finishing: [TreeNode] = []
    /// The directory each room has for itself, and its jobs in flight.
    var rooms: [(current: TreeNode?, inFlight: Int)] = []
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

  private let state: Mutex<State>
  private let route: TreeRoute
  private let limits: TreeLimits
  private let large: TreeLargeCopies
  private let observe: (@Sendable (TreeEvent) -> Void)?
  private let wake = Mutex<(@Sendable () -> Void)?>(nil)

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

  func next(for lane: Lane) -> Pull { next(for: lane, in: 0) }

  func next(for lane: Lane, in room: Int) -> Pull {
    state.withLock { state in
      let pull = nextJob(&state, room)
      if case .job = pull {
        state.inFlight += 1
        state.rooms[room].inFlight += 1
      }
      return pull
    }
  }

  private func nextJob(_ state: inout State, _ room: Int) -> Pull {
    guard state.hasStarted else {
      state.hasStarted = true
      return .job(TreeDirectoryJob(root: route))
    }
    if !route.isCold {
      // Cached files keep a core busy, not a device: one at a time for each room, and not more rooms than gain.
      if state.rooms[room].inFlight > 0 { return .full }
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
    if let node = nodeWithFiles(&state, room) { return .job(filesJob(&state, node)) }
    if let job = directoryJob(&state) { return .job(job) }
    if let node = state.withFiles.max(by: { $0.filesLeft < $1.filesLeft }) {
      return .job(filesJob(&state, node))
    }
    state.isWaiting = true
    return isOver(state) ? .end : .wait
  }

  private func isOver(_ state: State) -> Bool {
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

  private func filesJob(_ state: inout State, _ node: TreeNode) -> TreeFilesJob {
    let count = batchCount(state, node)
    let offsets = node.listing.files[node.nextFile..<node.nextFile + count]
    node.nextFile += count
    node.uses += 1
    if !node.hasFiles { state.withFiles.removeAll { $0 === node } }
    return TreeFilesJob(node: node, offsets: offsets, route: route)
  }

  /// How many files a room takes at once: fewer towards the end of the last directory, so that no room has many
  /// left when the others have none, and one where all rooms have many jobs in flight.
  private func batchCount(_ state: State, _ node: TreeNode) -> Int {
    guard !route.isCold else { return 1 }
    guard state.withDirectories.isEmpty else { return min(limits.batchCount, node.filesLeft) }
    return max(1, min(limits.batchCount, node.filesLeft / (2 * limits.warmRoomCount)))
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

  // MARK: Finished jobs

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) { finished(job, outcome, in: 0) }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>, in room: Int) {
    switch job {
    case let job as TreeFilesJob: finished(files: job, room)
    case let job as TreeDirectoryJob: finished(directory: job, outcome, room)
    case let job as TreeFinishJob: finished(finish: job, outcome, room)
    default: preconditionFailure("every job is one of this source's")
    }
  }

  private func finished(files job: TreeFilesJob, _ room: Int) {
    var byteCount = 0
    var largeFiles: [TreeLargeFile] = []
    var turnedCold = false
    for (entry, outcome) in job.results {
      byteCount += entry.byteCount
      turnedCold = turnedCold || entry.turnedCold
      switch outcome {
      case .failure(let error): observe?(.failed(error))
      case .success:
        tell(entry)
        if case .large(let file) = entry.kind { largeFiles.append(file) }
      }
    }
    route.progress.add(files: job.results.count - largeFiles.count, bytes: byteCount)
    end(room, wakes: turnedCold) { state in
      for (entry, outcome) in job.results { note(entry, outcome, &state) }
      // The directory stays in use until the copies of its large files are over.
      job.node.uses += largeFiles.count - 1
      state.largeInFlight += largeFiles.count
      endIfDone(job.node, &state)
    }
    for file in largeFiles {
      large.add(file, directories: job.node.open!) { [self] result in largeCopied(file, result) }
    }
  }

  private func note(_ entry: TreeFileJob, _ outcome: Result<Int, FileIOError>, _ state: inout State) {
    switch outcome {
    case .failure(let error): state.report.add(error)
    case .success:
      state.report.byteCount += Int64(entry.byteCount)
      state.report.count(entry.kind)
      guard case .directory = entry.kind else { return }
      entry.node.listing.addDirectory(at: entry.nameOffset)
      if !state.withDirectories.contains(where: { $0 === entry.node }) {
        state.withDirectories.append(entry.node)
      }
    }
  }

  private func largeCopied(_ file: TreeLargeFile, _ result: Result<CopyReport, FileIOError>) {
    switch result {
    case .success(let report):
      tellCopied(file.name, in: file.node)
      route.progress.add(files: 1, bytes: Int(report.byteCount))
    case .failure(let error):
      observe?(.failed(error))
      route.progress.add(files: 1, bytes: 0)
    }
    end(nil, wakes: true) { state in
      state.largeInFlight -= 1
      file.node.uses -= 1
      switch result {
      case .success(let report):
        state.report.fileCount += 1
        state.report.largeFileCount += 1
        state.report.byteCount += report.byteCount
        state.report.operations.add(report.operations)
      case .failure(let error): state.report.add(error)
      }
      endIfDone(file.node, &state)
    }
  }

  private func finished(directory job: TreeDirectoryJob, _ outcome: Result<Int, FileIOError>, _ room: Int) {
    // A root that cannot be copied at all is thrown, not told.
    if case .failure(let error) = outcome, job.parent != nil || job.node != nil { observe?(.failed(error)) }
    if let node = job.node, job.isCreated, let observe, route.tellsCopied {
      observe(.copied(from: node.path(below: route.sourceRoot), to: node.path(below: route.destinationRoot)))
    }
    if job.parent == nil, let node = job.node { begin(node) }
    end(room, wakes: true) { state in
      job.parent?.uses -= 1
      if case .failure(let error) = outcome { state.report.add(error) }
      guard let node = job.node else {
        guard let parent = job.parent else { return }
        state.openCount -= 1
        parent.liveChildren -= 1
        endIfDone(parent, &state)
        return
      }
      if job.parent == nil { state.openCount += 1 }
      state.report.directoryCount += 1
      state.live.append(node)
      if node.hasFiles { state.withFiles.append(node) }
      if node.hasDirectories { state.withDirectories.append(node) }
      endIfDone(node, &state)
    }
  }

  /// Notes what is to be known of the destination before anything is copied into it.
  private func begin(_ root: TreeNode) {
    route.destinationIdentity = root.destinationIdentity
    let fileSystem = FileSystemKind.of(root.open!.destination)
    route.triesCloning =
      route.options.cloning == .always || route.options.cloning == .auto && fileSystem.usuallyClones
  }

  private func finished(finish job: TreeFinishJob, _ outcome: Result<Int, FileIOError>, _ room: Int) {
    if case .failure(let error) = outcome { observe?(.failed(error)) }
    end(room) { state in
      job.node.uses -= 1
      if case .failure(let error) = outcome { state.report.add(error) }
      job.node.finalPermissions = nil
      endIfDone(job.node, &state)
    }
  }

  private func tell(_ job: TreeFileJob) {
    switch job.kind {
    // A large file is told of when it is copied; here it is only open.
    case .kept, .directory, .large: return
    case .file, .link, .special: tellCopied(job.node.listing.name(at: job.nameOffset), in: job.node)
    }
  }

  private func tellCopied(_ name: FileName, in node: TreeNode) {
    guard let observe, route.tellsCopied else { return }
    observe(
      .copied(
        from: node.path(below: route.sourceRoot).appending(name.bytes),
        to: node.path(below: route.destinationRoot).appending(name.bytes)))
  }

  /// Changes the state after a job, and wakes rooms that wait where there may be something for them now.
  ///
  /// - Parameter room: the job's; `nil` for a large file, which has none.
  private func end(_ room: Int?, wakes: Bool = false, _ change: (inout State) -> Void) {
    let isWakeUp = state.withLock { state in
      if let room {
        state.inFlight -= 1
        state.rooms[room].inFlight -= 1
      }
      change(&state)
      let isOver = isOver(state)
      let hasWork = wakes || !state.finishing.isEmpty || !state.withDirectories.isEmpty
      guard state.isWaiting && (hasWork || isOver) || state.waitsForCold && (route.isCold || isOver) else {
        return false
      }
      state.isWaiting = false
      state.waitsForCold = false
      return true
    }
    if isWakeUp { wake.withLock { $0 }?() }
  }

  /// Ends a directory in which nothing is left, and those around it in which it was the last.
  private func endIfDone(_ node: TreeNode, _ state: inout State) {
    var next: TreeNode? = node
    while let node = next, node.isDone {
      if node.finalPermissions != nil, node.open != nil {
        node.uses += 1
        state.finishing.append(node)
        return
      }
      next = node.parent
      if let parent = node.parent {
        parent.liveChildren -= 1
        // Even where it needs none itself: a directory around it may, and is reached only through it.
        if parent.open == nil { wakeUp(parent, from: node, &state) }
      }
      if node.open != nil { state.openCount -= 1 }
      node.open?.close()
      node.open = nil
      if let position = state.live.lastIndex(where: { $0 === node }) { state.live.remove(at: position) }
    }
  }

  private func wakeUp(_ parent: TreeNode, from child: TreeNode, _ state: inout State) {
    let errno: Errno?
    if let pair = child.open { errno = parent.reopen(from: pair) } else { errno = .staleNFSFileHandle }
    guard let errno else {
      state.openCount += 1
      return
    }
    guard parent.needsDescriptors else { return }
    // There is no other way back to it that is sure.
    let reason = errno == .staleNFSFileHandle ? "a directory in it was moved while it was copied; " : ""
    let error = FileIOError(
      errno, during: .openDirectory, path: parent.path(below: route.sourceRoot),
      note: reason + "the rest of it is not copied")
    state.report.add(error)
    observe?(.failed(error))
    parent.nextDirectory = parent.listing.directories.count
    parent.finalPermissions = nil
    state.withDirectories.removeAll { $0 === parent }
  }
}

extension TreeNode {
  fileprivate var filesLeft: Int { listing.files.count - nextFile }
}

extension TreeReport {
  mutating func count(_ kind: TreeFileJob.Kind) {
    switch kind {
    case .file: fileCount += 1
    case .link: linkCount += 1
    case .special: specialCount += 1
    case .kept: keptCount += 1
    case .directory, .large: break
    }
  }

  mutating func add(_ error: FileIOError) {
    failureCount += 1
    if failures.count < Self.failuresMax { failures.append(error) }
  }
}
