import Dispatch
import SystemPackage

extension FileEngine {
  /// One read and write of a file in a tree: small enough that all files in flight have little memory together,
  /// and that it stays in a core's caches.
  private static let treePieceByteCount = 128 << 10

  /// Copies a directory and everything in it: files, directories, symbolic links as links, FIFOs and devices.
  ///
  /// The destination is the copy itself, not a directory to put it into; one that exists is gone on in. With the
  /// default options files are created with the source's permission bits, less the umask, and no symbolic link inside
  /// either tree is followed. An entry that cannot be copied is reported, and the rest goes on; a file whose copy
  /// failed is removed if this call created it. No path is longer than a name: trees deeper than `PATH_MAX` are
  /// copied, and one that is moved meanwhile is noticed.
  ///
  /// Metadata (``TreeOptions/preserved``) is set through the open files, those of a directory when everything inside is
  /// done, at the cost of two to five system calls for each entry; what cannot be set is reported, and the copy stays.
  /// With `links`, memory grows with the number of files that have several names.
  ///
  /// - Parameters:
  ///   - progress: called on engine threads, one call at a time, after each file; keep it short.
  /// - Returns: what was copied, and what was not.
  /// - Throws: `FileIOError` where not even the root could be copied, where an option is out of range, and
  ///   `ECANCELED` when the task was cancelled.
  /// - Complexity: memory for the names of the directories that are under way (about 35 bytes for each) and for
  ///   the files in flight; descriptors within the process's limit, shared with other calls of this library.
  public func copyTree(
    from source: FilePath, to destination: FilePath, options: TreeOptions = TreeOptions(),
    progress: (@Sendable (TreeProgress) -> Void)? = nil
  ) async throws(FileIOError) -> TreeReport {
    let cancellation = Cancellation()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "UringIO.copyTree").async {
          continuation.resume(
            returning: Result { () throws(FileIOError) in
              try self.copyTreeBlocking(
                from: PathBytes(source), to: PathBytes(destination), options: options,
                cancellation: cancellation, progress: progress)
            })
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// ``copyTree(from:to:options:progress:)`` for who may block its thread, with paths as raw bytes.
  ///
  /// - Parameters:
  ///   - followsDestinationLink: whether the destination may be a symbolic link to a directory.
  ///   - observe: told of each failure, on engine threads, several at a time.
  ///   - tells: what `observe` is told beside failures.
  package func copyTreeBlocking(
    from source: PathBytes, to destination: PathBytes, options: TreeOptions, cancellation: Cancellation,
    followsDestinationLink: Bool = true, progress: (@Sendable (TreeProgress) -> Void)? = nil,
    tells: TreeTelling = .names, observe: (@Sendable (TreeEvent) -> Void)? = nil
  ) throws(FileIOError) -> TreeReport {
    try check(options, source)
    var rules = EntryRules(options: options, cancellation: cancellation)
    let status: FileStatus
    let followsLink = source.bytes.last == UInt8(ascii: "/") || rules.followsLinks(ofOperand: true)
    switch FileStatus.of(source, followsLink: followsLink) {
    case .success(let found): status = found
    case .failure(let errno): throw FileIOError(errno, during: .status, path: source)
    }
    guard status.type != .directory else {
      return try copyDirectory(
        from: source, to: destination, rules: rules, followsDestinationLink: followsDestinationLink,
        progress: progress, tells: tells, observe: observe)
    }
    rules.writesThroughLinks = status.type == .regular
    let report = try copyFile(
      status, from: source, to: destination, rules: rules, tells: tells, progress: nil,
      observe: { observe?($0) })
    return report.tree
  }

  /// Copies a directory and everything in it.
  ///
  /// - Throws: `FileIOError` where not even the root could be copied, and `ECANCELED`.
  func copyDirectory(
    from source: PathBytes, to destination: PathBytes, rules: EntryRules, followsDestinationLink: Bool,
    progress: (@Sendable (TreeProgress) -> Void)?, tells: TreeTelling,
    observe: (@Sendable (TreeEvent) -> Void)?
  ) throws(FileIOError) -> TreeReport {
    let (options, cancellation) = (rules.options, rules.cancellation)
    let call = try selection.beginCall()
    defer { selection.endCall(call) }
    let start = ContinuousClock.now
    let (engine, reason) = try selection.forLargeFiles()
    let (limits, descriptors) = limits(for: engine, options)
    defer { descriptors.giveBack() }
    let route = TreeRoute(
      sourceRoot: source, destinationRoot: destination, rules: rules,
      progress: TreeProgressCounter(progress), cancellation: cancellation, tells: tells,
      followsDestinationLink: followsDestinationLink, isOnRing: engine.kind == .uring)
    let large = TreeLargeCopies(inline: engine.kind == .sequential) {
      [selection, intercept] file, directories in
      var copy = FileCopy(
        options: options.forLargeFiles, cancellation: cancellation, progress: CopyProgressCounter(),
        engines: selection, intercept: intercept)
      var further: [FileIOError] = []
      do throws(FileIOError) {
        try file.copy(&copy, route: route, directories: directories) { further += $0 }
        return .init(report: .success(copy.report), furtherFailures: further)
      } catch {
        return .init(report: .failure(error), furtherFailures: further)
      }
    }
    let walk = TreeCopySource(
      route: route, limits: limits, roomCount: limits.roomCount, large: large, observe: observe)
    let rooms = FileRooms.make(
      for: engine, depth: limits.depth, workers: limits.roomCount, bufferByteCount: Self.treePieceByteCount)
    let tally = try engine.runToEnd(walk, rooms: rooms, cancellation: cancellation, intercept: intercept)
    // A cancelled run ends without its large files, which are ending by themselves.
    large.wait()
    walk.close()
    var report = walk.report
    report.operations.add(tally)
    report.engine = engine.kind
    report.engineReason = reason
    report.seconds = (ContinuousClock.now - start) / .seconds(1)
    if cancellation.isCancelled { throw FileIOError(.canceled, during: .copy, path: source) }
    if report.directoryCount == 0, let failure = report.failures.first { throw failure }
    return report
  }

  /// What the copy may have open and in flight, beside others that run at the same time.
  private func limits(
    for engine: any Engine, _ options: TreeOptions
  ) -> (TreeLimits, DescriptorBudget.Share) {
    descriptorBudget.share { limit in
      var limits = TreeLimits(
        depth: engine.kind == .uring ? options.depth ?? FileRooms.ringDepth : 1,
        roomCount: min(engine.workerCount, options.workers ?? engine.workerCount),
        coreCount: EngineSelection.coreCount, descriptorLimit: limit)
      if let batch = options.batch { limits.batchCount = min(batch, limits.batchCountMax) }
      return (limits, limits.descriptorCount)
    }
  }
}
