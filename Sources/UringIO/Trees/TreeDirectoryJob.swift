import SystemPackage

/// Makes one directory's copy and lists the directory: what is inside is copied by jobs of its own.
final class TreeDirectoryJob: Job {
  private enum State {
    case starting, openingSource, makingEmpty, examiningSource, creating, makingWritable, openingDestination
    case examiningDestination, listing
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
  /// Why the source could not be opened.
  private var unreadable: FileIOError?
  /// What could not be done beside that.
  private(set) var furtherFailures: [FileIOError] = []
  /// Of the same directory, by another name.
  private var earlierCopy: PathBytes?
  private var omitted: UInt16 = 0
  private var surplus: UInt16 = 0
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
      let open = Operation.openFile(
        around.source, name, .directory(followsLink: route.rules.followsLinks(ofOperand: parent == nil)))
      return route.temperature.isCold ? .perform(open) : .performInline(open)
    case .openingSource: return openedSource(completion!)
    case .makingEmpty: return .finish(.failure(unreadable!))
    case .examiningSource: return examinedSource(completion!)
    case .creating: return created(completion!)
    case .makingWritable: return openDestination()
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
    case .failed(let errno):
      state = .makingEmpty
      return .performInline(.entry(EntryWork { self.unreadable = self.makeEmpty(for: errno) }))
    }
  }

  /// Of a directory that cannot be read the copy is an empty one, with its metadata.
  ///
  /// - Returns: why it cannot.
  private func makeEmpty(for errno: Errno) -> FileIOError {
    let from = EntryPlace(directory: around.source, name: name)
    let to = EntryPlace(directory: around.destination, name: destinationName)
    let status: FileStatus
    switch from.status(followsLink: route.rules.followsLinks(ofOperand: parent == nil)) {
    case .success(let found): status = found
    case .failure(let errno): return FileIOError(errno, during: .status, path: sourcePath)
    }
    let error = FileIOError(errno, during: .openDirectory, path: sourcePath)
    guard status.type == .directory, errno == .permissionDenied else { return error }
    let permissions = status.mode & 0o1777
    omitted = route.rules.omitted(from: permissions, isDirectory: true)
    surplus = ~permissions & 0o700
    let answer = SystemCall.makeDirectory(
      to.directory, to.name, permissions: permissions & ~omitted | surplus)
    isCreated = answer >= 0
    guard case .success(let made) = to.status(followsLink: false), made.type == .directory else {
      return error
    }
    let copy = MetadataCopy(
      preserved: route.options.preserved, ignoresPermissions: route.options.ignoresPermissions,
      kind: .directory,
      source: FileMetadata(from), status: status, destination: FileMetadata(to), destinationStatus: made,
      isNew: isCreated, omitted: isCreated ? omitted : 0, surplus: isCreated ? made.mode & surplus : 0,
      sourcePath: { [self] in sourcePath }, path: { [self] in destinationPath })
    furtherFailures = copy.apply()
    return error
  }

  private func examinedSource(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: sourcePath) }
    let status = box.status
    sourceStatus = status
    if let refusal = refusal(of: status) {
      let path = refusal == .cyclicLink ? sourcePath : destinationPath
      return fail(refusal, during: .copy, path: path, from: sourcePath)
    }
    let rules = route.rules
    let permissions = status.mode & 0o1777
    omitted = rules.omitted(from: permissions, isDirectory: true)
    // Its owner must be able to fill it until it is complete.
    surplus = ~permissions & 0o700
    state = .creating
    return .perform(
      .makeDirectory(around.destination, destinationName, permissions: permissions & ~omitted | surplus))
  }

  /// What must not be copied at all.
  private func refusal(of status: FileStatus) -> FileIOError.Cause? {
    let identity = FileIdentity(status)
    if let root = route.destinationIdentity, root == identity { return .intoItself }
    let history = route.rules.history
    guard let parent else {
      route.sourceDevice = status.device
      guard let earlier = history.directory(identity), !route.rules.followsLinks(ofOperand: true) else {
        history.remember(directory: identity, at: route.destinationRoot)
        return nil
      }
      earlierCopy = earlier
      return .hardLinkToDirectory
    }
    if route.options.followedLinks == .all {
      var around: TreeNode? = parent
      while let node = around {
        if node.sourceIdentity == identity { return .cyclicLink }
        around = node.parent
      }
    } else if let earlier = history.directory(identity) {
      earlierCopy = earlier
      return .hardLinkToDirectory
    }
    return nil
  }

  // MARK: The destination

  private func created(_ completion: Completion) -> Step {
    switch completion {
    case .count: isCreated = true
    // What is there may be a directory to go on in; opening it tells.
    case .failed(.fileExists): break
    case .failed(let errno):
      // Whether it is there cannot even be asked.
      let place = EntryPlace(directory: around.destination, name: destinationName)
      if case .failure(let asked) = place.status(followsLink: false), asked != .noSuchFileOrDirectory {
        return fail(asked, during: .status, path: destinationPath)
      }
      return fail(errno, during: .createDirectory, path: destinationPath)
    }
    // The umask may have taken what its owner needs.
    guard isCreated, SystemCall.fileModeCreationMask & 0o700 != 0 else { return openDestination() }
    state = .makingWritable
    let metadata = FileMetadata(EntryPlace(directory: around.destination, name: destinationName))
    return .performInline(
      .entry(
        EntryWork {
          guard let mode = metadata.mode, mode & 0o700 != 0o700 else { return }
          self.surplus = ~mode & 0o700
          _ = metadata.setMode(mode | 0o700)
        }))
  }

  private func openDestination() -> Step {
    state = .openingDestination
    // The root may be a link to a directory, as somebody's operand; inside nothing is followed.
    let followsLink =
      !isCreated && (parent == nil && route.followsDestinationLink || route.options.keepsDirectoryLinks)
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
      let place = EntryPlace(directory: around.destination, name: destinationName)
      if route.rules.followsNoLink(ofOperand: parent == nil),
        case .success(let target) = place.status(followsLink: true),
        FileIdentity(target) == FileIdentity(sourceStatus!)
      {
        return fail(.sameFile, during: .copy, path: destinationPath, from: sourcePath)
      }
      return fail(.directoryOverOther, during: .createDirectory, path: destinationPath, from: sourcePath)
    case .failed(let errno): return fail(errno, during: .createDirectory, path: destinationPath)
    }
  }

  private func examinedDestination(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion { return fail(errno, during: .status, path: destinationPath) }
    let status = box.status
    if FileIdentity(status) == FileIdentity(sourceStatus!) {
      // Nothing in it would be changed: all that is in it exists, or is what it would be linked to.
      if route.options.product == .hardLink || route.rules.keepsExisting { return abandon(.success(0)) }
      return fail(.sameFile, during: .copy, path: destinationPath, from: sourcePath)
    }
    let isElsewhere = route.options.staysOnFileSystem && sourceStatus!.device != route.sourceDevice
    node = TreeNode(
      parent: parent, name: name, listing: listing,
      open: TreeNode.Pair(source: source!, destination: destination!),
      sourceIdentity: FileIdentity(sourceStatus!), destinationIdentity: FileIdentity(status),
      ending: ending(status), givesLists: givesLists, staysOpen: route.options.followedLinks == .all)
    // The node closes them now.
    (source, destination) = (nil, nil)
    // btrfs lists what was there when it was opened: not a copy that was just made inside of it.
    if parent == nil { _ = SystemCall.rewind(node!.open!.source) }
    if isElsewhere {
      listing.complete()
      return .finish(.success(0))
    }
    return list(buffer)
  }

  /// What is left to be done at the end.
  private func ending(_ destinationStatus: FileStatus) -> TreeNode.Ending? {
    let surplus = isCreated ? destinationStatus.mode & surplus : 0
    let omitted = isCreated ? omitted & ~SystemCall.fileModeCreationMask : 0
    guard surplus | omitted != 0 || route.rules.setsMetadata else { return nil }
    return TreeNode.Ending(
      status: sourceStatus!, destinationStatus: destinationStatus, isNew: isCreated, omitted: omitted,
      surplus: surplus)
  }

  /// Asked only where it matters.
  private var givesLists: Bool {
    guard !route.options.preserved.isDisjoint(with: [.permissions, .ownership]) else { return false }
    let metadata = FileMetadata(
      destination!, at: EntryPlace(directory: around.destination, name: destinationName))
    if case .success = metadata.attribute(MetadataCopy.defaultList) { return true }
    return false
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

  var sourcePath: PathBytes {
    parent.map { $0.path(below: route.sourceRoot).appending(name.bytes) } ?? route.sourceRoot
  }
  var destinationPath: PathBytes {
    parent.map { $0.path(below: route.destinationRoot).appending(name.bytes) } ?? route.destinationRoot
  }

  private func fail(_ errno: Errno, during activity: FileIOError.Activity, path: PathBytes) -> Step {
    fail(.system(errno), during: activity, path: path)
  }

  private func fail(
    _ cause: FileIOError.Cause, during activity: FileIOError.Activity, path: PathBytes,
    from other: PathBytes? = nil
  ) -> Step {
    var failure = FileIOError(cause, during: activity, path: path)
    failure.otherPath = earlierCopy ?? other
    return abandon(.failure(failure))
  }

  private func abandon(_ outcome: Result<Int, FileIOError>) -> Step {
    // Opening and closing a directory reads and writes nothing: there is no error to lose.
    for descriptor in [source, destination].compactMap({ $0 }) { _ = SystemCall.close(descriptor) }
    (source, destination) = (nil, nil)
    return .finish(outcome)
  }
}
