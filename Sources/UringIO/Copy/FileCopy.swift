import SystemPackage

/// One file from end to end: opens, picks the way, runs it, and either completes the destination or leaves
/// nothing that looks complete and is not.
///
/// Blocks its thread; the engine's threads do the transfers.
struct FileCopy {
  let options: CopyOptions
  let cancellation: Cancellation
  let progress: CopyProgressCounter
  let engines: any EngineProvider
  let intercept: Interceptor?
  /// What the bytes pass through, where they do.
  var transform: SentTransform?
  /// Called when the destination has all its bytes, before it is closed.
  var completed: (() -> Void)?
  private(set) var report = CopyReport()

  init(
    options: CopyOptions, cancellation: Cancellation, progress: CopyProgressCounter,
    engines: any EngineProvider, intercept: Interceptor?
  ) {
    self.options = options
    self.cancellation = cancellation
    self.progress = progress
    self.engines = engines
    self.intercept = intercept
  }

  mutating func run(from sourcePath: PathBytes, to destinationPath: PathBytes) throws(FileIOError) {
    let start = ContinuousClock.now
    let source = try OpeningFiles.openSource(sourcePath)
    do throws(FileIOError) {
      let opened = try OpeningFiles.openDestination(
        destinationPath, for: source, existing: options.existing, cancellation: cancellation)
      if let destination = opened {
        try fill(destination, from: source)
      } else {
        report.strategy = .kept
        report.reason = "the destination exists"
      }
    } catch {
      _ = source.close()
      throw error
    }
    _ = source.close()
    report.seconds = (ContinuousClock.now - start) / .seconds(1)
  }

  /// Fills a destination that somebody has opened, and closes both files.
  mutating func run(from source: OpenedFile, to destination: OpenedFile) throws(FileIOError) {
    let start = ContinuousClock.now
    do throws(FileIOError) {
      try fill(destination, from: source)
    } catch {
      _ = source.close()
      throw error
    }
    _ = source.close()
    report.seconds = (ContinuousClock.now - start) / .seconds(1)
  }

  // MARK: The destination's life

  private mutating func fill(
    _ destination: OpenedFile, from source: OpenedFile
  ) throws(FileIOError) {
    do throws(FileIOError) {
      let copied = try transfer(from: source, to: destination)
      try complete(destination, copied: copied, from: source)
      completed?()
    } catch {
      throw giveUp(destination, error)
    }
    let path = destination.path
    if let errno = destination.close() { throw FileIOError(errno, during: .close, path: path) }
    try checkSource(source, copied: report.size)
  }

  /// What is left of a destination whose copy failed, and the error that says so.
  private func giveUp(_ destination: OpenedFile, _ error: FileIOError) -> FileIOError {
    let isCreated = destination.isCreated
    let status = destination.status
    _ = destination.close()
    guard status.type == .regular else { return error }
    guard isCreated else {
      return error.noting(
        "the destination existed and is damaged: its first \(report.byteCount) bytes are new, "
          + "the rest is undefined")
    }
    // Only the file this run made, whatever has the name now.
    guard destination.place.isStill(status) else {
      return error.noting("the unfinished destination was moved or replaced meanwhile")
    }
    if let errno = destination.place.remove() {
      return error.noting("the unfinished destination could not be removed: \(errno)")
    }
    return error.noting("the unfinished destination was removed")
  }

  /// Sets the final size and mode: the last thing that happens to the contents.
  private mutating func complete(
    _ destination: OpenedFile, copied: Copied, from source: OpenedFile
  ) throws(FileIOError) {
    report.size = copied.size
    report.holeByteCount = max(0, copied.size - report.byteCount)
    guard destination.status.type == .regular else { return }
    if copied.needsFinalSize {
      let answer = SystemCall.truncate(destination.descriptor, to: copied.size)
      if answer < 0 { throw FileIOError(kernelResult: answer, during: .truncate, path: destination.path) }
    }
    if destination.surplusMode != 0,
      let errno = SystemCall.setMode(
        destination.descriptor, destination.status.mode & ~destination.surplusMode)
    {
      throw FileIOError(errno, during: .create, path: destination.path)
    }
  }

  /// A source that somebody changed meanwhile is reported: the copy may be a mixture.
  private func checkSource(_ source: OpenedFile, copied: Int64) throws(FileIOError) {
    guard source.status.type == .regular, source.fileSystem != .pseudo, report.strategy != .stream,
      case .success(let after) = FileStatus.of(source.descriptor)
    else { return }
    let before = source.status
    if after.wasWritten(since: before) {
      throw FileIOError(
        .sourceChanged(sizeBefore: before.size, sizeAfter: after.size, copied: copied), during: .copy,
        path: source.path)
    }
    if copied < before.size, transform == nil {
      throw FileIOError(
        .sourceEndedEarly(size: before.size, copied: copied), during: .copy, path: source.path)
    }
  }

  // MARK: The ways

  /// What a transfer came to.
  struct Copied {
    var size: Int64
    /// The file is longer than its contents, or ends in a hole.
    var needsFinalSize: Bool
  }

  private mutating func transfer(
    from source: OpenedFile, to destination: OpenedFile
  ) throws(FileIOError) -> Copied {
    if let transform { return try pass(source, through: transform, to: destination) }
    // What has no blocks to share is refused, rather than copied after all.
    if options.cloning == .always, try clone(source, to: destination) {
      return Copied(size: source.status.size, needsFinalSize: false)
    }
    let isRegular = source.status.type == .regular && destination.status.type == .regular
    // A size of 0 may be a lie (procfs); reading tells.
    guard isRegular, source.status.size > 0, source.fileSystem != .pseudo else {
      return try stream(from: source, to: destination)
    }
    progress.expect(source.status.size)
    if options.cloning != .never, try clone(source, to: destination) {
      return Copied(size: source.status.size, needsFinalSize: false)
    }
    var done: Int64 = 0
    if options.sparseness == .auto, source.fileSystem.copiesByItself,
      source.fileSystem == destination.fileSystem
    {
      done = try copyOnServer(source, to: destination)
      if done == source.status.size { return Copied(size: done, needsFinalSize: false) }
    }
    return try copyChunks(from: source, to: destination, startingAt: done)
  }

  private mutating func clone(
    _ source: OpenedFile, to destination: OpenedFile
  ) throws(FileIOError) -> Bool {
    switch perform(.clone(source.descriptor, to: destination.descriptor)) {
    case .count:
      report.strategy = .clone
      report.reason = "\(destination.fileSystem.rawValue) shares the blocks"
      report.byteCount = source.status.size
      progress.add(Int(source.status.size))
      return true
    case .failed(let errno):
      // Only "not here" falls through; EIO or ENOSPC is an error, or zeros could be taken for a copy.
      guard options.cloning == .auto, Self.isNotOffered(errno) else {
        throw FileIOError(errno, during: .clone, path: destination.path).from(source.path)
      }
      if destination.fileSystem.usuallyClones, destination.fileSystem == source.fileSystem {
        report.fallbacks.append(.init(what: "clone", reason: "\(errno)"))
      }
      return false
    }
  }

  /// The answers of `FICLONE` and `copy_file_range` that mean "not between these files".
  static func isNotOffered(_ errno: Errno) -> Bool {
    switch errno {
    case .notSupported, .improperLink, .invalidArgument, .noFunction, .inappropriateIOCTLForDevice,
      .notPermitted, .textFileBusy:
      true
    default: false
    }
  }

  /// - Returns: how far it came; less than the size where another way has to go on from there.
  private mutating func copyOnServer(
    _ source: OpenedFile, to destination: OpenedFile
  ) throws(FileIOError) -> Int64 {
    // Small enough to be cancelled between two, large enough that a round trip does not matter.
    let stepByteCount = 128 << 20
    var done: Int64 = 0
    while done < source.status.size {
      try stopIfCancelled(source)
      let count = Int(min(Int64(stepByteCount), source.status.size - done))
      switch perform(
        .copyRange(
          source.descriptor, at: done, to: destination.descriptor, destinationOffset: done,
          byteCount: count))
      {
      case .count(0):
        // The end came early, or the file system answers 0 for "I do not": reading tells which.
        report.fallbacks.append(
          .init(what: "server-side copy", reason: "it copied nothing at offset \(done)"))
        return done
      case .count(let copied):
        done += Int64(copied)
        report.byteCount = done
        progress.add(copied)
      case .failed(let errno):
        guard Self.isNotOffered(errno) else {
          throw FileIOError(errno, during: .copyRange, path: destination.path, offset: done)
        }
        report.fallbacks.append(.init(what: "server-side copy", reason: "\(errno) at offset \(done)"))
        return done
      }
    }
    report.strategy = .serverSide
    report.reason = "\(destination.fileSystem.rawValue) copies by itself"
    return done
  }

  private mutating func stream(
    from source: OpenedFile, to destination: OpenedFile
  ) throws(FileIOError) -> Copied {
    report.strategy = .stream
    report.reason =
      source.status.type == .regular
      ? "its size says nothing: it is read to its end" : "it is read to its end"
    // What is read at once and needs no waiting does not pay for an engine.
    let (engine, reason) =
      source.status.type == .regular && destination.status.type == .regular
      ? try engines.forSmallFiles() : try engines.forLargeFiles()
    report.engine = engine.kind
    report.engineReason = reason
    let skipsZeros = options.sparseness == .always && destination.status.type == .regular
    let job = SingleJobSource(
      StreamCopyJob(
        source: source.descriptor, destination: destination.descriptor, sourcePath: source.path,
        destinationPath: destination.path, waitsForWriter: source.status.type == .fifo,
        zeroBlockByteCount: skipsZeros ? max(512, destination.status.blockByteCount) : nil,
        cancellation: cancellation, progress: progress))
    let room = Room(
      lane: .any, depth: 1, bufferByteCount: CopyPlan.bufferedPieceByteCount, placement: .streaming)
    report.operations.add(
      try engine.runToEnd(job, rooms: [room], cancellation: cancellation, intercept: intercept))
    report.byteCount = progress.copiedByteCount
    switch job.outcome {
    case .success(let count): return Copied(size: Int64(count), needsFinalSize: skipsZeros)
    case .failure(let error): throw error
    case nil: throw FileIOError(.canceled, during: .copy, path: source.path)
    }
  }

  // MARK: Chunks

  private mutating func copyChunks(
    from source: OpenedFile, to destination: OpenedFile, startingAt start: Int64
  ) throws(FileIOError) -> Copied {
    let chunks = try ChunkedCopy(source: source, destination: destination, copy: &self)
    return try chunks.run(source: source, destination: destination, startingAt: start, copy: &self)
  }

  // MARK: For the ways

  /// An operation on this thread, counted.
  mutating func perform(_ operation: Operation) -> Completion {
    report.operations.count(operation.kind)
    let context = OperationContext(cancellation: cancellation, intercept: intercept)
    return operation.performBlocking(in: context, retries: &report.operations.retries)
  }

  func stopIfCancelled(_ source: OpenedFile) throws(FileIOError) {
    if cancellation.isCancelled { throw FileIOError(.canceled, during: .copy, path: source.path) }
  }

  mutating func update(_ change: (inout CopyReport) -> Void) { change(&report) }
}

/// Where a copy gets its engine from: only when it needs one.
protocol EngineProvider: Sendable {
  func forLargeFiles() throws(FileIOError) -> (engine: any Engine, reason: String)
  func forSmallFiles() throws(FileIOError) -> (engine: any Engine, reason: String)
}
