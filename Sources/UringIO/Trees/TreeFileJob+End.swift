import SystemPackage

/// The end of an entry: both files are closed, and what could not be finished is removed.
extension TreeFileJob {
  func closeDestination() -> Step {
    guard let descriptor = destination else { return closeSource() }
    if failure == nil, !isPreserved, let metadata { return preserve(metadata) }
    destination = nil
    state = .closingDestination
    return .perform(.closeFile(descriptor))
  }

  func closedDestination(_ completion: Completion) -> Step {
    // Network file systems say here that written data was lost.
    if case .failed(let errno) = completion, failure == nil {
      failure = FileIOError(errno, during: .close, path: destinationPath)
      if isCreated { return removeFailed() }
    }
    return closeSource()
  }

  /// While it is open no other file can have its inode number.
  func examinedFailed(_ completion: Completion) -> Step {
    guard case .count = completion else { return removeFailed() }
    failedIdentity = FileIdentity(box.status)
    state = .examiningFailedName
    return .perform(.statusOfName(directories.destination, name, into: box))
  }

  func examinedFailedName(_ completion: Completion) -> Step {
    guard case .count = completion, FileIdentity(box.status) == failedIdentity else {
      failure = failure?.noting("the unfinished destination was moved or replaced meanwhile")
      return closeDestination()
    }
    return removeFailed()
  }

  func removeFailed() -> Step {
    state = .removingFailed
    return .perform(.remove(directories.destination, name, isDirectory: false))
  }

  func removedFailed(_ completion: Completion) -> Step {
    switch completion {
    case .count: failure = failure?.noting("the unfinished destination was removed")
    case .failed(let errno):
      failure = failure?.noting("the unfinished destination could not be removed: \(errno)")
    }
    return closeDestination()
  }

  func closeSource() -> Step {
    guard let descriptor = source else { return end() }
    source = nil
    checkSource(descriptor)
    state = .closingSource
    return .perform(.closeFile(descriptor))
  }

  /// A file that takes a while to read may be written meanwhile: its copy stays, and may be a mixture.
  private func checkSource(_ descriptor: FileDescriptor) {
    guard let status, status.size >= TreeLargeFile.lowestByteCountMin, failure == nil, byteCount > 0,
      case .success(let after) = FileStatus.of(descriptor), after.wasWritten(since: status)
    else { return }
    furtherFailures.append(
      FileIOError(
        .sourceChanged(sizeBefore: status.size, sizeAfter: after.size, copied: Int64(byteCount)),
        during: .copy,
        path: sourcePath))
  }

  /// What was put aside for a copy that failed comes back.
  private func end() -> Step {
    guard failure != nil, let entry else { return finish() }
    state = .puttingBack
    return .performInline(.entry(EntryWork { entry.giveUp() }))
  }

  func finish() -> Step {
    if let entry { furtherFailures += entry.failures }
    if let failure { return .finish(.failure(failure)) }
    return .finish(.success(byteCount))
  }

  // MARK: Failing

  var sourcePath: PathBytes { path(below: route.sourceRoot) }
  var destinationPath: PathBytes { path(below: route.destinationRoot) }

  func path(below root: PathBytes) -> PathBytes {
    node.path(below: root).appending(name.bytes)
  }

  func fail(
    _ errno: Errno, during activity: FileIOError.Activity, path: PathBytes, offset: Int64? = nil,
    from other: PathBytes? = nil
  ) -> Step {
    fail(.system(errno), during: activity, path: path, offset: offset, from: other)
  }

  func fail(
    _ cause: FileIOError.Cause, during activity: FileIOError.Activity, path: PathBytes, offset: Int64? = nil,
    from other: PathBytes? = nil
  ) -> Step {
    failure = FileIOError(cause, during: activity, path: path, offset: offset)
    failure?.otherPath = other
    if destination != nil, !isCreated, position > 0 || filled > 0 || byteCount > 0 {
      failure = failure?.noting(
        "the destination existed and is damaged: its first \(byteCount) bytes are new, the rest is undefined")
    }
    guard isCreated, let descriptor = destination else { return closeDestination() }
    state = .examiningFailed
    return .perform(.status(descriptor, into: box))
  }
}
