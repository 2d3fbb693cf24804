import SystemPackage

/// Makes one directory's copy and lists the directory: what is inside is copied by jobs of its own.
final class TreeDirectoryJob: Job {
  private enum State {
    case starting, openingSource, examiningSource, creating, openingDestination, examiningDestination, listing
  }

  /// The directory around it, and its name there; the root has its two paths instead.
  let parent: TreeNode?
  let name: FileName
  private let route: TreeRoute
  private let around: TreeNode.Pair
  private let destinationName: FileName
  private var state = State.starting
  private var source: FileDescriptor?
  private var destination: FileDescriptor?
  private let box = StatusBox()
  private var sourceStatus: FileStatus?
  /// Whether there was none in the destination.
  private(set) var isCreated = false
  private var surplusPermissions: UInt16 = 0
  private let listing = DirectoryListing()
  /// The outcome, once finished.
  private(set) var node: TreeNode?

  /// - Parameter around: the descriptors of `parent`, which stay open as long as this job is in flight.
  init(parent: TreeNode, name: FileName, around: TreeNode.Pair, route: TreeRoute) {
    self.parent = parent
    self.name = name
    destinationName = name
    self.around = around
    self.route = route
  }

  init(root route: TreeRoute) {
    parent = nil
    name = FileName(route.sourceRoot)
    destinationName = FileName(route.destinationRoot)
    around = TreeNode.Pair(source: .workingDirectory, destination: .workingDirectory)
    self.route = route
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    let completion = completions.first
    switch state {
    case .starting:
      state = .openingSource
      let open = Operation.openFile(around.source, name, .directory(followsLink: parent == nil))
      return route.temperature.isCold ? .perform(open) : .performInline(open)
    case .openingSource: return openedSource(completion!)
    case .examiningSource: return examinedSource(completion!)
    case .creating: return created(completion!)
    case .openingDestination: return openedDestination(completion!)
    case .examiningDestination: return examinedDestination(completion!, buffer)
    case .listing: return listed(completion!, buffer)
    }
  }

  // MARK: The source

  private func openedSource(_ completion: Completion) -> Step {
    switch completion {
    case .count(let descriptor):
      source = FileDescriptor(rawValue: CInt(descriptor))
      state = .examiningSource
      return .perform(.status(source!, into: box))
    case .failed(let errno): return fail(errno, during: .openDirectory, path: sourcePath)
    }
  }

  private func examinedSource(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: sourcePath) }
    let status = box.status
    sourceStatus = status
    if let root = route.destinationIdentity, root == FileIdentity(status) {
      return fail(.intoItself, during: .copy, path: sourcePath)
    }
    // Its owner must be able to fill it until it is complete.
    let permissions = status.mode & 0o777
    surplusPermissions = ~permissions & 0o700
    state = .creating
    return .perform(
      .makeDirectory(around.destination, destinationName, permissions: permissions | surplusPermissions))
  }

  // MARK: The destination

  private func created(_ completion: Completion) -> Step {
    switch completion {
    case .count: isCreated = true
    // What is there may be a directory to go on in; opening it tells.
    case .failed(.fileExists): break
    case .failed(let errno): return fail(errno, during: .createDirectory, path: destinationPath)
    }
    state = .openingDestination
    // The root may be a link to a directory, as somebody's operand; inside nothing is followed.
    let followsLink = parent == nil && !isCreated && route.followsDestinationLink
    // It was just created, or found: the name is cached, and a ring would only hand it to a thread of its own.
    return .performInline(
      .openFile(around.destination, destinationName, .directory(followsLink: followsLink)))
  }

  private func openedDestination(_ completion: Completion) -> Step {
    switch completion {
    case .count(let descriptor):
      destination = FileDescriptor(rawValue: CInt(descriptor))
      state = .examiningDestination
      return .perform(.status(destination!, into: box))
    case .failed(.notDirectory), .failed(.tooManySymbolicLinkLevels):
      return fail(.directoryOverOther, during: .createDirectory, path: destinationPath)
    case .failed(let errno): return fail(errno, during: .createDirectory, path: destinationPath)
    }
  }

  private func examinedDestination(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: destinationPath) }
    let status = box.status
    if FileIdentity(status) == FileIdentity(sourceStatus!) {
      return fail(.sameFile, during: .copy, path: destinationPath)
    }
    let surplus = isCreated ? status.mode & surplusPermissions : 0
    node = TreeNode(
      parent: parent, name: name, listing: listing,
      open: TreeNode.Pair(source: source!, destination: destination!),
      sourceIdentity: FileIdentity(sourceStatus!), destinationIdentity: FileIdentity(status),
      finalPermissions: surplus == 0 ? nil : status.mode & ~surplus)
    // The node closes them now.
    (source, destination) = (nil, nil)
    return list(buffer)
  }

  // MARK: Listing

  private func list(_ buffer: BufferSlice) -> Step {
    state = .listing
    return .perform(.listDirectory(node!.open!.source, into: buffer))
  }

  private func listed(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0):
      listing.complete()
      return .finish(.success(0))
    case .count(let count):
      guard buffer[0..<count].withBytes({ listing.add(records: $0) }) else {
        return failListing(.overflow)
      }
      return list(buffer)
    case .failed(let errno): return failListing(errno)
    }
  }

  /// What could be listed is copied all the same.
  private func failListing(_ errno: Errno) -> Step {
    listing.complete()
    return .finish(.failure(FileIOError(errno, during: .listDirectory, path: sourcePath)))
  }

  // MARK: Failing

  private var sourcePath: PathBytes {
    parent.map { $0.path(below: route.sourceRoot).appending(name.bytes) } ?? route.sourceRoot
  }
  private var destinationPath: PathBytes {
    parent.map { $0.path(below: route.destinationRoot).appending(name.bytes) } ?? route.destinationRoot
  }

  private func fail(_ errno: Errno, during activity: FileIOError.Activity, path: PathBytes) -> Step {
    fail(.system(errno), during: activity, path: path)
  }

  private func fail(_ cause: FileIOError.Cause, during activity: FileIOError.Activity, path: PathBytes)
    -> Step
  {
    // Opening and closing a directory reads and writes nothing: there is no error to lose.
    for descriptor in [source, destination].compactMap({ $0 }) { _ = SystemCall.close(descriptor) }
    return .finish(.failure(FileIOError(cause, during: activity, path: path)))
  }
}

/// Gives a directory its permissions when everything inside is done.
final class TreeFinishJob: Job {
  let node: TreeNode
  private let descriptor: FileDescriptor
  private let route: TreeRoute
  private var isAsked = false

  init(_ node: TreeNode, route: TreeRoute) {
    self.node = node
    self.route = route
    descriptor = node.open!.destination
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    guard let completion = completions.first, isAsked else {
      isAsked = true
      return .perform(.changePermissions(descriptor, node.finalPermissions!))
    }
    guard case .failed(let errno) = completion else { return .finish(.success(0)) }
    return .finish(
      .failure(FileIOError(errno, during: .changePermissions, path: node.path(below: route.destinationRoot))))
  }
}
