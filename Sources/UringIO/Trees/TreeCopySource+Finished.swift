import SystemPackage

/// What becomes of the walk, and of its report, when a job has ended.
extension TreeCopySource {
  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>, in room: Int) {
    switch job {
    case let job as TreeFilesJob: finished(files: job, room)
    case let job as TreeDirectoryJob: finished(directory: job, outcome)
    case let job as TreeFinishJob: finished(finish: job)
    default: preconditionFailure("every job is one of this source's")
    }
  }

  private func finished(files job: TreeFilesJob, _ room: Int) {
    var byteCount = job.smallByteCount
    var largeFiles: [TreeLargeFile] = []
    var turnedCold = false
    if observe != nil, route.tells != .failures {
      for offset in job.smallFiles { tellCopied(job.node.listing.name(at: offset), in: job.node, by: .small) }
    }
    for (entry, outcome) in job.results {
      byteCount += entry.byteCount
      turnedCold = turnedCold || entry.turnedCold
      // How a large file is copied is not known yet.
      if route.tells != .methods || !entry.isLarge { tell(entry) }
      if case .failure(let error) = outcome { observe?(.failed(error)) }
      for error in entry.furtherFailures { observe?(.failed(error)) }
      if case .success = outcome, case .large(let file) = entry.kind { largeFiles.append(file) }
    }
    route.progress.add(files: job.smallFiles.count + job.results.count - largeFiles.count, bytes: byteCount)
    end(wakes: turnedCold) { state in
      state.inFlight -= 1
      state.rooms[room].fileCount -= job.entryCount
      state.report.fileCount += job.smallFiles.count
      state.report.byteCount += Int64(job.smallByteCount)
      for (entry, outcome) in job.results { note(entry, outcome, &state) }
      // The directory stays in use until the copies of its large files are over.
      job.node.uses += largeFiles.count - 1
      state.largeInFlight += largeFiles.count
      endIfDone(job.node, &state)
    }
    for file in largeFiles {
      large.add(file, directories: job.node.open!) { [self] outcome in largeCopied(file, outcome) }
    }
  }

  private func note(_ entry: TreeFileJob, _ outcome: Result<Int, FileIOError>, _ state: inout State) {
    for error in entry.furtherFailures { state.report.add(error) }
    switch outcome {
    case .failure(let error): state.report.add(error)
    case .success:
      state.report.byteCount += Int64(entry.byteCount)
      if case .made(let kind) = entry.kind { state.report.count(kind) }
      guard case .directory = entry.kind else { return }
      entry.node.listing.addDirectory(at: entry.nameOffset)
      if !state.withDirectories.contains(where: { $0 === entry.node }) {
        state.withDirectories.append(entry.node)
      }
    }
  }

  private func largeCopied(_ file: TreeLargeFile, _ outcome: TreeLargeCopies.Outcome) {
    let failures = outcome.failures
    let report = try? outcome.report.get()
    if route.tells == .methods {
      tellCopied(file.name, in: file.node, decided: file.entry, by: report.map(CopyMethod.init))
    } else if route.tells == .names {
      // The rest was told when it was opened.
      for event in file.entry?.events ?? [] { if case .restored = event { observe?(event) } }
    }
    for error in failures { observe?(.failed(error)) }
    route.progress.add(files: 1, bytes: Int(report?.byteCount ?? 0))
    end(wakes: true) { state in
      state.largeInFlight -= 1
      file.node.uses -= 1
      if let report {
        state.report.fileCount += 1
        state.report.largeFileCount += 1
        state.report.byteCount += report.byteCount
        state.report.operations.add(report.operations)
      }
      for error in failures { state.report.add(error) }
      endIfDone(file.node, &state)
    }
  }

  private func finished(directory job: TreeDirectoryJob, _ outcome: Result<Int, FileIOError>) {
    if job.isCreated, let observe, route.tells != .failures {
      observe(.copied(from: job.sourcePath, to: job.destinationPath, backup: nil))
    }
    // A root that cannot be copied at all is thrown, not told.
    if case .failure(let error) = outcome, job.parent != nil || job.node != nil { observe?(.failed(error)) }
    for error in job.furtherFailures { observe?(.failed(error)) }
    if job.parent == nil, let node = job.node { begin(node) }
    end(wakes: true) { state in
      state.inFlight -= 1
      job.parent?.uses -= 1
      if case .failure(let error) = outcome { state.report.add(error) }
      for error in job.furtherFailures { state.report.add(error) }
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
    route.creationLocks = CreationLocks(for: fileSystem, workerCount: limits.warmRoomCount)
    route.triesCloning =
      route.options.cloning == .always || route.options.cloning == .auto && fileSystem.usuallyClones
    route.movesPages =
      limits.pipeCount > 0 && fileSystem.takesManyPages && route.options.cache == .auto
  }

  private func finished(finish job: TreeFinishJob) {
    for error in job.failures { observe?(.failed(error)) }
    end { state in
      state.inFlight -= 1
      job.node.uses -= 1
      for error in job.failures { state.report.add(error) }
      job.node.ending = nil
      endIfDone(job.node, &state)
    }
  }

  private func tell(_ job: TreeFileJob) {
    guard job.entry != nil || job.isAnnounced else { return }
    tellCopied(job.name, in: job.node, decided: job.entry, by: job.method)
  }

  /// - Parameter entry: what decided on it, where something had to be decided.
  private func tellCopied(
    _ name: FileName, in node: TreeNode, decided entry: EntryCopy? = nil, by method: CopyMethod?
  ) {
    guard let observe, route.tells != .failures else { return }
    let method = route.tells == .methods ? method : nil
    guard let entry else {
      let source = node.path(below: route.sourceRoot).appending(name.bytes)
      let destination = node.path(below: route.destinationRoot).appending(name.bytes)
      return observe(.copied(from: source, to: destination, backup: nil, method: method))
    }
    for event in entry.events {
      guard case .copied(let source, let destination, let backup, _) = event else {
        observe(event)
        continue
      }
      observe(.copied(from: source, to: destination, backup: backup, method: method))
    }
  }

  /// Changes the state after a job or a large file, and wakes rooms that wait where there may be something for them now.
  private func end(wakes: Bool = false, _ change: (inout State) -> Void) {
    let isWakeUp = state.withLock { state in
      change(&state)
      let isOver = isOver(state)
      let hasWork = wakes || !state.finishing.isEmpty || !state.withDirectories.isEmpty
      let wakesWaiting = state.isWaiting && (hasWork || isOver)
      let wakesCold = state.waitsForCold && (route.temperature.isCold || isOver)
      guard wakesWaiting || wakesCold else { return false }
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
      if node.ending != nil, node.open != nil {
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
    parent.ending = nil
    state.withDirectories.removeAll { $0 === parent }
  }
}

extension TreeLargeCopies.Outcome {
  fileprivate var failures: [FileIOError] {
    if case .failure(let error) = report { [error] + furtherFailures } else { furtherFailures }
  }
}
