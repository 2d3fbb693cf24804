import Synchronization
import SystemPackage

/// Deals files to be loaded, keeps the bytes in flight within their bound, and hands on what was loaded.
///
/// Three parties meet here: the rooms, in batches (``LoadRoom``); whoever takes the files (``LoadIteration``);
/// and jobs that found a file too large for what is left of the bound, or so large that others help with it.
final class LoadSource: JobSource, @unchecked Sendable {
  /// Files dealt and not returned at most, so that empty files and errors have a bound too.
  static let filesInFlightMax = 8192
  /// Files of at least this size are read in chunks by several jobs.
  static let largeByteCount = 4 << 20
  static let chunkByteCount = 1 << 20

  struct Settings: Sendable {
    var isInOrder = false
    var maxBytesInFlight = 64 << 20
    var stopsAtFirstError = false
    /// Whether the engine is a ring, which asks for what is cached first.
    var isRing = false
    /// Whether several jobs run at a time, so that they can share a large file.
    var sharesLargeFiles = true
    /// Whether a small cached file is one operation.
    var loadsSmallFiles = SmallFileLoad.isOffered
    /// Whether many small cached files are one operation, by a thread with descriptors of its own: there is nothing to
    /// be gained where one thread works.
    var usesOwnDescriptors = false
    /// Names a room takes at once, at most.
    var batch = BatchPace.fileCountMax
    /// Rooms that work while what is loaded is in the page cache.
    var warmRoomCount = Int.max
  }

  let settings: Settings
  let feed: LoadFeed
  let transform: AnyTransform?
  let cancellation: Cancellation
  let temperature: CacheTemperature
  /// One for each of the run's rooms.
  private(set) var rooms: [LoadRoom] = []

  struct State: @unchecked Sendable {
    var delivered: [LoadedFile] = []
    /// In order: files that wait for an earlier one, by their distance from the next to be delivered.
    var window = LoadWindow()
    /// Files that came back, by the room whose memory they have.
    var returned: [[LoadedFile]]
    var isExhausted = false
    /// Files dealt to rooms that are not loaded, and those that are dealt and did not come back.
    var unfinished = 0
    var inFlight = 0
    var parked: [OpenFile] = []
    var large: [LargeFile] = []
    /// A room was told to wait.
    var isStarved = false
    /// A room has nothing to do until what is loaded is found not to be cached.
    var waitsForCold = false
    var waiter: CheckedContinuation<Void, Never>?
    /// Who waits for the end alone.
    var ending: CheckedContinuation<Void, Never>?
    var tally: OperationTally?
  }

  let state: Mutex<State>
  /// Bytes in flight.
  let claimed = Atomic<Int>(0)
  /// Whether there is something parked, or chunks of a large file: rooms then ask here before they go on.
  private let hasShared = Atomic<Bool>(false)
  private let wakeEngine = Mutex<(@Sendable () -> Void)?>(nil)

  init(
    _ feed: LoadFeed, settings: Settings, roomCount: Int, transform: AnyTransform?, cancellation: Cancellation
  ) {
    self.feed = feed
    self.settings = settings
    temperature = CacheTemperature(waitsOnRing: settings.isRing)
    self.transform = transform
    self.cancellation = cancellation
    state = Mutex(State(returned: [[LoadedFile]](repeating: [], count: roomCount)))
    rooms = (0..<roomCount).map { LoadRoom(index: $0, of: roomCount, settings: settings) }
  }

  var isCancelled: Bool { cancellation.isCancelled }

  // MARK: As a source

  func attach(_ wake: @escaping @Sendable () -> Void) { wakeEngine.withLock { $0 = wake } }

  private func wake() { wakeEngine.withLock { $0 }?() }

  func next(for lane: Lane) -> Pull { next(for: lane, in: 0, busyCount: 0) }

  func next(for lane: Lane, in room: Int, busyCount: Int) -> Pull {
    let room = rooms[room]
    if !temperature.isCold, !isCancelled {
      if busyCount > 0 {
        room.isToldFull = true
        return .full
      }
      if room.index >= settings.warmRoomCount, room.nextIndex == nil {
        room.handOn(self)
        return waitForCold()
      }
    }
    room.isToldFull = false
    if let work = room.takeWork(self) {
      room.jobCount += 1
      return .job(LoadJob(work, in: room, of: self))
    }
    return state.withLock { isAtEnd($0) } || isCancelled ? .end : .wait
  }

  private func waitForCold() -> Pull {
    state.withLock { state in
      if isAtEnd(state) { return .end }
      state.waitsForCold = true
      return .wait
    }
  }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) { finished(job, outcome, in: 0) }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>, in room: Int) {
    rooms[room].jobCount -= 1
  }

  /// A file was not cached.
  func foundUncached() {
    if temperature.foundUncached() { wake() }
  }

  var gathers: Bool { true }

  func settle(in room: Int) { rooms[room].handOn(self) }

  private func isAtEnd(_ state: State) -> Bool {
    state.isExhausted && state.unfinished == 0
  }

  // MARK: For the rooms

  /// What a room may do next.
  enum Deal {
    case work(LoadWork)
    /// Go on with the names it has.
    case ownNames
    /// Take so many new names from the feed.
    case newNames(Int)
    case nothing
  }

  /// Says what a room may do next; hands its files on where that is nothing.
  ///
  /// - Parameter wanted: new names the room would take.
  func exchange(with room: LoadRoom, wanted: Int) -> Deal {
    var outcome = HandingOn()
    let deal = state.withLock { state -> Deal in
      swap(&state.returned[room.index], &room.returned)
      let deal = self.deal(to: room, wanted: wanted, &state, &outcome)
      guard case .nothing = deal else { return deal }
      // What is handed on may be what others wait for.
      handOn(room, &state, &outcome)
      let dealAfterwards = self.deal(to: room, wanted: wanted, &state, &outcome)
      if case .nothing = dealAfterwards { state.isStarved = true }
      return dealAfterwards
    }
    act(on: outcome)
    return deal
  }

  func handOn(from room: LoadRoom) {
    var outcome = HandingOn()
    state.withLock { state in
      if room.returned.isEmpty { swap(&state.returned[room.index], &room.returned) }
      handOn(room, &state, &outcome)
    }
    act(on: outcome)
  }

  /// Gives a room its files that came back.
  func takeBack(for room: LoadRoom) {
    state.withLock { swap(&$0.returned[room.index], &room.returned) }
  }

  /// What is to be done once the lock is let go.
  struct HandingOn {
    var waiter: CheckedContinuation<Void, Never>?
    var wakes = false
  }

  func act(on outcome: HandingOn) {
    outcome.waiter?.resume()
    if outcome.wakes { wake() }
  }

  private func handOn(_ room: LoadRoom, _ state: inout State, _ outcome: inout HandingOn) {
    guard !room.completed.isEmpty else { return }
    state.unfinished -= room.completed.count
    if settings.isInOrder {
      for file in room.completed { state.window.insert(file) }
      state.window.takeReady(into: &state.delivered)
      // It may be a parked file's turn.
      if !state.parked.isEmpty { starvedAreWoken(&state, &outcome) }
    } else if state.delivered.isEmpty {
      swap(&state.delivered, &room.completed)
    } else {
      state.delivered.append(contentsOf: room.completed)
    }
    room.completed.removeAll(keepingCapacity: true)
    if isAtEnd(state) { allAreWoken(&state, &outcome) }
    if !state.delivered.isEmpty {
      outcome.waiter = state.waiter
      state.waiter = nil
    }
  }

  func starvedAreWoken(_ state: inout State, _ outcome: inout HandingOn) {
    outcome.wakes = outcome.wakes || state.isStarved
    state.isStarved = false
  }

  /// It is the end.
  private func allAreWoken(_ state: inout State, _ outcome: inout HandingOn) {
    starvedAreWoken(&state, &outcome)
    outcome.wakes = outcome.wakes || state.waitsForCold
  }

  private func deal(
    to room: LoadRoom, wanted: Int, _ state: inout State, _ outcome: inout HandingOn
  ) -> Deal {
    if isCancelled { return .nothing }
    if let file = state.large.first(where: \.hasChunk) { return .work(.chunk(file, file.takeChunk())) }
    if let parked = state.parked.first {
      if mayGo(parked, state) {
        state.parked.removeFirst()
        claimed.wrappingAdd(parked.claimedByteCount, ordering: .relaxed)
        noteShared(state)
        // The next one may go too, or rooms may go on with the names they have.
        starvedAreWoken(&state, &outcome)
        return .work(.parked(parked))
      }
      // Nothing new is opened while files wait for room, so that no more are open than twice the jobs. In
      // order, a file whose turn is earlier may be among those the room has.
      guard settings.isInOrder, let next = room.nextIndex, next < parked.name.index else { return .nothing }
      return .ownNames
    }
    if room.nextIndex != nil { return .ownNames }
    let count = min(wanted, Self.filesInFlightMax - state.inFlight)
    guard !state.isExhausted, count > 0 else { return .nothing }
    state.unfinished += count
    state.inFlight += count
    return .newNames(count)
  }

  /// The feed had `count` names less than were dealt, and has no more.
  func feedEnded(missing count: Int) {
    var outcome = HandingOn()
    state.withLock { state in
      state.unfinished -= count
      state.inFlight -= count
      state.isExhausted = true
      if isAtEnd(state) { allAreWoken(&state, &outcome) }
    }
    act(on: outcome)
  }

  /// Deals no new files: one could not be loaded, and that is to be the end.
  func stopDealing() { state.withLock { $0.isExhausted = true } }

  /// Whether a room must ask before it goes on with the names it has.
  var mustAsk: Bool { hasShared.load(ordering: .relaxed) }

  func noteShared(_ state: State) {
    hasShared.store(!state.parked.isEmpty || !state.large.isEmpty, ordering: .relaxed)
  }
}
