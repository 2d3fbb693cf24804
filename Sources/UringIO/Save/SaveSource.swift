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

  /// A directory whose names have changed.
  enum ChangedDirectory: Hashable {
    case path(PathBytes)
    case opened(SaveDirectory)

    static func == (one: Self, other: Self) -> Bool {
      switch (one, other) {
      case (.path(let one), .path(let other)): one == other
      case (.opened(let one), .opened(let other)): one === other
      default: false
      }
    }

    func hash(into hasher: inout Hasher) {
      switch self {
      case .path(let path): hasher.combine(path)
      case .opened(let directory): hasher.combine(ObjectIdentifier(directory))
      }
    }
  }

  /// This many directories wait to be synced at most; then those that wait are.
  private static let changedDirectoriesMax = 1024

  private struct State {
    var count = 0
    /// A file whose path is being written to by an earlier entry.
    var held: (file: FileToSave, key: [UInt8])?
    var inputEnded = false
    var keysInFlight: Set<[UInt8]> = []
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

  package func next(for lane: Lane) -> Pull {
    // Jobs are made outside of the lock, which all workers want.
    switch state.withLock({ decide(&$0) }) {
    case .file(let file, let key, let index):
      .job(
        SaveJob(
          file, index: index, key: key, options: options, pool: pool, cancellation: cancellation,
          progress: progress))
    case .directory(let directory): .job(SyncDirectoryJob(directory))
    case .wait: .wait
    case .end: .end
    }
  }

  private enum Decision {
    case file(FileToSave, key: [UInt8], index: Int)
    case directory(ChangedDirectory)
    case wait, end
  }

  private func decide(_ state: inout State) -> Decision {
    if state.changed.count >= Self.changedDirectoriesMax, let directory = state.changed.popFirst() {
      return .directory(directory)
    }
    // Said before looking: who brings a file after that look finds somebody to be woken.
    let wasAsleep = isAsleep.exchange(true, ordering: .sequentiallyConsistent)
    switch nextFile(&state) {
    case .file(let file, let key):
      isAsleep.store(wasAsleep, ordering: .sequentiallyConsistent)
      defer { state.count += 1 }
      state.keysInFlight.insert(key)
      return .file(file, key: key, index: state.count)
    case .wait:
      return .wait
    case .end where options.isDurable && !state.keysInFlight.isEmpty:
      // The directories of what is in flight are still to be synced.
      return .wait
    case .end:
      isAsleep.store(wasAsleep, ordering: .sequentiallyConsistent)
      return state.changed.popFirst().map { .directory($0) } ?? .end
    }
  }

  private enum Next {
    case file(FileToSave, key: [UInt8])
    case wait, end
  }

  private func nextFile(_ state: inout State) -> Next {
    if options.stopsAtFirstError, !state.report.failures.isEmpty { return .end }
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
    let wake = state.withLock { state in
      if let job = job as? SaveJob {
        state.keysInFlight.remove(job.key)
        note(job, outcome, &state)
      } else if let job = job as? SyncDirectoryJob, case .failure(let error) = outcome {
        state.report.failures.append(.init(index: nil, path: job.path, error: error))
      }
      // Only these wait for a file to be finished; the others wait for the next one to be brought.
      let isAwaited = state.held != nil || nothingFollows(state)
      return isAwaited ? wakeUp(&state) : nil
    }
    wake?()
  }

  private func nothingFollows(_ state: State) -> Bool {
    state.inputEnded || options.stopsAtFirstError && !state.report.failures.isEmpty
  }

  private func note(_ job: SaveJob, _ outcome: Result<Int, FileIOError>, _ state: inout State) {
    switch outcome {
    case .success(let byteCount):
      state.report.fileCount += 1
      state.report.byteCount += Int64(byteCount)
      progress.finishedFile(succeeded: true)
      guard options.isDurable else { return }
      state.changed.insert(job.file.directory.map { .opened($0) } ?? .path(job.target.parentPath))
    case .failure(let error):
      state.report.failures.append(.init(index: job.index, path: job.file.path, error: error))
      progress.finishedFile(succeeded: false)
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
      return state.report
    }
  }
}

/// Tells whoever asked how far a save is, one call at a time, on engine threads.
final class SaveProgressCounter: Sendable {
  private let state = Mutex(SaveProgress())
  private let report: (@Sendable (SaveProgress) -> Void)?

  init(_ report: (@Sendable (SaveProgress) -> Void)? = nil) { self.report = report }

  func wrote(_ byteCount: Int) { update { $0.byteCount += Int64(byteCount) } }

  func finishedFile(succeeded: Bool) {
    update { if succeeded { $0.fileCount += 1 } else { $0.failureCount += 1 } }
  }

  private func update(_ change: (inout SaveProgress) -> Void) {
    guard let report else { return }
    state.withLock { progress in
      change(&progress)
      report(progress)
    }
  }
}
