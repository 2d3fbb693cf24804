import SystemPackage

/// Creating the copy, or getting to one that exists.
extension TreeFileJob {
  func create(_ status: FileStatus) -> Step {
    let permissions = status.mode & 0o777
    // The owner's right to write is needed to open a large file a second time for direct transfers.
    surplusPermissions = isForLargeWay(status) ? ~permissions & 0o200 : 0
    state = .creating
    return .perform(
      .createFile(
        directories.destination, destinationName, .exclusive, permissions: permissions | surplusPermissions))
  }

  func created(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(let descriptor):
      destination = FileDescriptor(rawValue: CInt(descriptor))
      isCreated = true
      return fill(buffer)
    case .failed(.fileExists):
      if route.options.existing == .keep {
        kind = .kept
        return closeSource()
      }
      return examineExisting()
    case .failed(let errno): return fail(errno, during: .create, path: destinationPath)
    }
  }

  func examineExisting() -> Step {
    guard !hasReplaced else {
      // Removed, and there again: somebody else is at work.
      return fail(.fileExists, during: .create, path: destinationPath)
    }
    state = .examiningExisting
    return .perform(.statusOfName(directories.destination, destinationName, into: box))
  }

  func examinedExisting(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: destinationPath) }
    let existing = box.status
    if existing.type == .directory {
      return fail(.otherOverDirectory, during: .create, path: destinationPath)
    }
    if existing.isSameFile(as: status!) { return fail(.sameFile, during: .copy, path: destinationPath) }
    guard case .file = kind else { return removeExisting() }
    guard existing.type == .regular else {
      // Writing into a link, a FIFO or a device would put the bytes somewhere else.
      return fail(.notRegular, during: .create, path: destinationPath)
    }
    state = .openingExisting
    return .perform(.openFile(directories.destination, destinationName, .write(followsLink: false)))
  }

  func removeExisting() -> Step {
    hasReplaced = true
    state = .removingExisting
    return .perform(.remove(directories.destination, destinationName, isDirectory: false))
  }

  func removedExisting(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion, errno != .noSuchFileOrDirectory {
      return fail(errno, during: .remove, path: destinationPath)
    }
    switch kind {
    case .link: return makeLink()
    case .special: return makeNode()
    default: return create(status!)
    }
  }

  func openedExisting(_ completion: Completion) -> Step {
    switch completion {
    case .count(let descriptor):
      destination = FileDescriptor(rawValue: CInt(descriptor))
      state = .examiningOpened
      return .perform(.status(destination!, into: box))
    case .failed(let errno):
      guard route.options.existing == .replaceIfNeeded else {
        return fail(errno, during: .create, path: destinationPath)
      }
      return removeExisting()
    }
  }

  /// What was opened is looked at: the name may stand for something else by now.
  func examinedOpened(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: destinationPath) }
    let opened = box.status
    if opened.isSameFile(as: status!) { return fail(.sameFile, during: .copy, path: destinationPath) }
    guard opened.type == .regular else { return fail(.notRegular, during: .create, path: destinationPath) }
    state = .truncating
    return .perform(.truncate(destination!, to: 0))
  }

  func truncated(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .truncate, path: destinationPath) }
    return fill(buffer)
  }
}
