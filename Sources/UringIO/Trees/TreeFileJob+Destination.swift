import SystemPackage

/// Creating the copy, or finding out what is in its way.
extension TreeFileJob {
  func create(_ status: FileStatus) -> Step {
    let permissions = status.mode & 0o777
    omitted = route.rules.omitted(from: permissions, isDirectory: false)
    // The owner's right to write is needed to open a large file a second time for direct transfers, and to give it
    // extended attributes.
    let writesLater = isForLargeWay(status) || route.options.preserved.contains(.extendedAttributes)
    surplus = writesLater ? ~permissions & 0o200 : 0
    state = .creating
    return .perform(
      .createFile(directories.destination, name, .exclusive, permissions: permissions & ~omitted | surplus))
  }

  func created(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(let descriptor):
      destination = FileDescriptor(rawValue: CInt(descriptor))
      isCreated = true
      return fill(buffer)
    // What is there, or whether the directory may be looked into at all, its name tells.
    case .failed(.fileExists), .failed(.permissionDenied): return decide()
    case .failed(let errno): return fail(errno, during: .create, path: destinationPath)
    }
  }

  // MARK: Deciding

  /// Leaves the rest to cp's rules, until both files are open or the entry is made.
  func decide() -> Step {
    let (node, name, route) = (node, name, route)
    let entry = EntryCopy(
      rules: route.rules, from: EntryPlace(directory: directories.source, name: name),
      to: EntryPlace(directory: directories.destination, name: name), isOperand: false,
      sourcePath: { node.path(below: route.sourceRoot).appending(name.bytes) },
      destinationPath: { node.path(below: route.destinationRoot).appending(name.bytes) })
    self.entry = entry
    state = .deciding
    let (opened, known) = (source, status)
    source = nil
    isAnnounced = false
    return .performInline(
      .entry(EntryWork { self.outcome = entry.begin(opened == nil ? nil : known, source: opened) }))
  }

  func decided(_ buffer: BufferSlice) -> Step {
    let entry = entry!
    switch outcome! {
    case .made(let made):
      kind = .made(made)
      return finish()
    case .directory:
      kind = .directory
      return finish()
    case .failed(let error):
      failure = error
      return finish()
    case .opened:
      (source, destination) = (entry.sourceDescriptor, entry.destinationDescriptor)
      (status, destinationStatus) = (entry.status, entry.destinationStatus)
      (isCreated, omitted, surplus) = (entry.isCreated, entry.omitted, entry.surplus)
      entry.handOver()
      return fill(buffer)
    }
  }

  // MARK: Metadata

  /// What is left to give to a copy that has its contents; `nil`: nothing.
  var metadata: MetadataCopy? {
    guard route.rules.setsMetadata || omitted | surplus != 0, let source, let destination else { return nil }
    return MetadataCopy(
      preserved: route.options.preserved, ignoresPermissions: route.options.ignoresPermissions, kind: .file,
      source: FileMetadata(source, at: EntryPlace(directory: directories.source, name: name)),
      status: status!,
      destination: FileMetadata(destination, at: EntryPlace(directory: directories.destination, name: name)),
      destinationStatus: destinationStatus, isNew: isCreated, omitted: omitted, surplus: surplus,
      sourcePath: { [self] in sourcePath }, path: { [self] in destinationPath })
  }

  func preserve(_ metadata: MetadataCopy) -> Step {
    isPreserved = true
    state = .preserving
    return .performInline(.entry(EntryWork { self.furtherFailures += metadata.apply() }))
  }
}
