import Synchronization
import SystemPackage

/// Deals out the files of one save, a job for each, and keeps the books.
package final class SaveSource: JobSource, @unchecked Sendable {
  /// What a sequence of files answers. It is asked by one thread at a time, and never blocks.
  enum Pulled {
    case file(FileToSave)
    /// Nothing yet; ``SaveSource/inputChanged()`` is called when there is.
    case wait
    case end
  }

  /// This many directories wait to be synced at most; then those that wait are.
  private static let changedDirectoriesMax = 1024
  /// Files go together until they have so many bytes: memory is that of few.
  private static let batchByteCountMax = 256 << 10

  /// A job that goes from one room to another before it has begun: one thread at a time has it.
  private struct NotBegun: @unchecked Sendable {
    let job: SaveJob
  }

  private struct State {
    var count = 0
    /// A file whose path is being written to by an earlier entry.
    var held: (file: FileToSave, key: PathBytes)?
    var inputEnded = false
    var keysInFlight: Set<PathBytes> = []
    /// What a batch that took too long had not begun.
    var returned: [NotBegun] = []
    var batchesInFlight = 0
    /// By room.
    var paces: [BatchPace] = [BatchPace()]
    var changed: Set<ChangedDirectory> = []
    var report = SaveReport()
    var wake: (@Sendable () -> Void)?
  }

  private let pull: () -> Pulled
  private let options: SaveOptions
  private let cancellation: Cancellation
  private let progress: SaveProgressCounter
  private let pool = ProducedBytesPool()
  // Guards `pull` too, which is not Sendable: hence the class's @unchecked.
  private let state = Mutex(State())
  /// The engine was told to wait. Changed under the lock; read without it by who brings files.
  private let isAsleep = Atomic<Bool>(false)
  /// A file has failed, and that is to be the end.
  private let isStopped = Atomic<Bool>(false)
  /// Whether bytes are made on another thread than files are written on.
  private(set) var makesAhead = false
  private var patience = BatchPace.patience
  /// Directories that the files of a batch may keep open.
  private var directoryCountMax = 1
  private var depth = 1

  init(
    options: SaveOptions, cancellation: Cancellation, progress: SaveProgressCounter,
    pull: @escaping () -> Pulled
  ) {
    self.options = options
    self.cancellation = cancellation
    self.progress = progress
    self.pull = pull
  }

  // MARK: As a source

  package func attach(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  /// Before anything is pulled.
  ///
  /// - Parameters:
  ///   - pace: each room's at the start.
  ///   - patience: nanoseconds after which a batch ends.
  func begin(
    roomCount: Int, depth: Int = 1, makesAhead: Bool, pace: BatchPace = BatchPace(),
    patience: UInt64 = BatchPace.patience
  ) {
    self.makesAhead = makesAhead
    self.depth = depth
    directoryCountMax = max(1, SaveDirectory.openMax / (roomCount * depth))
    self.patience = patience
    state.withLock { $0.paces = [BatchPace](repeating: pace, count: roomCount) }
  }

  package func next(for lane: Lane) -> Pull { next(for: lane, in: 0, busyCount: 0) }

  package func next(for lane: Lane, in room: Int, busyCount: Int) -> Pull {
    // Jobs are made outside of the lock, which all workers want.
    switch state.withLock({ decide(&$0, room) }) {
    case .files(let files):
      let jobs = files.map { dealt in
        SaveJob(
          dealt.file, index: dealt.index, key: dealt.key, options: options, pool: pool,
          cancellation: cancellation, progress: progress)
      }
      return .job(jobs.count == 1 ? jobs[0] : SaveBatchJob(jobs, source: self))
    case .returned(let job): return .job(job)
    case .directory(let directory): return .job(SyncDirectoryJob(directory))
    case .wait: return .wait
    case .end: return .end
    }
  }

  private struct Dealt {
    let file: FileToSave
    let key: PathBytes
    let index: Int
  }

  private enum Decision {
    case files([Dealt])
    case returned(SaveJob)
    case directory(ChangedDirectory)
    case wait, end
  }

  private func decide(_ state: inout State, _ room: Int) -> Decision {
    if !state.returned.isEmpty {
      if !nothingFollowsAnError(state) { return .returned(state.returned.removeFirst().job) }
      for left in state.returned { state.keysInFlight.remove(left.job.key) }
      state.returned = []
    }
    if state.changed.count >= Self.changedDirectoriesMax, let directory = state.changed.popFirst() {
      return .directory(directory)
    }
    // Said before looking: who brings a file after that look finds somebody to be woken.
    let wasAsleep = isAsleep.exchange(true, ordering: .sequentiallyConsistent)
    switch nextFile(&state) {
    case .file(let file, let key):
      isAsleep.store(wasAsleep, ordering: .sequentiallyConsistent)
      return .files(batch(file, key, &state, room))
    case .wait:
      return .wait
    case .end where options.isDurable && !state.keysInFlight.isEmpty || state.batchesInFlight > 0:
      // The directories of what is in flight are still to be synced; a batch may bring files back.
      return .wait
    case .end:
      isAsleep.store(wasAsleep, ordering: .sequentiallyConsistent)
      return state.changed.popFirst().map { .directory($0) } ?? .end
    }
  }

  /// A file and those that go with it: as many as the room saves in a short time.
  private func batch(_ first: FileToSave, _ key: PathBytes, _ state: inout State, _ room: Int) -> [Dealt] {
    // Files that are synced wait for the disk, and they had better all do so at once.
    let maximum = options.isDurable ? 1 : options.batch ?? BatchPace.fileCountMax
    let wanted = state.paces[room].next(maximum)
    var files: [Dealt] = []
    var (file, key) = (first, key)
    var byteCount = 0
    var directoryCount = 0
    while true {
      if let directory = file.directory, directory !== files.last?.file.directory { directoryCount += 1 }
      state.keysInFlight.insert(key)
      files.append(Dealt(file: file, key: key, index: state.count))
      state.count += 1
      guard let known = file.contents.knownByteCount else { break }
      byteCount += known
      guard files.count < wanted, byteCount < Self.batchByteCountMax, directoryCount < directoryCountMax,
        case .file(let nextFile, let nextKey) = nextFile(&state)
      else { break }
      (file, key) = (nextFile, nextKey)
    }
    if files.count > 1 { state.batchesInFlight += 1 }
    return files
  }

  private enum Next {
    case file(FileToSave, key: PathBytes)
    case wait, end
  }

  private func nextFile(_ state: inout State) -> Next {
    if nothingFollowsAnError(state) { return .end }
    if let (file, key) = state.held {
      guard !state.keysInFlight.contains(key) else { return .wait }
      state.held = nil
      return .file(file, key: key)
    }
    guard !state.inputEnded else { return .end }
    switch pull() {
    case .file(let file):
      let key = SaveTarget.key(file)
      guard state.keysInFlight.contains(key) else { return .file(file, key: key) }
      // The same file once more: written at the same time the two would be mixed.
      state.held = (file, key)
      return .wait
    case .wait: return .wait
    case .end:
      state.inputEnded = true
      return .end
    }
  }

  package func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
    finished(job, outcome, in: 0)
  }

  package func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>, in room: Int) {
    if job is SaveJob { ended(outcome) }
    let notBegun = (job as? SaveBatchJob).map { $0.notBegun.map { NotBegun(job: $0) } } ?? []
    let wake = state.withLock { state in
      if let job = job as? SaveJob {
        state.paces[room].note(1, since: job.dealtAt, depth: depth)
        note(job, outcome, &state)
      } else if let batch = job as? SaveBatchJob {
        state.batchesInFlight -= 1
        state.paces[room].note(batch.outcomes.count, since: batch.dealtAt, depth: depth)
        for (job, outcome) in zip(batch.jobs, batch.outcomes) { note(job, outcome, &state) }
        giveBack(notBegun, &state)
      } else if let job = job as? SyncDirectoryJob, case .failure(let error) = outcome {
        state.report.failures.append(.init(index: nil, path: job.path, error: error))
      }
      // Only these wait for a file to be finished; the others wait for the next one to be brought.
      let isAwaited = state.held != nil || !state.returned.isEmpty || nothingFollows(state)
      return isAwaited ? wakeUp(&state) : nil
    }
    wake?()
  }

  /// A file was saved, or not; called as soon as that is known.
  func ended(_ outcome: Result<Int, FileIOError>) {
    if case .success = outcome {
      progress.finishedFile(succeeded: true)
    } else {
      if options.stopsAtFirstError { isStopped.store(true, ordering: .relaxed) }
      progress.finishedFile(succeeded: false)
    }
  }

  /// Whether a batch begins its next file, or leaves what it has to others.
  func goesOn(with batch: SaveBatchJob) -> Bool {
    !cancellation.isCancelled && !isStopped.load(ordering: .relaxed)
      && MonotonicTime.nanoseconds() - batch.dealtAt <= patience
  }

  /// Files that a batch will not come to are dealt again.
  func giveBack(_ jobs: ArraySlice<SaveJob>) {
    let files = jobs.map { NotBegun(job: $0) }
    state.withLock { state in
      giveBack(files, &state)
      return wakeUp(&state)
    }?()
  }

  private func giveBack(_ files: [NotBegun], _ state: inout State) {
    guard nothingFollowsAnError(state) || cancellation.isCancelled else {
      return state.returned.append(contentsOf: files)
    }
    // Left out, as everything is that was not begun.
    for file in files { state.keysInFlight.remove(file.job.key) }
  }

  private func nothingFollowsAnError(_ state: State) -> Bool {
    options.stopsAtFirstError && !state.report.failures.isEmpty
  }

  private func nothingFollows(_ state: State) -> Bool {
    state.inputEnded || nothingFollowsAnError(state)
  }

  private func note(_ job: SaveJob, _ outcome: Result<Int, FileIOError>, _ state: inout State) {
    state.keysInFlight.remove(job.key)
    switch outcome {
    case .success(let byteCount):
      state.report.fileCount += 1
      state.report.byteCount += Int64(byteCount)
      guard options.isDurable else { return }
      state.changed.insert(job.file.directory.map { .opened($0) } ?? .path(job.target.parentPath))
    case .failure(let error):
      state.report.failures.append(.init(index: job.index, path: job.file.path, error: error))
    }
    // A file that failed may have had its parents made.
    if options.isDurable { state.changed.formUnion(job.changedDirectories.map { .path($0) }) }
  }

  /// There may be something to pull again.
  func inputChanged() {
    guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
    state.withLock { wakeUp(&$0) }?()
  }

  /// What wakes the engine, where it was told to wait; called outside the lock.
  private func wakeUp(_ state: inout State) -> (@Sendable () -> Void)? {
    isAsleep.exchange(false, ordering: .sequentiallyConsistent) ? state.wake : nil
  }

  /// What the save came to; when the run is over. What was not begun is let go.
  func end() -> SaveReport {
    state.withLock { state in
      state.held = nil
      state.returned = []
      return state.report
    }
  }
}
