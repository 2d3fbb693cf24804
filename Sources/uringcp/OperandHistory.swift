import UringIO

/// What this run's operands have been copied to, so that none of them destroys the copy of an earlier one.
///
/// The rules are cp's: a source that is named twice is copied once, with a warning; a directory joins one that an
/// earlier operand made; nothing else is written over what this run created, or through a link that it created.
struct OperandHistory {
  enum Verdict: Equatable {
    case copy
    /// Nothing to do; a warning.
    case skip(String)
    case refuse(String)
  }

  /// A source, and the name its copy gets: cp tells hard links of different names or places apart.
  private struct Source: Hashable {
    let file: FileIdentity
    let directory: FileIdentity?
    let name: PathBytes
  }

  private let isRecursive: Bool
  /// `-n`: nothing is written over anyway.
  private let keepsExisting: Bool
  private var files: Set<Source> = []
  private var directories: Set<Source> = []
  private var written: Set<FileIdentity> = []
  private var links: Set<FileIdentity> = []

  init(isRecursive: Bool, keepsExisting: Bool) {
    self.isRecursive = isRecursive
    self.keepsExisting = keepsExisting
  }

  /// Whether `source` may be copied to `destination` now. Sources that are not there are the copy's to report.
  mutating func judge(_ source: PathBytes, to destination: PathBytes) -> Verdict {
    guard let status = Self.status(source, followsLink: !isRecursive) else { return .copy }
    let isDirectory = status.type == .directory
    // Left out each time, with the copy's own message.
    if isDirectory, !isRecursive { return .copy }
    let key = Source(
      file: FileIdentity(status),
      // A directory is the same by whatever way it is reached.
      directory: isDirectory
        ? nil : Self.status(source.parent, followsLink: true).map(FileIdentity.init),
      name: source.lastComponent)
    if isDirectory {
      guard !directories.insert(key).inserted else { return .copy }
      return .skip("warning: source directory \(ShellQuoting.quote(source)) specified more than once")
    }
    guard files.insert(key).inserted else {
      return .skip("warning: source file \(ShellQuoting.quote(source)) specified more than once")
    }
    return judgeOverwriting(destination, with: source, isRegular: status.type == .regular)
  }

  private func judgeOverwriting(
    _ destination: PathBytes, with source: PathBytes, isRegular: Bool
  ) -> Verdict {
    guard !keepsExisting, let existing = Self.status(destination, followsLink: false) else { return .copy }
    let quotedSource = ShellQuoting.quote(source)
    let quotedDestination = ShellQuoting.quote(destination)
    if isRegular || !isRecursive, links.contains(FileIdentity(existing)) {
      return .refuse("will not copy \(quotedSource) through just-created symlink \(quotedDestination)")
    }
    let target = isRegular || !isRecursive ? Self.status(destination, followsLink: true) : existing
    guard let target, target.type != .directory, written.contains(FileIdentity(target)) else {
      return .copy
    }
    return .refuse("will not overwrite just-created \(quotedDestination) with \(quotedSource)")
  }

  /// Remembers what a copy that succeeded made.
  mutating func copied(_ source: PathBytes, to destination: PathBytes) {
    guard let made = Self.status(destination, followsLink: false) else { return }
    guard made.type == .symbolicLink else {
      if made.type != .directory { written.insert(FileIdentity(made)) }
      return
    }
    // A link that was there was written through; one that is a link's copy is itself what was made.
    let sourceType = Self.status(source, followsLink: !isRecursive)?.type
    if sourceType == .symbolicLink {
      links.insert(FileIdentity(made))
      written.insert(FileIdentity(made))
    } else if let target = Self.status(destination, followsLink: true) {
      written.insert(FileIdentity(target))
    }
  }

  // MARK: Asking the kernel

  private static func status(_ path: PathBytes, followsLink: Bool) -> FileStatus? {
    try? FileStatus.of(path, followsLink: followsLink).get()
  }
}

extension PathBytes {
  /// The directory of the last component; "." where only that is given.
  fileprivate var parent: PathBytes {
    let end = bytes.lastIndex { $0 != UInt8(ascii: "/") } ?? bytes.startIndex
    guard let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) else {
      return PathBytes([UInt8(ascii: bytes.first == UInt8(ascii: "/") ? "/" : ".")])
    }
    return PathBytes(Array(bytes[...slash]))
  }
}
