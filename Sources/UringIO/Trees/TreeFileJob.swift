import SystemPackage

/// Copies one entry of a directory that is not a directory: a file, a symbolic link, a FIFO, a device, a socket.
///
/// A regular file whose name is free is opened, made and copied here, on a ring step by step. Whatever needs a decision
/// is an ``EntryCopy``'s until both files are open. Large and sparse files are only opened, and handed over to the ways of
/// large files.
final class TreeFileJob: Job {
  enum State {
    case starting, openingSource, examiningSource, creating, deciding
    case cloning, askingWhole, movingPages, askingCache, reading, writing, preserving
    case examiningFailed, closingDestination, examiningFailedName, removingFailed, puttingBack, closingSource
  }

  /// What a job came to, apart from its success.
  enum Kind: Sendable {
    case made(EntryCopy.Kind)
    /// It is a directory after all: the file system did not say so when it was listed.
    case directory
    /// Opened both, to be copied as a large file.
    case large(TreeLargeFile)
  }

  let node: TreeNode
  let nameOffset: UInt32
  let name: FileName
  let directories: TreeNode.Pair
  let route: TreeRoute
  var state = State.starting
  let box: StatusBox
  var kind = Kind.made(.file)
  var byteCount = 0
  private var isCloned = false
  /// This file was the first that was not cached.
  private(set) var turnedCold = false

  var source: FileDescriptor?
  var destination: FileDescriptor?
  var status: FileStatus?
  var destinationStatus: FileStatus?
  var isCreated = false
  var omitted: UInt16 = 0
  var surplus: UInt16 = 0
  /// What decided, where something had to be decided.
  var entry: EntryCopy?
  var outcome: EntryCopy.Outcome?
  /// Whether it is known by now that there is something to copy, and a way for it.
  var isAnnounced = false
  var isPreserved = false
  private var inquiry = CacheInquiry()
  var position: Int64 = 0
  var filled = 0
  private var written = 0
  private var isAtEnd = false
  var failure: FileIOError?
  /// What could not be done beside that: metadata of a copy that is complete.
  var furtherFailures: [FileIOError] = []
  /// Of the copy, when it was begun in another way.
  private var closeError: Errno?
  /// Of a created file whose copy failed: only that is removed, whatever has the name by then.
  var failedIdentity: FileIdentity?

  /// - Parameters:
  ///   - box: for this entry alone until it is finished.
  ///   - begun: a copy that was left off: it is gone on with.
  init(
    node: TreeNode, nameOffset: UInt32, route: TreeRoute, box: StatusBox = StatusBox(),
    begun: SmallFileCopies.Rest? = nil
  ) {
    self.node = node
    self.box = box
    self.nameOffset = nameOffset
    name = node.listing.name(at: nameOffset)
    directories = node.open!
    self.route = route
    guard let begun else { return }
    source = begun.source
    destination = begun.destination
    isCreated = destination != nil
    isAnnounced = true
    closeError = begun.closeError
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    let completion = completions.first
    switch state {
    case .starting: return start()
    case .openingSource: return openedSource(completion!)
    case .examiningSource: return examinedSource(completion!, buffer)
    case .creating: return created(completion!, buffer)
    case .deciding: return decided(buffer)
    case .cloning: return cloned(completion!, buffer)
    case .askingWhole: return didAskWhole(completion!, buffer)
    case .movingPages: return didMovePages(completion!, buffer)
    case .askingCache: return didAskCache(completion!, buffer)
    case .reading: return didRead(completion!, buffer)
    case .writing: return wrote(completion!, buffer)
    case .preserving: return closeDestination()
    case .examiningFailed: return examinedFailed(completion!)
    case .closingDestination: return closedDestination(completion!)
    case .examiningFailedName: return examinedFailedName(completion!)
    case .removingFailed: return removedFailed(completion!)
    case .puttingBack: return finish()
    case .closingSource: return closeSource()
    }
  }

  // MARK: The source

  private func start() -> Step {
    inquiry = CacheInquiry(asks: route.temperature.asksNext())
    if let closeError {
      isCreated = true
      return closedDestination(.failed(closeError))
    }
    if source != nil { return examineSource() }
    guard node.listing.kind(ofFileAt: nameOffset) == .regular, route.rules.copiesFreely else {
      return decide()
    }
    state = .openingSource
    let open = Operation.openFile(directories.source, name, .read(followsLink: false))
    // Of a cached tree the directory entry is most likely cached, too.
    return route.temperature.isCold ? .perform(open) : .performInline(open)
  }

  private func openedSource(_ completion: Completion) -> Step {
    isAnnounced = true
    switch completion {
    case .count(let descriptor):
      source = FileDescriptor(rawValue: CInt(descriptor))
      return examineSource()
    // Whether it is not there, or may not be read: its name tells.
    case .failed(.permissionDenied), .failed(.noSuchFileOrDirectory): return decide()
    case .failed(let errno): return fail(errno, during: .open, path: sourcePath)
    }
  }

  private func examineSource() -> Step {
    state = .examiningSource
    return .perform(.status(source!, into: box))
  }

  private func examinedSource(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: sourcePath) }
    let status = box.status
    self.status = status
    guard status.type == .regular else {
      return fail(.changedType, during: .copy, path: sourcePath)
    }
    if destination != nil {
      omitted = route.rules.omitted(from: status.mode & 0o777, isDirectory: false)
      return fill(buffer)
    }
    return route.rules.tracksLinks(of: status, ofOperand: false) ? decide() : create(status)
  }

  // MARK: The contents

  var isLarge: Bool { if case .large = kind { true } else { false } }

  /// How its contents were copied, where they were.
  var method: CopyMethod? {
    guard case .made(.file) = kind, failure == nil, route.options.product == .copy else { return nil }
    return isCloned ? .clone : .small
  }

  func isForLargeWay(_ status: FileStatus) -> Bool {
    guard status.type == .regular else { return true }
    return status.size >= route.largeByteCountMin
      || status.hasHoles && status.size >= TreeLargeFile.sparseByteCountMin
      || route.options.sparseness == .always && status.size > 0
  }

  func fill(_ buffer: BufferSlice) -> Step {
    if isForLargeWay(status!) {
      kind = .large(
        TreeLargeFile(
          source: source!, destination: destination!, node: node, name: name, status: status!,
          isCreated: isCreated, surplusPermissions: metadata == nil && isCreated ? surplus : 0, entry: entry,
          metadata: metadata))
      (source, destination) = (nil, nil)
      return .finish(.success(0))
    }
    if status!.size > 0, route.triesCloning {
      state = .cloning
      return .perform(.clone(source!, to: destination!))
    }
    return moveOrRead(buffer)
  }

  private func cloned(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count:
      isCloned = true
      byteCount = Int(status!.size)
      return closeDestination()
    case .failed(let errno):
      guard FileCopy.isNotOffered(errno), route.options.cloning != .always else {
        return fail(errno, during: .clone, path: destinationPath, from: sourcePath)
      }
      route.triesCloning = false
      return moveOrRead(buffer)
    }
  }

  func read(_ buffer: BufferSlice) -> Step {
    filled = 0
    written = 0
    let asksKernel = inquiry.needsKernel(size: status!.size, on: status!.device, route.temperature)
    return asksKernel ? askKernel(buffer) : performRead(buffer)
  }

  private func performRead(_ buffer: BufferSlice) -> Step {
    state = .reading
    return inquiry.read(source!, into: buffer, at: position)
  }

  private func didRead(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0): return closeDestination()
    case .count(let count):
      if inquiry.asks { route.temperature.foundCached() }
      filled = count
      // Asked for more than the file has and given all of it: that was the end. Less than it says may be a
      // lie, or one of several pieces; then the next read tells.
      isAtEnd = count < buffer.count && position + Int64(count) == status!.size
      return write(buffer)
    case .failed(let errno):
      switch inquiry.refused(errno, size: status!.size) {
      case .unknown: return askKernel(buffer)
      case .waits(let isUncached):
        if isUncached { foundUncached() }
        return performRead(buffer)
      case .error: return fail(errno, during: .read, path: sourcePath, offset: position)
      }
    }
  }

  private func askKernel(_ buffer: BufferSlice) -> Step {
    guard
      let question = inquiry.question(
        source!, size: status!.size, on: status!.device, route.temperature)
    else { return performRead(buffer) }
    state = .askingCache
    return question
  }

  private func didAskCache(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if !inquiry.answered(completion, size: status!.size, route.temperature) { foundUncached() }
    return performRead(buffer)
  }

  private func foundUncached() { turnedCold = route.temperature.foundUncached() || turnedCold }

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
}
