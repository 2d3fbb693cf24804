import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What becomes of a file that has the destination's name.
extension EntryCopy {
  /// - Returns: `nil` where it may be replaced.
  func judgeExisting() -> Outcome? {
    let existing = existing!
    var isOver = false
    if !rules.keepsExisting {
      switch sameFileVerdict(existing) {
      case .different: break
      case .nothingToDo: isOver = true
      case .refused:
        return .failed(FileIOError(.sameFile, during: .copy, path: destinationPath()).from(sourcePath()))
      }
    }
    if options.update == .older, isUpToDate(existing) {
      return rules.tracksLinks(of: status, ofOperand: isOperand) ? keepAsFirstOfLinks() : .made(.kept)
    }
    if options.update == .noneFail {
      return .failed(FileIOError(.notReplacing, during: .copy, path: destinationPath()))
    }
    if rules.keepsExisting || !mayOverwrite(existing) { return .made(.kept) }
    if isOver { return .made(.kept) }
    if existing.type == .directory {
      return .failed(FileIOError(.otherOverDirectory, during: .create, path: destinationPath()))
    }
    return nil
  }

  private func isUpToDate(_ existing: FileStatus) -> Bool {
    if !status.isNewer(than: existing) { return true }
    if existing.modifiedSeconds != status.modifiedSeconds { return false }
    // A file system of whole seconds has cut off what an earlier copy preserved.
    return options.preserved.contains(.timestamps) && existing.modifiedNanoseconds == 0
  }

  /// One that is new enough stands for its source: further names of that become names of this.
  private func keepAsFirstOfLinks() -> Outcome {
    rules.history.whileMaking {
      let identity = FileIdentity(status)
      if let copy = rules.history.copy(of: identity) { return link(to: copy, of: identity) }
      rules.history.remember(destinationPath(), as: existing.map { FileIdentity($0) }, copyOf: identity)
      return .made(.kept)
    }
  }

  private func mayOverwrite(_ existing: FileStatus) -> Bool {
    guard let asks = rules.asks else { return true }
    let isWritable =
      existing.type == .symbolicLink || SystemCall.isPrivileged
      || faccessat(destination.directory.rawValue, destination.name.address, W_OK, AT_EACCESS) == 0
    return asks(OverwriteQuestion(path: destinationPath(), isWritable: isWritable, mode: existing.mode))
  }

  // MARK: Out of the way

  /// Puts aside or removes what is not written into.
  func clearTheWay() -> Outcome? {
    guard let existing else { return nil }
    if let backup = options.backup, !sourcePath().isDots { return putAside(backup) }
    let isReplaced =
      options.removesExisting
      || options.product != .attributes
        && (options.preserved.contains(.links) && existing.linkCount > 1
          || followsNoLink && status.type != .regular)
    return isReplaced ? removeExisting() : nil
  }

  func removeExisting() -> Outcome? {
    if let errno = destination.remove() {
      guard errno == .noSuchFileOrDirectory else { return fail(errno, .remove, destinationPath()) }
    } else {
      tell(.removed(destinationPath()))
    }
    existing = nil
    return nil
  }

  private func putAside(_ backup: Backup) -> Outcome? {
    let path = destination.name.bytes
    let base = path.lastComponent
    let parent = EntryPlace(directory: destination.directory, name: FileName(path.parent))
    if backup.naming != .numbered, sourceIsBackup(of: base, with: backup.suffix, in: path.parent) {
      return .failed(
        FileIOError(.backupDestroysSource, during: .backUp, path: destinationPath()).from(sourcePath()))
    }
    var tried: PathBytes?
    while true {
      let chosen = backup.name(for: base, in: parent)
      // The directory cannot be listed, or there is no longer name.
      if chosen == tried { return fail(.fileExists, .backUp, destinationPath()) }
      tried = chosen
      let isNumbered =
        chosen.bytes != base.bytes + backup.suffix.bytes && chosen.bytes.last == UInt8(ascii: "~")
      let name = FileName(path.sibling(chosen))
      let answer = SystemCall.rename(
        destination.directory, destination.name, destination.directory, name, replaces: !isNumbered)
      switch EntryPlace.errno(answer) {
      case nil:
        setBackup(name)
        existing = nil
        return nil
      // Somebody else has made one of that number.
      case .fileExists? where isNumbered: continue
      case .noSuchFileOrDirectory?:
        existing = nil
        return nil
      case let errno?: return fail(errno, .backUp, destinationPath())
      }
    }
  }

  /// Whether the backup would take the source's place: `cp --backup=simple a~ a`.
  private func sourceIsBackup(of base: PathBytes, with suffix: PathBytes, in directory: PathBytes) -> Bool {
    guard sourcePath().lastComponent.bytes == base.bytes + suffix.bytes else { return false }
    let place = EntryPlace(
      directory: destination.directory,
      name: FileName(directory.appending(PathBytes(base.bytes + suffix.bytes))))
    guard case .success(let found) = place.status(followsLink: true) else { return false }
    return found.isSameFile(as: status)
  }
}
