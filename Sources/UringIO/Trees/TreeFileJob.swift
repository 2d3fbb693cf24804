import SystemPackage

/// Copies one entry of a directory that is not a directory: a file, a symbolic link, a FIFO, a device, a socket.
///
/// Nothing is followed: neither in the source nor in the destination. Large and sparse files are only opened
/// here, and handed over to the ways of large files.
final class TreeFileJob: Job {
  private enum State {
    case starting, examiningName, openingSource, examiningSource, creating, cloning, reading, writing
    case examiningExisting, removingExisting, openingExisting, examiningOpened, truncating
    case examiningFailed, closingDestination, examiningFailedName, removingFailed, closingSource
    case readingLink, makingLink, makingNode
  }

  /// What a job came to, apart from its success.
  enum Kind: Sendable {
    case file, link, special
    /// There is one already, and it is to be kept.
    case kept
    /// It is a directory after all: the file system did not say so when it was listed.
    case directory
    /// Opened both, to be copied as a large file.
    case large(TreeLargeFile)
  }

  let node: TreeNode
  let nameOffset: UInt32
  private let name: FileName
  private let destinationName: FileName
  private let directories: TreeNode.Pair
  private let route: TreeRoute
  private var state = State.starting
  private let box: StatusBox
  private(set) var kind = Kind.file
  private(set) var byteCount = 0
  /// This file was the first that was not cached.
  private(set) var turnedCold = false

  private var source: FileDescriptor?
  private var destination: FileDescriptor?
  private var status: FileStatus?
  private var isCreated = false
  private var surplusPermissions: UInt16 = 0
  private var hasReplaced = false
  private var asksCacheFirst = true
  private var isCachedOnlyRead = false
  private var position: Int64 = 0
  private var filled = 0
  private var written = 0
  private var isAtEnd = false
  private var linkTarget: FileName?
  private var failure: FileIOError?
  /// Of a created file whose copy failed: only that is removed, whatever has the name by then.
  private var failedIdentity: FileIdentity?

  /// - Parameter box: for this entry alone until it is finished.
  init(node: TreeNode, nameOffset: UInt32, route: TreeRoute, box: StatusBox = StatusBox()) {
    self.node = node
    self.box = box
    self.nameOffset = nameOffset
    name = node.listing.name(at: nameOffset)
    directories = node.open!
    destinationName = node.isOperand ? FileName(route.destinationRoot) : name
    self.route = route
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    let completion = completions.first
    switch state {
    case .starting: return start()
    case .examiningName: return examinedName(completion!, buffer)
    case .openingSource: return openedSource(completion!)
    case .examiningSource: return examinedSource(completion!)
    case .creating: return created(completion!, buffer)
    case .cloning: return cloned(completion!, buffer)
    case .reading: return didRead(completion!, buffer)
    case .writing: return wrote(completion!, buffer)
    case .examiningExisting: return examinedExisting(completion!, buffer)
    case .removingExisting: return removedExisting(completion!, buffer)
    case .openingExisting: return openedExisting(completion!)
    case .examiningOpened: return examinedOpened(completion!)
    case .truncating: return truncated(completion!, buffer)
    case .examiningFailed: return examinedFailed(completion!)
    case .closingDestination: return closedDestination(completion!)
    case .examiningFailedName: return examinedFailedName(completion!)
    case .closingSource: return finish()
    case .removingFailed: return removedFailed(completion!)
    case .readingLink: return didReadLink(completion!, buffer)
    case .makingLink, .makingNode: return madeEntry(completion!, buffer)
    }
  }

  // MARK: The source

  private func start() -> Step {
    asksCacheFirst = route.asksCacheFirst()
    guard node.listing.kind(ofFileAt: nameOffset) == .regular else {
      state = .examiningName
      return .perform(.statusOfName(directories.source, name, into: box))
    }
    return openSource()
  }

  private func openSource() -> Step {
    state = .openingSource
    let open = Operation.openFile(directories.source, name, .read(followsLink: false))
    return asksCacheFirst ? .performInline(open) : .perform(open)
  }

  private func examinedName(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: sourcePath) }
    let found = box.status
    if node.isOperand, found.type == .regular || found.type == .directory {
      return fail(.changedType, during: .copy, path: sourcePath)
    }
    switch found.type {
    case .regular: return openSource()
    case .directory:
      kind = .directory
      return .finish(.success(0))
    case .symbolicLink:
      status = found
      kind = .link
      state = .readingLink
      return .perform(.readLink(directories.source, name, into: buffer))
    case .fifo, .characterDevice, .blockDevice, .socket:
      status = found
      kind = .special
      return makeNode()
    }
  }

  private func openedSource(_ completion: Completion) -> Step {
    switch completion {
    case .count(let descriptor):
      source = FileDescriptor(rawValue: CInt(descriptor))
      state = .examiningSource
      return .perform(.status(source!, into: box))
    case .failed(let errno): return fail(errno, during: .open, path: sourcePath)
    }
  }

  private func examinedSource(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: sourcePath) }
    let status = box.status
    self.status = status
    guard status.type == .regular else {
      return fail(.changedType, during: .copy, path: sourcePath)
    }
    return create(status)
  }

  // MARK: The destination

  private func create(_ status: FileStatus) -> Step {
    let permissions = status.mode & 0o777
    // The owner's right to write is needed to open a large file a second time for direct transfers.
    surplusPermissions = isForLargeWay(status) ? ~permissions & 0o200 : 0
    state = .creating
    return .perform(
      .createFile(
        directories.destination, destinationName, .exclusive, permissions: permissions | surplusPermissions))
  }

  private func created(_ completion: Completion, _ buffer: BufferSlice) -> Step {
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

  private func examineExisting() -> Step {
    guard !hasReplaced else {
      // Removed, and there again: somebody else is at work.
      return fail(.fileExists, during: .create, path: destinationPath)
    }
    state = .examiningExisting
    return .perform(.statusOfName(directories.destination, destinationName, into: box))
  }

  private func examinedExisting(_ completion: Completion, _ buffer: BufferSlice) -> Step {
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

  private func removeExisting() -> Step {
    hasReplaced = true
    state = .removingExisting
    return .perform(.remove(directories.destination, destinationName, isDirectory: false))
  }

  private func removedExisting(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion, errno != .noSuchFileOrDirectory {
      return fail(errno, during: .remove, path: destinationPath)
    }
    switch kind {
    case .link: return makeLink()
    case .special: return makeNode()
    default: return create(status!)
    }
  }

  private func openedExisting(_ completion: Completion) -> Step {
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
  private func examinedOpened(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: destinationPath) }
    let opened = box.status
    if opened.isSameFile(as: status!) { return fail(.sameFile, during: .copy, path: destinationPath) }
    guard opened.type == .regular else { return fail(.notRegular, during: .create, path: destinationPath) }
    state = .truncating
    return .perform(.truncate(destination!, to: 0))
  }

  private func truncated(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .truncate, path: destinationPath) }
    return fill(buffer)
  }

  // MARK: The contents

  private func isForLargeWay(_ status: FileStatus) -> Bool {
    status.size >= TreeLargeFile.byteCountMin
      || status.hasHoles && status.size >= TreeLargeFile.sparseByteCountMin
  }

  private func fill(_ buffer: BufferSlice) -> Step {
    if isForLargeWay(status!) {
      kind = .large(
        TreeLargeFile(
          source: source!, destination: destination!, node: node, name: name, status: status!,
          isCreated: isCreated, surplusPermissions: isCreated ? surplusPermissions : 0))
      (source, destination) = (nil, nil)
      return .finish(.success(0))
    }
    if status!.size > 0, route.triesCloning {
      state = .cloning
      return .perform(.clone(source!, to: destination!))
    }
    return read(buffer)
  }

  private func cloned(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count:
      byteCount = Int(status!.size)
      return closeDestination()
    case .failed(let errno):
      guard FileCopy.isNotOffered(errno), route.options.cloning != .always else {
        return fail(errno, during: .clone, path: destinationPath)
      }
      route.triesCloning = false
      return read(buffer)
    }
  }

  private func read(_ buffer: BufferSlice) -> Step {
    state = .reading
    filled = 0
    written = 0
    isCachedOnlyRead = asksCacheFirst
    return .perform(.read(source!, into: buffer, at: position, isCachedOnlyRead ? .cachedOnly : []))
  }

  private func didRead(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0): return closeDestination()
    case .count(let count):
      if isCachedOnlyRead { route.foundCached() }
      filled = count
      // Asked for more than the file has and given all of it: that was the end. Less than it says may be a
      // lie, or one of several pieces; then the next read tells.
      isAtEnd = count < buffer.count && position + Int64(count) == status!.size
      return write(buffer)
    case .failed(let errno):
      guard isCachedOnlyRead else {
        return fail(errno, during: .read, path: sourcePath, offset: position)
      }
      // Not there, or no such way to ask (procfs, FUSE).
      asksCacheFirst = false
      isCachedOnlyRead = false
      if errno == .resourceTemporarilyUnavailable, route.foundUncached() { turnedCold = true }
      return .perform(.read(source!, into: buffer, at: position))
    }
  }

  private func write(_ buffer: BufferSlice) -> Step {
    state = .writing
    return .perform(.write(destination!, from: buffer[written..<filled], at: position + Int64(written)))
  }

  private func wrote(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0):
      return fail(.ioError, during: .write, path: destinationPath, offset: position + Int64(written))
    case .count(let count):
      written += count
      guard written >= filled else { return write(buffer) }
      position += Int64(filled)
      byteCount += filled
      return isAtEnd ? closeDestination() : read(buffer)
    case .failed(let errno):
      return fail(errno, during: .write, path: destinationPath, offset: position + Int64(written))
    }
  }

  // MARK: The end

  private func closeDestination() -> Step {
    guard let descriptor = destination else { return closeSource() }
    destination = nil
    state = .closingDestination
    return .perform(.closeFile(descriptor))
  }

  private func closedDestination(_ completion: Completion) -> Step {
    // Network file systems say here that written data was lost.
    if case .failed(let errno) = completion, failure == nil {
      failure = FileIOError(errno, during: .close, path: destinationPath)
      if isCreated { return removeFailed() }
    }
    return closeSource()
  }

  /// While it is open no other file can have its inode number.
  private func examinedFailed(_ completion: Completion) -> Step {
    guard case .count = completion else { return removeFailed() }
    failedIdentity = FileIdentity(box.status)
    state = .examiningFailedName
    return .perform(.statusOfName(directories.destination, destinationName, into: box))
  }

  private func examinedFailedName(_ completion: Completion) -> Step {
    guard case .count = completion, FileIdentity(box.status) == failedIdentity else {
      failure = failure?.noting("the unfinished destination was moved or replaced meanwhile")
      return closeDestination()
    }
    return removeFailed()
  }

  private func removeFailed() -> Step {
    state = .removingFailed
    return .perform(.remove(directories.destination, destinationName, isDirectory: false))
  }

  private func removedFailed(_ completion: Completion) -> Step {
    switch completion {
    case .count: failure = failure?.noting("the unfinished destination was removed")
    case .failed(let errno):
      failure = failure?.noting("the unfinished destination could not be removed: \(errno)")
    }
    return closeDestination()
  }

  private func closeSource() -> Step {
    guard let descriptor = source else { return finish() }
    source = nil
    state = .closingSource
    return .perform(.closeFile(descriptor))
  }

  private func finish() -> Step {
    if let failure { return .finish(.failure(failure)) }
    return .finish(.success(byteCount))
  }

  private var sourcePath: PathBytes { path(below: route.sourceRoot) }
  private var destinationPath: PathBytes { path(below: route.destinationRoot) }

  private func path(below root: PathBytes) -> PathBytes {
    node.isOperand ? root : node.path(below: root).appending(name.bytes)
  }

  private func fail(
    _ errno: Errno, during activity: FileIOError.Activity, path: PathBytes, offset: Int64? = nil
  ) -> Step {
    fail(.system(errno), during: activity, path: path, offset: offset)
  }

  private func fail(
    _ cause: FileIOError.Cause, during activity: FileIOError.Activity, path: PathBytes, offset: Int64? = nil
  ) -> Step {
    failure = FileIOError(cause, during: activity, path: path, offset: offset)
    if destination != nil, !isCreated, position > 0 || filled > 0 || byteCount > 0 {
      failure = failure?.noting(
        "the destination existed and is damaged: its first \(byteCount) bytes are new, the rest is undefined")
    }
    guard isCreated, let descriptor = destination else { return closeDestination() }
    state = .examiningFailed
    return .perform(.status(descriptor, into: box))
  }

  // MARK: Links and special files

  private func didReadLink(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(let count):
      // A target that fills the buffer may be cut off; none is as long as that.
      guard count < buffer.count else { return fail(.fileNameTooLong, during: .readLink, path: sourcePath) }
      linkTarget = FileName(PathBytes(buffer[0..<count].withBytes { Array($0) }))
      return makeLink()
    case .failed(let errno): return fail(errno, during: .readLink, path: sourcePath)
    }
  }

  private func makeLink() -> Step {
    state = .makingLink
    return .perform(.makeLink(target: linkTarget!, directories.destination, destinationName))
  }

  private func makeNode() -> Step {
    state = .makingNode
    return .perform(
      .makeNode(
        directories.destination, destinationName,
        mode: UInt32(status!.type.modeBits) | UInt32(status!.mode & 0o777),
        device: status!.rawDevice))
  }

  private func madeEntry(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count: return .finish(.success(0))
    case .failed(.fileExists):
      if route.options.existing == .keep {
        kind = .kept
        return .finish(.success(0))
      }
      return examineExisting()
    case .failed(let errno):
      let activity: FileIOError.Activity = if case .link = kind { .createLink } else { .createSpecial }
      return fail(errno, during: activity, path: destinationPath)
    }
  }
}
