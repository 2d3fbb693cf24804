import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is not copied by its contents: links, further names, FIFOs, devices and sockets.
extension EntryCopy {
  // MARK: Symbolic links

  /// `-s`.
  func makeSymbolicLink() -> Outcome {
    let target = sourcePath()
    if target.bytes.first != UInt8(ascii: "/"), !isInWorkingDirectory {
      return .failed(FileIOError(.relativeLinkElsewhere, during: .createLink, path: destinationPath()))
    }
    if let errno = symlink(to: FileName(target)) {
      return .failed(FileIOError(errno, during: .createLink, path: destinationPath()).from(target))
    }
    applyMetadata(.symbolicLink, options.preserved.intersection(.timestamps))
    return .made(.link)
  }

  private var isInWorkingDirectory: Bool {
    let parent = EntryPlace(directory: destination.directory, name: FileName(destination.name.bytes.parent))
    guard
      case .success(let here) = EntryPlace(directory: .workingDirectory, name: .current).status(
        followsLink: true),
      case .success(let there) = parent.status(followsLink: true)
    else { return true }
    return here.isSameFile(as: there)
  }

  /// A copy of a link is a link to the same place.
  func copyLink() -> Outcome {
    let target: FileName
    switch Self.target(of: source) {
    case .success(let found): target = found
    case .failure(let errno): return fail(errno, .readLink, sourcePath())
    }
    if let errno = symlink(to: target) {
      let isThere =
        options.update == .older && existing?.type == .symbolicLink
        && (try? Self.target(of: destination).get().bytes) == target.bytes
      guard isThere else { return fail(errno, .createLink, destinationPath()) }
    }
    if case .success(let made) = destination.status(followsLink: false) { rememberIdentity(made) }
    if rules.setsMetadata { applyMetadata(.symbolicLink, options.preserved) }
    return .made(.link)
  }

  private static func target(of place: EntryPlace) -> Result<FileName, Errno> {
    // None is longer than a page.
    let capacity = 4097
    var bytes = [UInt8](repeating: 0, count: capacity)
    let count = bytes.withUnsafeMutableBytes { SystemCall.readLink(place.directory, place.name, $0) }
    if let errno = EntryPlace.errno(count) { return .failure(errno) }
    guard count < capacity else { return .failure(.fileNameTooLong) }
    return .success(FileName(PathBytes(Array(bytes.prefix(count)))))
  }

  private func symlink(to target: FileName) -> Errno? {
    replacing(options.existing == .replaceIfNeeded) { place in
      EntryPlace.errno(SystemCall.makeLink(target, place.directory, place.name))
    }
  }

  // MARK: Further names

  /// `-l`.
  func makeHardLink() -> Outcome {
    let replaces = options.existing == .replaceIfNeeded || rules.asks != nil
    let errno = link(from: source, followsLink: rules.followsLinks(ofOperand: isOperand), replaces: replaces)
    guard let errno else { return .made(.hardLink) }
    return .failed(FileIOError(errno, during: .createHardLink, path: destinationPath()).from(sourcePath()))
  }

  func link(from source: EntryPlace, followsLink: Bool, replaces: Bool) -> Errno? {
    replacing(replaces) { place in
      EntryPlace.errno(
        SystemCall.result(
          Int(
            linkat(
              source.directory.rawValue, source.name.address, place.directory.rawValue, place.name.address,
              followsLink ? AT_SYMLINK_FOLLOW : 0))))
    }
  }

  /// Makes a name; where there is one that may be replaced, under another name first, so that it is never missing.
  private func replacing(_ replaces: Bool, _ make: (EntryPlace) -> Errno?) -> Errno? {
    let errno = make(destination)
    guard errno == .fileExists, replaces else { return errno }
    while true {
      let unused = ".uringcp-" + String(UInt64.random(in: .min ... .max), radix: 36)
      let temporary = EntryPlace(
        directory: destination.directory,
        name: FileName(destination.name.bytes.sibling(PathBytes(Array(unused.utf8)))))
      switch make(temporary) {
      case .fileExists?: continue
      case let errno?: return errno
      case nil: break
      }
      let answer = SystemCall.rename(
        temporary.directory, temporary.name, destination.directory, destination.name, replaces: true)
      // Where both are names of one file, renaming has left both.
      _ = temporary.remove()
      return EntryPlace.errno(answer)
    }
  }

  // MARK: Special files

  func makeNode() -> Outcome {
    let activity: FileIOError.Activity = status.type == .fifo ? .createFIFO : .createSpecial
    setOmitted(rules.omitted(from: status.mode, isDirectory: false))
    let answer = SystemCall.makeNode(
      destination.directory, destination.name,
      mode: UInt32(status.type.modeBits) | UInt32(status.mode & ~omitted),
      device: status.rawDevice)
    if let errno = EntryPlace.errno(answer) { return fail(errno, activity, destinationPath()) }
    if case .success(let made) = destination.status(followsLink: false) { rememberIdentity(made) }
    if rules.setsMetadata { applyMetadata(.special, options.preserved) }
    return .made(.special)
  }
}

/// Paths longer than the kernel takes at once.
enum LongPath {
  private static let byteCountMax = 4095

  /// Calls `body` with the path's place: `nil` where the path may be used as it is, otherwise its last part in a
  /// directory that is opened for the call.
  static func open(_ path: PathBytes, _ body: (EntryPlace?) -> Errno?) -> Errno? {
    guard path.bytes.count > byteCountMax else { return body(nil) }
    var directory = FileDescriptor.workingDirectory
    var rest = path.bytes[...]
    defer { if directory != .workingDirectory { _ = SystemCall.close(directory) } }
    while rest.count > byteCountMax {
      guard let slash = rest.prefix(byteCountMax).lastIndex(of: UInt8(ascii: "/")) else {
        return .fileNameTooLong
      }
      let part = EntryPlace(directory: directory, name: FileName(PathBytes(Array(rest[..<slash]))))
      switch part.open(O_RDONLY | O_DIRECTORY) {
      case .failure(let errno): return errno
      case .success(let opened):
        if directory != .workingDirectory { _ = SystemCall.close(directory) }
        directory = opened
      }
      rest = rest[(slash + 1)...].drop { $0 == UInt8(ascii: "/") }
    }
    return body(EntryPlace(directory: directory, name: FileName(PathBytes(Array(rest)))))
  }
}
