import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One entry that is no directory, by cp's rules: from what its two names stand for to the copy being made, or both
/// files being open for the contents to be copied; and afterwards its metadata.
///
/// Plain blocking calls, one entry on one thread at a time. What is decided here is decided nowhere else: which
/// existing files are replaced, kept, put aside or refused, which are further names of one file, what is made anew.
final class EntryCopy: @unchecked Sendable {
  /// What an entry's copy is.
  enum Kind: Sendable {
    case file, link, hardLink, special
    /// There is one already, and it stays.
    case kept
  }

  enum Outcome {
    /// Nothing is left to do.
    case made(Kind)
    /// Both files are open: ``sourceDescriptor`` and ``destinationDescriptor``. Then ``applyMetadata()``, or ``giveUp()``.
    case opened
    /// It is a directory, which is for others.
    case directory
    case failed(FileIOError)
  }

  let rules: EntryRules
  let source: EntryPlace
  let destination: EntryPlace
  let isOperand: Bool
  let sourcePath: () -> PathBytes
  let destinationPath: () -> PathBytes

  /// The source's; set by ``begin(_:source:)``.
  private(set) var status: FileStatus!
  private(set) var sourceDescriptor: FileDescriptor?
  private(set) var destinationDescriptor: FileDescriptor?
  /// The open destination's.
  private(set) var destinationStatus: FileStatus?
  private(set) var isCreated = false
  /// What was there, as long as it is there.
  var existing: FileStatus?
  /// It leads in circles.
  private var isLoop = false
  private(set) var omitted: UInt16 = 0
  private(set) var surplus: UInt16 = 0
  /// Where what was there is now.
  private(set) var backup: FileName?
  private var isFirstOfLinks = false
  /// To be told, in order.
  private(set) var events: [TreeEvent] = []
  /// What could not be given to a copy that is complete otherwise.
  private(set) var failures: [FileIOError] = []

  init(
    rules: EntryRules, from source: EntryPlace, to destination: EntryPlace, isOperand: Bool,
    sourcePath: @escaping () -> PathBytes, destinationPath: @escaping () -> PathBytes
  ) {
    self.rules = rules
    self.source = source
    self.destination = destination
    self.isOperand = isOperand
    self.sourcePath = sourcePath
    self.destinationPath = destinationPath
  }

  var options: TreeOptions { rules.options }
  var followsNoLink: Bool { rules.followsNoLink(ofOperand: isOperand) }
  private var followsSource: Bool { rules.followsLinks(ofOperand: isOperand) }

  // MARK: From the names

  /// - Parameters:
  ///   - opened: the source, where it is open already; closed if it is not handed on by `.opened`.
  ///   - status: the source's, where it is known.
  func begin(_ known: FileStatus? = nil, source opened: FileDescriptor? = nil) -> Outcome {
    sourceDescriptor = opened
    let outcome = decide(known)
    if case .opened = outcome { return outcome }
    if case .made(.kept) = outcome { events.append(.kept(destinationPath())) }
    closeBoth()
    if case .failed = outcome { putBack() }
    return outcome
  }

  private func decide(_ known: FileStatus?) -> Outcome {
    if let known {
      status = known
    } else {
      switch source.status(followsLink: followsSource) {
      case .success(let found): status = found
      case .failure(let errno): return fail(errno, .status, sourcePath())
      }
    }
    if status.type == .directory { return .directory }
    if let outcome = lookAtDestination() { return outcome }
    if existing != nil, let outcome = judgeExisting() { return outcome }
    // Before anything is put aside: what cannot be read costs nobody an existing file.
    let failure = isRead ? openSource() : nil
    if failure == nil, let outcome = clearTheWay() { return outcome }
    events.append(.copied(from: sourcePath(), to: destinationPath(), backup: backup.map(backupPath)))
    if let failure { return failure }
    guard rules.tracksLinks(of: status, ofOperand: isOperand) else { return make() }
    return rules.history.whileMaking { linkToEarlier() ?? make() }
  }

  /// Whether its contents are to be copied.
  private var isRead: Bool {
    switch options.product {
    case .hardLink, .symbolicLink: false
    case .copy, .attributes:
      status.type == .regular || status.type != .symbolicLink && rules.readsSpecialFiles
    }
  }

  private func lookAtDestination() -> Outcome? {
    // A file may be written through a symbolic link; anything else would take the link's place.
    let isWrittenThrough =
      isRead && rules.writesThroughLinks && options.backup == nil && !options.removesExisting
    switch destination.status(followsLink: isWrittenThrough) {
    case .success(let found): existing = found
    case .failure(.noSuchFileOrDirectory): break
    case .failure(.tooManySymbolicLinkLevels) where options.existing == .replaceIfNeeded: isLoop = true
    case .failure(let errno): return fail(errno, .status, destinationPath())
    }
    return nil
  }

  private func openSource() -> Outcome? {
    if sourceDescriptor == nil {
      // Lest it be a FIFO by now, or one that nobody writes to.
      switch source.open(O_RDONLY | O_NONBLOCK | (followsSource ? 0 : O_NOFOLLOW)) {
      case .success(let opened): sourceDescriptor = opened
      case .failure(let errno): return fail(errno, .open, sourcePath())
      }
      switch FileStatus.of(sourceDescriptor!) {
      case .success(let opened):
        guard opened.isSameFile(as: status) else {
          return .failed(FileIOError(.replacedMeanwhile, during: .copy, path: sourcePath()))
        }
        // Of a FIFO the writer, who waited for this, may have changed the times by now.
        if opened.type == .regular { status = opened }
      case .failure(let errno): return fail(errno, .status, sourcePath())
      }
    }
    if status.type == .regular { SystemCall.clearNonBlocking(sourceDescriptor!) }
    return nil
  }

  // MARK: Making

  private func make() -> Outcome {
    switch options.product {
    case .symbolicLink: return makeSymbolicLink()
    case .hardLink: return makeHardLink()
    case .copy, .attributes: break
    }
    if isRead { return openDestination() }
    return status.type == .symbolicLink ? copyLink() : makeNode()
  }

  /// The destination becomes another name of what an earlier name of the source was copied to.
  private func linkToEarlier() -> Outcome? {
    let identity = FileIdentity(status)
    guard let copy = rules.history.copy(of: identity) else {
      rules.history.remember(destinationPath(), as: nil, copyOf: identity)
      isFirstOfLinks = true
      return nil
    }
    return link(to: copy, of: identity)
  }

  func link(to copy: CopyHistory.Copy, of identity: FileIdentity) -> Outcome {
    let earlier = EntryPlace(directory: .workingDirectory, name: FileName(copy.path))
    if let errno = LongPath.open(copy.path, { link(from: $0 ?? earlier, followsLink: false, replaces: true) })
    {
      return .failed(FileIOError(errno, during: .createHardLink, path: destinationPath()).from(copy.path))
    }
    if let expected = copy.identity, case .success(let made) = destination.status(followsLink: false),
      FileIdentity(made) != expected
    {
      // Somebody has given the earlier copy's name to something else.
      _ = destination.remove()
      return .failed(
        FileIOError(.staleNFSFileHandle, during: .createHardLink, path: destinationPath()).from(copy.path))
    }
    rules.history.remember(destinationPath(), forCopyOf: identity)
    return .made(.hardLink)
  }

  private func openDestination() -> Outcome {
    if existing != nil || isLoop, let outcome = openExisting() { return outcome }
    if destinationDescriptor == nil, let outcome = create() { return outcome }
    switch FileStatus.of(destinationDescriptor!) {
    case .success(let opened): destinationStatus = opened
    case .failure(let errno): return fail(errno, .status, destinationPath())
    }
    if !isCreated, let outcome = truncate() { return outcome }
    rememberIdentity(destinationStatus!)
    guard options.product == .attributes else { return .opened }
    applyMetadata()
    return .made(.file)
  }

  /// - Returns: `nil` where it is open, or where there is none after all.
  private func openExisting() -> Outcome? {
    if !rules.writesThroughLinks, existing?.type != .regular {
      return .failed(FileIOError(.notRegular, during: .create, path: destinationPath()))
    }
    switch openForWriting() {
    case .success(let opened):
      destinationDescriptor = opened
      return nil
    case .failure(.noSuchFileOrDirectory): return nil
    case .failure(let errno):
      guard options.existing == .replaceIfNeeded else { return fail(errno, .create, destinationPath()) }
      return removeExisting()
    }
  }

  /// How often a FIFO that nobody reads yet is tried again, in milliseconds: `open` has no other way to wait that
  /// can be interrupted.
  private static let readerPollMilliseconds: CInt = 20

  private func openForWriting() -> Result<FileDescriptor, Errno> {
    let follows = rules.writesThroughLinks ? 0 : O_NOFOLLOW
    guard let existing, existing.type != .regular else { return destination.open(O_WRONLY | follows) }
    while true {
      let opened = destination.open(O_WRONLY | O_NONBLOCK)
      guard case .failure(.noSuchAddressOrDevice) = opened, existing.type == .fifo else { return opened }
      if rules.cancellation.isCancelled { return .failure(.canceled) }
      SystemCall.wait(for: rules.cancellation.wakeUpDescriptor(), milliseconds: Self.readerPollMilliseconds)
    }
  }

  private func create() -> Outcome? {
    let permissions = status.mode & 0o777
    omitted = rules.omitted(from: permissions, isDirectory: false)
    // Needed to open a large file a second time for direct transfers, and to give a file extended attributes.
    surplus = ~permissions & 0o200
    let mode = permissions & ~omitted | surplus
    switch destination.open(O_WRONLY | O_CREAT | O_EXCL, permissions: mode) {
    case .success(let made):
      destinationDescriptor = made
      isCreated = true
      return nil
    case .failure(.fileExists) where isDanglingLink:
      guard rules.followsDanglingLinks else {
        return .failed(FileIOError(.danglingSymlink, during: .create, path: destinationPath()))
      }
      switch destination.open(O_WRONLY | O_CREAT, permissions: mode) {
      case .success(let made):
        destinationDescriptor = made
        return nil
      case .failure(let errno): return fail(errno, .create, destinationPath())
      }
    case .failure(let errno): return fail(errno, .create, destinationPath())
    }
  }

  private var isDanglingLink: Bool {
    guard case .success(let found) = destination.status(followsLink: false) else { return false }
    return found.type == .symbolicLink
  }

  /// Only after the open file was compared with the source: the name may lead elsewhere by now.
  private func truncate() -> Outcome? {
    let opened = destinationStatus!
    guard opened.type == .regular else {
      guard rules.writesThroughLinks else {
        return .failed(FileIOError(.notRegular, during: .create, path: destinationPath()))
      }
      return nil
    }
    if opened.isSameFile(as: status) {
      return .failed(FileIOError(.sameFile, during: .copy, path: destinationPath()).from(sourcePath()))
    }
    guard options.product == .copy else { return nil }
    let answer = SystemCall.truncate(destinationDescriptor!, to: 0)
    return answer < 0 ? fail(Errno(rawValue: CInt(-answer)), .truncate, destinationPath()) : nil
  }

  /// So that its further names can be told from somebody else's.
  func rememberIdentity(_ made: FileStatus) {
    guard isFirstOfLinks else { return }
    rules.history.remember(destinationPath(), as: FileIdentity(made), copyOf: FileIdentity(status))
  }

  // MARK: The end

  /// When the contents are complete, and before the destination is closed.
  func applyMetadata() {
    let copy = MetadataCopy(
      preserved: options.preserved, ignoresPermissions: options.ignoresPermissions, kind: .file,
      source: FileMetadata(sourceDescriptor!, at: source), status: status,
      destination: FileMetadata(destinationDescriptor!, at: destination),
      destinationStatus: destinationStatus,
      isNew: isCreated, omitted: omitted, surplus: surplus, sourcePath: sourcePath, path: destinationPath)
    failures += copy.apply()
  }

  /// Of a link or special file that was just made.
  func applyMetadata(_ kind: MetadataCopy.Kind, _ preserved: PreservedMetadata) {
    let copy = MetadataCopy(
      preserved: preserved, ignoresPermissions: options.ignoresPermissions, kind: kind,
      source: FileMetadata(source),
      status: status, destination: FileMetadata(destination),
      destinationStatus: try? destination.status(followsLink: false).get(), isNew: true, omitted: omitted,
      sourcePath: sourcePath, path: destinationPath)
    failures += copy.apply()
  }

  /// Both descriptors are somebody else's to close from now on.
  func handOver() {
    (sourceDescriptor, destinationDescriptor) = (nil, nil)
  }

  /// The contents could not be copied, and a destination that was created is removed by now.
  func giveUp() { putBack() }

  private func putBack() {
    if isFirstOfLinks {
      isFirstOfLinks = false
      for name in rules.history.forget(copyOf: FileIdentity(status)) {
        // What was linked meanwhile is as incomplete as the copy itself.
        let place = EntryPlace(directory: .workingDirectory, name: FileName(name))
        _ = LongPath.open(name) { ($0 ?? place).remove() }
        failures.append(FileIOError(.firstLinkFailed, during: .createHardLink, path: name))
      }
    }
    guard let backup else { return }
    let answer = SystemCall.rename(
      destination.directory, backup, destination.directory, destination.name, replaces: true)
    if let errno = EntryPlace.errno(answer) {
      failures.append(FileIOError(errno, during: .restoreBackup, path: destinationPath()))
    } else {
      events.append(.restored(backup: backupPath(backup), to: destinationPath()))
    }
    self.backup = nil
  }

  private func closeBoth() {
    for descriptor in [sourceDescriptor, destinationDescriptor].compactMap({ $0 }) {
      _ = SystemCall.close(descriptor)
    }
    handOver()
  }

  // MARK: For the parts

  func fail(_ errno: Errno, _ activity: FileIOError.Activity, _ path: PathBytes) -> Outcome {
    .failed(FileIOError(errno, during: activity, path: path))
  }

  func tell(_ event: TreeEvent) { events.append(event) }

  func setOmitted(_ bits: UInt16) { omitted = bits }

  func setBackup(_ name: FileName) { backup = name }

  /// A backup's path, as the destination's is told.
  private func backupPath(_ name: FileName) -> PathBytes {
    destinationPath().sibling(name.bytes.lastComponent)
  }
}
