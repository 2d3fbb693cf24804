import SystemPackage

/// What a load's jobs in one room share: names to go on with, memory, and files to hand on. A room's jobs run
/// on one thread at a time, so that nothing here needs a lock.
final class LoadRoom: @unchecked Sendable {
  /// Files are handed on when there are that many, or that many bytes, or when the last time is so long ago.
  /// Each time may wake whoever waits for them, which costs some microseconds (bench/README.md, "loading");
  /// but what is to be lent should still be in the core's cache.
  private static let fileCountToHandOn = 128
  private static let byteCountToHandOn = 1 << 20
  private static let nanosecondsToHandOn: UInt64 = 500_000

  /// Files that take no more memory than this are loaded by one operation where they are cached.
  private static let smallByteCountMax = 64 << 10
  /// Of files loaded by one operation, how many may be left to be loaded step by step, one in so many, and for how many
  /// files none are loaded so where more are: each of them is opened twice.
  private static let leftMax = 4
  private static let fileCountToRest = 128
  /// How many may be unlike the file before them, one in so many, for memory to be chosen before the size is known
  /// (bench/README.md, "descriptors of one's own").
  private static let unlikeMax = 8
  /// Of fewer files, handing them over takes longer than is gained.
  private static let manyMin = 8

  let index: Int
  /// Files that came back with memory of this room's, to be swapped with the source.
  var returned: [LoadedFile] = []
  /// Loaded files that were not handed on yet.
  var completed: [LoadedFile] = []
  private var completedByteCount = 0
  private var memory = LoadMemory()
  private let freeByteCountMax: Int
  private let stopsAtFirstError: Bool
  private let nameCountMax: Int
  /// Names to go on with, the next one last.
  private var names: [NumberedName] = []
  /// Names to be loaded step by step, the next one last; all before those in `names`.
  private var left: [NumberedName] = []
  private var ownDescriptors: OwnDescriptorsLazily
  private var restingFileCount = 0
  /// Whether files that are loaded together have many sizes: then none has memory before its size is known.
  private(set) var isMixed = false
  private var unlikeCount = 0
  /// How many it took the last time, and how long they last.
  private var nameCount = 0
  private var pace = BatchPace()
  private var handedOnAt = MonotonicTime.nanoseconds()
  private var filledAt: UInt64 = 0

  private(set) var fileCount = 0
  private(set) var byteCount: Int64 = 0
  private(set) var errorCount = 0

  init(index: Int, of roomCount: Int, settings: LoadSource.Settings) {
    self.index = index
    freeByteCountMax = settings.maxBytesInFlight / roomCount
    stopsAtFirstError = settings.stopsAtFirstError
    nameCountMax = settings.batch
    ownDescriptors = OwnDescriptorsLazily(isWanted: settings.usesOwnDescriptors)
  }

  // MARK: Work

  /// Jobs in flight, and whether the engine was told that there are enough.
  var jobCount = 0
  var isToldFull = false

  /// Whether the engine, which was told that there are enough jobs, is to start more.
  func wantsPull(_ source: LoadSource) -> Bool { isToldFull && source.temperature.isCold }

  /// Whether a job that is done with its file is to end: for the engine to ask again, or because cached files want
  /// fewer. Names it would leave to nobody are loaded first.
  ///
  /// - Parameter hasWaited: whether it waited for the ring: another job has gone on meanwhile, then.
  func endsJob(_ source: LoadSource, hasWaited: Bool) -> Bool {
    if source.temperature.isCold { return isToldFull }
    return hasWaited && jobCount > 1 || nextIndex == nil && index >= source.settings.warmRoomCount
  }

  /// The place of the next name it has.
  var nextIndex: Int? { (left.last ?? names.last)?.index }

  private func takeOwnWork() -> LoadWork? {
    left.popLast().map { .left($0) } ?? names.popLast().map { .name($0) }
  }

  /// What to do next; `nil` where there is nothing, and all that was done has been handed on.
  func takeWork(_ source: LoadSource) -> LoadWork? {
    if !source.mustAsk, let work = takeOwnWork() { return work }
    if source.isCancelled { return nil }
    let now = MonotonicTime.nanoseconds()
    pace.note(nameCount, since: filledAt, until: now)
    let deal = source.exchange(with: self, wanted: pace.next(nameCountMax))
    if completed.isEmpty {
      handedOnAt = now
      completedByteCount = 0
    }
    takeBack()
    switch deal {
    case .work(let work): return work
    case .ownNames: return takeOwnWork()
    case .newNames(let count):
      names = source.feed.take(count).reversed()
      nameCount = names.count
      // Without the time it took to get them: waiting for the lock must not make the next batch smaller, or
      // the lock would be asked for more often still.
      filledAt = MonotonicTime.nanoseconds()
      if names.count < count { source.feedEnded(missing: count - names.count) }
      // The feed may have ended just here: then ask again, for there may be other things to do.
      return takeOwnWork() ?? takeWork(source)
    case .nothing: return nil
    }
  }

  private func takeBack() {
    // The one that came back last is the warmest.
    for file in returned { memory.giveBack(file) }
    returned.removeAll(keepingCapacity: true)
  }

  // MARK: Many at once

  /// Who loads the next file and those after it, if there are enough of them and they seem to be small.
  func descriptorsForMany(_ source: LoadSource) -> OwnDescriptors? {
    guard expectedByteCount > 0, !source.mustAsk, !source.temperature.hasMute else { return nil }
    guard restingFileCount == 0 else {
      restingFileCount -= 1
      return nil
    }
    return min(1 + names.count, manyMax) >= Self.manyMin ? ownDescriptors.descriptors : nil
  }

  /// How many files of the expected size are loaded by one operation at most.
  var manyMax: Int { min(SmallFileLoads.fileCountMax, Self.byteCountToHandOn / expectedByteCount) }

  func takeNameForMany() -> NumberedName? { names.popLast() }

  /// Memory for a file of which the size is known; `nil`: it is for other ways, or there is no room now.
  func makeFileOfMany(_ name: NumberedName, _ size: Int64, _ source: LoadSource) -> LoadedFile? {
    guard size > 0, size < Self.smallByteCountMax else { return nil }
    let capacity = Int(size) + 1
    let claimed = LoadMemory.sizeClass(capacity).byteCount
    if claimed != expectedByteCount { unlikeCount += 1 }
    guard source.claimAtOnce(claimed) else { return nil }
    // Where there is no memory, the file's own attempt says so.
    guard let file = try? makeFile(name, capacity: capacity, source) else {
      source.unclaim(claimed)
      return nil
    }
    file.claimedByteCount = claimed
    expect(claimed)
    return file
  }

  /// So many files that were to be loaded together were opened.
  func noteOpened(_ count: Int) {
    guard count > 0 else { return }
    isMixed = unlikeCount > count / Self.unlikeMax
    unlikeCount = 0
  }

  /// Files of so many that were to be loaded together and are not.
  func leave(_ files: [NumberedName], of count: Int) {
    left += files
    // Those of another job may lie between them.
    left.sort { $0.index > $1.index }
    if files.count > count / Self.leftMax { restingFileCount = Self.fileCountToRest }
  }

  // MARK: Files

  /// A file with room for that many bytes.
  func makeFile(
    _ name: NumberedName, capacity: Int, _ source: LoadSource
  ) throws(FileIOError) -> LoadedFile {
    if let file = reuse(capacity, source) {
      file.index = name.index
      file.name = name.name
      file.error = nil
      return file
    }
    return LoadedFile(name, room: index, region: try makeRegion(capacity))
  }

  /// A file that came back and has room for that many bytes: better than new memory, which costs as much as reading.
  private func reuse(_ capacity: Int, _ source: LoadSource) -> LoadedFile? {
    if let file = memory.reuse(capacity) { return file }
    source.takeBack(for: self)
    takeBack()
    if let file = memory.reuse(capacity) { return file }
    if memory.isAtHand(capacity) { return nil }
    // Whoever takes the files may be waiting for this core.
    handOn(source)
    SystemCall.yieldCore()
    source.takeBack(for: self)
    takeBack()
    return memory.reuse(capacity)
  }

  /// Takes back a file that nothing was loaded into.
  func giveBack(_ file: LoadedFile) { memory.giveBack(file) }

  /// Memory of the file that was loaded last, in bytes, where it was small; otherwise 0.
  private(set) var expectedByteCount = 0

  /// The next file may be like this one.
  func expect(_ byteCount: Int) { expectedByteCount = byteCount <= Self.smallByteCountMax ? byteCount : 0 }

  func makeRegion(_ byteCount: Int) throws(FileIOError) -> LoadRegion {
    if memory.freeByteCount > freeByteCountMax { memory.dropFree() }
    return try memory.make(byteCount)
  }

  /// A file is loaded, or cannot be.
  func complete(_ file: LoadedFile, _ source: LoadSource) {
    if file.error == nil {
      fileCount += 1
      ownDescriptors.note(1)
      byteCount += Int64(file.byteCount)
    } else {
      errorCount += 1
      if stopsAtFirstError { source.stopDealing() }
    }
    completed.append(file)
    completedByteCount += file.byteCount
    if completed.count >= Self.fileCountToHandOn || completedByteCount >= Self.byteCountToHandOn
      || MonotonicTime.nanoseconds() - handedOnAt >= Self.nanosecondsToHandOn
    {
      handOn(source)
    }
  }

  /// Hands on what is there.
  func handOn(_ source: LoadSource) {
    guard !completed.isEmpty else { return }
    handedOnAt = MonotonicTime.nanoseconds()
    completedByteCount = 0
    source.handOn(from: self)
    takeBack()
  }
}
