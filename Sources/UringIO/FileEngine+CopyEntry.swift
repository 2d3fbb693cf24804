import SystemPackage

/// What became of one operand.
package struct EntryReport: Sendable {
  /// Of a file of its own, whose bytes were copied.
  package var file: CopyReport?
  /// Of a directory, with all in it; otherwise the operand's own counts, and its failures.
  package var tree = TreeReport()
}

extension FileEngine {
  /// Copies one operand of a command, whatever it is, by cp's rules, with paths as raw bytes. Blocks its thread.
  ///
  /// - Parameters:
  ///   - recursive: whether directories are copied, and links and special files as what they are.
  ///   - history: what the operands of one command share.
  ///   - followsDanglingDestination: whether a destination may be a symbolic link to a file that is not there yet.
  ///   - tells: what `observe` is told beside failures.
  ///   - asks: whether a file may be overwritten; called on any thread, one call at a time.
  ///   - observe: told of each failure, once, on any thread, several at a time.
  /// - Returns: what was copied; ``TreeReport/failureCount`` says whether something was not.
  /// - Throws: `FileIOError` where nothing could be begun, and `ECANCELED`.
  package func copyEntryBlocking(
    from source: PathBytes, to destination: PathBytes, options: TreeOptions, recursive: Bool,
    history: CopyHistory, cancellation: Cancellation, followsDanglingDestination: Bool, tells: TreeTelling,
    progress: (@Sendable (CopyProgress) -> Void)?, asks: (@Sendable (OverwriteQuestion) -> Bool)?,
    observe: @escaping @Sendable (TreeEvent) -> Void
  ) throws(FileIOError) -> EntryReport {
    try check(options, source)
    let rules = EntryRules(
      options: options, isRecursive: recursive, history: history, writesThroughLinks: true,
      followsDanglingLinks: followsDanglingDestination, cancellation: cancellation, asks: asks)
    do throws(FileIOError) {
      let place = EntryPlace(directory: .workingDirectory, name: FileName(source))
      let status: FileStatus
      switch place.status(followsLink: rules.followsLinks(ofOperand: true)) {
      case .success(let found): status = found
      case .failure(let errno): throw FileIOError(errno, during: .status, path: source)
      }
      if status.type != .directory {
        return try copyFile(
          status, from: source, to: destination, rules: rules, tells: tells, progress: progress,
          observe: observe)
      }
      guard recursive else { throw FileIOError(.isDirectory, during: .open, path: source) }
      var report = EntryReport()
      var bytesProgress: (@Sendable (TreeProgress) -> Void)?
      if let progress {
        bytesProgress = { progress(CopyProgress(copiedByteCount: $0.byteCount, totalByteCount: nil)) }
      }
      report.tree = try copyDirectory(
        from: source, to: destination, rules: rules, followsDestinationLink: options.keepsDirectoryLinks,
        progress: bytesProgress, tells: tells, observe: observe)
      return report
    } catch {
      if error.isCancellation { throw error }
      observe(.failed(error))
      var report = EntryReport()
      report.tree.add(error)
      return report
    }
  }

  func check(_ options: TreeOptions, _ source: PathBytes) throws(FileIOError) {
    if let depth = options.depth, !CopyOptions.depthRange.contains(depth) {
      throw FileIOError(.invalidArgument, during: .copy, path: source, note: "depth out of range")
    }
    if let batch = options.batch, !TreeLimits.batchRange.contains(batch) {
      throw FileIOError(.invalidArgument, during: .copy, path: source, note: "batch out of range")
    }
    if let chunk = options.chunkByteCount, !CopyOptions.chunkByteCountRange.contains(chunk) {
      throw FileIOError(.invalidArgument, during: .copy, path: source, note: "chunk size out of range")
    }
  }

  /// Copies an operand that is no directory.
  ///
  /// - Throws: what went wrong with it; what could not be done beside its copy is told to `observe` and counted.
  func copyFile(
    _ status: FileStatus, from source: PathBytes, to destination: PathBytes, rules: EntryRules,
    tells: TreeTelling,
    progress: (@Sendable (CopyProgress) -> Void)?, observe: (TreeEvent) -> Void
  ) throws(FileIOError) -> EntryReport {
    let call = try selection.beginCall()
    defer { selection.endCall(call) }
    let start = ContinuousClock.now
    let entry = EntryCopy(
      rules: rules, from: EntryPlace(directory: .workingDirectory, name: FileName(source)),
      to: EntryPlace(directory: .workingDirectory, name: FileName(destination)), isOperand: true,
      sourcePath: { source }, destinationPath: { destination })
    let outcome = entry.begin(status)
    var told = 0
    func tellEvents() {
      if tells != .failures { for event in entry.events[told...] { observe(event) } }
      told = entry.events.count
    }
    tellEvents()
    var report = EntryReport()
    defer { for error in entry.failures { observe(.failed(error)) } }
    switch outcome {
    case .made(let kind): report.tree.count(kind)
    case .directory: throw FileIOError(.changedType, during: .copy, path: source)
    case .failed(let error): throw error
    case .opened:
      var copy = FileCopy(
        options: rules.options.forLargeFiles, cancellation: rules.cancellation,
        progress: CopyProgressCounter(progress), engines: selection, intercept: intercept)
      copy.completed = { entry.applyMetadata() }
      let opened = entry.openedFiles
      do throws(FileIOError) {
        try copy.run(from: opened.source, to: opened.destination)
      } catch {
        entry.giveUp()
        tellEvents()
        throw error
      }
      report.file = copy.report
      report.tree = TreeReport(file: copy.report)
    }
    report.tree.seconds = (ContinuousClock.now - start) / .seconds(1)
    for error in entry.failures { report.tree.add(error) }
    return report
  }
}

extension EntryCopy {
  /// Both files, to be copied and closed by somebody.
  fileprivate var openedFiles: (source: OpenedFile, destination: OpenedFile) {
    (
      OpenedFile(
        descriptor: sourceDescriptor!, path: sourcePath(), status: status, fileSystem: .of(sourceDescriptor!),
        isCreated: false, surplusMode: 0),
      OpenedFile(
        descriptor: destinationDescriptor!, path: destinationPath(), status: destinationStatus!,
        fileSystem: .of(destinationDescriptor!), isCreated: isCreated, surplusMode: 0)
    )
  }
}
