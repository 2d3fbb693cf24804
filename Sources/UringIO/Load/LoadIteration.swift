import Dispatch
import SystemPackage

/// What a load is made of.
struct LoadRequest: Sendable {
  var feed: LoadFeed
  var options: LoadOptions
  var transform: AnyTransform?
  var selection: EngineSelection
  var intercept: Interceptor?
  var descriptorBudget: DescriptorBudget
}

/// One pass over loaded files: starts the engine when the first file is asked for, takes what was handed on,
/// and gives back what nobody holds any more. Dropped, it ends the load.
final class LoadIteration {
  private enum State {
    case notStarted
    case running(LoadSource)
    case over
  }

  private let request: LoadRequest
  private let reporting: LoadReporting
  private let cancellation = Cancellation()
  private var state = State.notStarted
  private var report = LoadReport()
  private var startedAt: UInt64 = 0
  /// Files that were handed on, the next one last.
  private var batch: [LoadedFile] = []
  private var current: LoadedFile?
  /// Files that nobody holds any more, by room, and what is not in flight any more.
  private var returned: [[LoadedFile]] = []
  private var returnedCount = 0
  private var returnedByteCount = 0

  init(_ request: LoadRequest, reporting: LoadReporting) {
    self.request = request
    self.reporting = reporting
  }

  deinit { cancellation.cancel() }

  /// The next file; `nil` at the end.
  nonisolated(nonsending) func next() async throws(FileIOError) -> LoadedFile? {
    giveBackCurrent()
    // What is there already is handed over without anybody waiting.
    if let file = batch.popLast() { return try deliver(file) }
    return try await nextOfNewBatch()
  }

  private nonisolated(nonsending) func nextOfNewBatch() async throws(FileIOError) -> LoadedFile? {
    if case .notStarted = state { try start() }
    while case .running(let source) = state {
      let taken = source.take(returning: &returned, count: returnedCount, byteCount: returnedByteCount)
      returnedCount = 0
      returnedByteCount = 0
      if cancellation.isCancelled { return try await end(source) }
      switch taken {
      case .files(let files):
        if Task.isCancelled {
          cancellation.cancel()
          return try await end(source)
        }
        batch = files.reversed()
        return try deliver(batch.removeLast())
      case .nothing:
        await source.waitForFiles()
      case .ended:
        finish(source)
      }
    }
    return nil
  }

  private func deliver(_ file: LoadedFile) throws(FileIOError) -> LoadedFile {
    if request.options.stopsAtFirstError, let error = file.error {
      cancellation.cancel()
      batch = []
      if case .running(let source) = state { finish(source) }
      throw error
    }
    current = file
    return file
  }

  /// After a cancellation, waits until the engine has nothing of this any more.
  private nonisolated(nonsending) func end(_ source: LoadSource) async throws(FileIOError) -> LoadedFile? {
    batch = []
    await source.waitForEnd()
    finish(source)
    throw FileIOError(
      .canceled, during: .load, note: request.selection.isShutDown ? "the engine was shut down" : nil)
  }

  private func giveBackCurrent() {
    guard var file = current.take() else { return }
    returnedCount += 1
    returnedByteCount += file.claimedByteCount
    guard isKnownUniquelyReferenced(&file), file.region != nil, isKnownUniquelyReferenced(&file.region) else {
      return
    }
    returned[file.room].append(file)
  }

  // MARK: Start and end

  private func start() throws(FileIOError) {
    state = .over
    startedAt = MonotonicTime.nanoseconds()
    try request.options.validate()
    let selection = request.selection
    let call = try selection.beginCall(cancelledAtShutdown: cancellation)
    do throws(FileIOError) {
      try start {
        selection.endCall(call)
      }
    } catch {
      selection.endCall(call)
      throw error
    }
  }

  /// - Parameter then: called once, when the run that was started has ended.
  private func start(then: @escaping @Sendable () -> Void) throws(FileIOError) {
    let (engine, reason) = try request.selection.forLargeFiles()
    report.engine = engine.kind
    report.engineReason = reason
    let (rooms, descriptors) = request.descriptorBudget.share { limit in
      let rooms = LoadRooms.make(for: engine, request.options, descriptorCountMax: limit)
      return (
        rooms, FileRooms.descriptorCount(of: rooms, descriptorsOfJob: LoadRooms.descriptorsOfJob)
      )
    }
    let warmRoomCount = request.options.workers ?? EngineSelection.coreCount
    let settings = LoadSource.Settings(
      isInOrder: request.options.order == .inOrder, maxBytesInFlight: request.options.maxBytesInFlight,
      stopsAtFirstError: request.options.stopsAtFirstError, isRing: engine.kind == .uring,
      sharesLargeFiles: rooms.reduce(0) { $0 + $1.depth } > 1,
      usesOwnDescriptors: min(rooms.count, warmRoomCount) > 1 && request.transform == nil,
      batch: request.options.batch ?? BatchPace.fileCountMax,
      warmRoomCount: warmRoomCount)
    let source = LoadSource(
      request.feed, settings: settings, roomCount: rooms.count, transform: request.transform,
      cancellation: cancellation)
    returned = [[LoadedFile]](repeating: [], count: rooms.count)
    let run = try EngineRun(
      source: source, rooms: rooms, cancellation: cancellation, intercept: request.intercept,
      onEnd: {
        descriptors.giveBack()
        source.ended($0)
        then()
      })
    state = .running(source)
    guard engine.kind == .sequential else { return engine.start(run) }
    // It works on the thread that starts it, which must not be a task's.
    DispatchQueue(label: "UringIO.load").async { engine.start(run) }
  }

  private func finish(_ source: LoadSource) {
    state = .over
    report.seconds = Double(MonotonicTime.nanoseconds() - startedAt) / 1e9
    // Where the load was given up, its rooms may still be at work: then their counts are not looked at.
    if let tally = source.tally {
      report.operations = tally
      for room in source.rooms {
        report.fileCount += room.fileCount
        report.byteCount += room.byteCount
        report.errorCount += room.errorCount
      }
    }
    reporting.report = report
  }
}

/// The rooms of a load.
enum LoadRooms {
  /// A job has one file open, and may have left another one that waits for memory.
  static let descriptorsOfJob = 2

  /// - Parameter descriptorCountMax: how many files this process may have open.
  static func make(
    for engine: any Engine, _ options: LoadOptions, descriptorCountMax: Int
  ) -> [Room] {
    var rooms = FileRooms.make(
      for: engine, depth: options.depth, workers: options.workers, bufferByteCount: 0, placement: .loading)
    FileRooms.fit(&rooms, descriptorsOfJob: descriptorsOfJob, descriptorCountMax: descriptorCountMax)
    return rooms
  }
}
