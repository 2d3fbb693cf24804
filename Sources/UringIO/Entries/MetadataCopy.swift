import SystemPackage

/// Gives a copy its source's metadata, in the order in which nothing undoes what was done before: times, owner,
/// extended attributes, permissions.
///
/// What cannot be given is a failure of its own: the copy's contents are complete, and stay.
struct MetadataCopy {
  /// Which directory entry it is about: what applies differs.
  enum Kind { case file, directory, symbolicLink, special }

  let preserved: PreservedMetadata
  let ignoresPermissions: Bool
  let kind: Kind
  let source: FileMetadata
  /// The source's, from before it was read.
  let status: FileStatus
  let destination: FileMetadata
  /// The destination's, from when it was opened or made; `nil` where nobody asked.
  let destinationStatus: FileStatus?
  let isNew: Bool
  /// Permission bits that were left out when it was made, for it was not complete.
  var omitted: UInt16 = 0
  /// Permission bits that were added, to be able to fill it.
  var surplus: UInt16 = 0
  /// Whether set-user-ID and set-group-ID bits are given whoever the owner is.
  var keepsSpecialBits = false
  let sourcePath: () -> PathBytes
  let path: () -> PathBytes

  /// - Returns: what could not be done.
  func apply() -> [FileIOError] {
    var failures: [FileIOError] = []
    func note(_ errno: Errno?, _ activity: FileIOError.Activity) {
      if let errno { failures.append(FileIOError(errno, during: activity, path: path())) }
    }
    if preserved.contains(.timestamps) {
      note(destination.setTimes(of: status), .preserveTimes)
      // As cp: who may not do this is not given more of the file.
      if !failures.isEmpty { return failures }
    }
    var mode = status.mode
    if preserved.contains(.ownership), needsOwner {
      switch setOwner() {
      case .done: break
      // Nobody else's program gets the rights of the wrong owner.
      case .notPermitted: mode &= keepsSpecialBits ? 0o7777 : 0o777
      case .failed(let errno, let activity):
        note(errno, activity)
        return failures
      }
    }
    if preserved.contains(.extendedAttributes) { failures += copyAttributes() }
    guard kind != .symbolicLink else { return failures }
    if preserved.contains(.permissions) {
      note(copyPermissions(mode), .preservePermissions)
    } else {
      note(setPermissions(), .preservePermissions)
    }
    return failures
  }

  // MARK: Owner

  private enum OwnerOutcome {
    case done
    /// This process may not, and nobody expects it to.
    case notPermitted
    case failed(Errno, FileIOError.Activity)
  }

  private var needsOwner: Bool {
    guard let existing = destinationStatus else { return true }
    return existing.user != status.user || existing.group != status.group
  }

  private func setOwner() -> OwnerOutcome {
    if !isNew, kind != .symbolicLink, preserved.contains(.permissions), let existing = destinationStatus {
      // Neither the old owner's permissions for the new owner, nor the new one's for the old.
      if let errno = setPlainMode(existing.mode & status.mode & 0o700) {
        return errno == .notPermitted && !SystemCall.isPrivileged
          ? .notPermitted : .failed(errno, .clearPermissions)
      }
    }
    guard let errno = destination.setOwner(user: status.user, group: status.group) else { return .done }
    guard errno == .notPermitted || errno == .invalidArgument else {
      return .failed(errno, .preserveOwnership)
    }
    // The group alone may be one of this process's.
    if kind != .symbolicLink { _ = destination.setOwner(user: nil, group: status.group) }
    return SystemCall.isPrivileged ? .failed(errno, .preserveOwnership) : .notPermitted
  }

  // MARK: Permissions

  private func setPermissions() -> Errno? {
    if ignoresPermissions, isNew {
      let whole: UInt16 = kind == .directory || status.type == .socket ? 0o777 : 0o666
      return setPlainMode(whole & ~SystemCall.fileModeCreationMask)
    }
    guard omitted | surplus != 0 else { return nil }
    if kind == .file { return destination.setMode(status.mode & 0o777 & ~SystemCall.fileModeCreationMask) }
    guard let made = destinationStatus else { return nil }
    let mode = made.mode & ~surplus | omitted & ~SystemCall.fileModeCreationMask
    return mode == made.mode ? nil : destination.setMode(mode)
  }

  /// Mode bits and nothing beside them; but as in cp, where there are access control lists, special bits that the
  /// destination has stay if none are given.
  private func setPlainMode(_ mode: UInt16) -> Errno? {
    let list = destination.attribute(Self.accessList)
    if case .success = list { _ = destination.removeAttribute(Self.accessList) }
    guard mode & 0o7000 == 0, !isNew || kind == .directory, list != .failure(.notSupported),
      let current = destination.mode, current & 0o7000 != 0
    else { return destination.setMode(mode) }
    return destination.setMode(mode | current & 0o7000)
  }

  /// The mode bits, and with them the access control lists, of which they show a part.
  private func copyPermissions(_ mode: UInt16) -> Errno? {
    if kind == .directory, let errno = copyDefaultList() { return errno }
    switch source.attribute(Self.accessList) {
    case .success(let list) where !list.isEmpty:
      if let errno = destination.setAttribute(Self.accessList, list) {
        // Where there are no lists, at least the part of it that the mode shows.
        if errno == .notSupported { _ = destination.setMode(mode) }
        return errno
      }
      return mode & 0o7000 == 0 ? nil : destination.setMode(mode)
    default: return setPlainMode(mode)
    }
  }

  private func copyDefaultList() -> Errno? {
    if case .success(let list) = source.attribute(Self.defaultList), !list.isEmpty {
      return destination.setAttribute(Self.defaultList, list)
    }
    removeList(Self.defaultList)
    return nil
  }

  /// A list of its parent's making, or an older one.
  private func removeList(_ list: FileName) {
    if case .success = destination.attribute(list) { _ = destination.removeAttribute(list) }
  }

  private static let accessList = FileName(PathBytes(Array("system.posix_acl_access".utf8)))
  static let defaultList = FileName(PathBytes(Array("system.posix_acl_default".utf8)))

  // MARK: Extended attributes

  /// What belongs to the permissions, or to the file system, and is not a copy's to have (attr's xattr.conf).
  private static let skippedPrefixes = [
    "system.posix_acl_", "system.nfs4_acl", "system.nfs4acl", "system.richacl", "trusted.SGI_", "xfsroot.",
    "security.evm",
    "security.selinux", "afs.", "user.Beagle.",
  ].map { Array($0.utf8) }

  private func copyAttributes() -> [FileIOError] {
    let isStrict = preserved.contains(.allExtendedAttributes)
    let isTold = preserved.contains(.toldExtendedAttributes)
    var failures: [FileIOError] = []
    func note(_ errno: Errno, _ name: FileName?, _ path: PathBytes) {
      guard isStrict || isTold && errno != .notSupported else { return }
      var failure = FileIOError(errno, during: .preserveAttribute, path: path)
      failure.attribute = name?.bytes
      failure.isWarning = !isStrict
      failures.append(failure)
    }
    let names: [FileName]
    switch source.attributes() {
    case .success(let found): names = found
    // A file system without any has none to preserve.
    case .failure(.notSupported), .failure(.noFunction): return []
    case .failure(let errno):
      note(errno, nil, sourcePath())
      return failures
    }
    for name in names where !Self.skippedPrefixes.contains(where: { name.bytes.bytes.starts(with: $0) }) {
      switch source.attribute(name) {
      case .failure(.noAttribute): continue
      case .failure(let errno): note(errno, name, sourcePath())
      case .success(let value):
        switch destination.setAttribute(name, value) {
        case nil: break
        case .notSupported?:
          note(.notSupported, nil, path())
          return failures
        case let errno?: note(errno, name, path())
        }
      }
    }
    return failures
  }
}
