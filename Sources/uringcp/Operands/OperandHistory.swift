import UringIO

/// What this run's operands have been copied to, so that none of them destroys the copy of an earlier one.
///
/// The rules are cp's: a source that is named twice is copied once, with a warning; a directory joins one that an
/// earlier operand made; nothing else is written over what this run made, or through a link that stands where it
/// wrote. Backups make some of this unnecessary. Only copies into one directory can meet each other.
struct OperandHistory {
  enum Verdict: Equatable {
    case copy
    /// Nothing to do; a warning.
    case skip(String)
    case refuse(String)
  }

  /// A source, and the name its copy gets: cp tells hard links of different names or places apart.
  private struct Source: Hashable {
    var file: FileIdentity
    var directory: FileIdentity?
    var name: PathBytes
  }

  /// A directory, and where its copy is.
  private struct Directory: Hashable {
    var file: FileIdentity
    var copyParent: FileIdentity?
    var copyName: PathBytes
  }

  private struct Made: Hashable {
    var file: FileIdentity
    var name: PathBytes
  }

  private let options: TreeOptions
  private let isRecursive: Bool
  private var sources: Set<Source> = []
  private var directories: Set<Directory> = []
  private var made: Set<Made> = []

  init(_ arguments: Arguments) {
    options = arguments.copy
    isRecursive = arguments.isRecursive
  }

  // MARK: Before a copy

  /// Whether the pair may be copied now. Sources that are not there are the copy's to report.
  mutating func judge(_ pair: OperandPair) -> Verdict {
    guard let source = standing(pair.source, followsLink: followsSource) else { return .copy }
    let quoted = ShellQuoting.quote(pair.source)
    if source.type == .directory {
      guard isRecursive else { return .copy }
      if directories.contains(directory(source, pair)) {
        return .skip("warning: source directory \(quoted) specified more than once")
      }
      // --keep-directory-symlink goes through links that were there, not through one that an operand has just brought.
      if options.keepsDirectoryLinks, let link = standing(pair.destination, followsLink: false),
        link.type == .symbolicLink, made.contains(Made(file: link.identity, name: pair.destination))
      {
        return .refuse(
          "cannot overwrite non-directory \(ShellQuoting.quote(pair.destination)) with directory \(quoted)")
      }
      return .copy
    }
    if options.backup == nil {
      let key = Source(
        file: source.identity, directory: standing(pair.source.parent, followsLink: true)?.identity,
        name: pair.source.lastComponent)
      guard sources.insert(key).inserted else {
        return .skip("warning: source file \(quoted) specified more than once")
      }
    }
    return judgeDestination(pair, source)
  }

  private func judgeDestination(_ pair: OperandPair, _ source: FileStatus) -> Verdict {
    if let existing = standing(pair.destination, followsLink: writesThroughLink(source)) {
      // The copy's own affairs: it is left alone, it is the source itself, or it is in the way.
      if keeps(existing, source) || existing.identity == source.identity || existing.type == .directory {
        return .copy
      }
      if options.backup?.naming != .numbered,
        made.contains(Made(file: existing.identity, name: pair.destination))
      {
        return .refuse(
          "will not overwrite just-created \(ShellQuoting.quote(pair.destination)) with "
            + ShellQuoting.quote(pair.source))
      }
    }
    if options.backup == nil, let link = standing(pair.destination, followsLink: false),
      link.type == .symbolicLink, made.contains(Made(file: link.identity, name: pair.destination))
    {
      return .refuse(
        "will not copy \(ShellQuoting.quote(pair.source)) through just-created symlink "
          + ShellQuoting.quote(pair.destination))
    }
    return .copy
  }

  private var followsSource: Bool { options.followedLinks != .none }

  /// Whether the copy is written to what a link in its place leads to, rather than put into the link's place.
  private func writesThroughLink(_ source: FileStatus) -> Bool {
    let isWritten = source.type == .regular || options.readsSpecialFiles && source.type != .symbolicLink
    return isWritten && !options.removesExisting && options.backup == nil
      && options.product != .hardLink && options.product != .symbolicLink
  }

  private func keeps(_ existing: FileStatus, _ source: FileStatus) -> Bool {
    switch options.update {
    case .all: false
    case .none, .noneFail: true
    case .older:
      !source.isNewer(than: existing)
    }
  }

  // MARK: After it

  /// Remembers what was made of the pair.
  ///
  /// - Parameter isCopied: whether it was copied, or linked, in full.
  mutating func tried(_ pair: OperandPair, isCopied: Bool) {
    guard let made = standing(pair.destination, followsLink: false) else { return }
    if isCopied { self.made.insert(Made(file: made.identity, name: pair.destination)) }
    if isRecursive, let source = standing(pair.source, followsLink: followsSource), source.type == .directory,
      standing(pair.destination, followsLink: true)?.type == .directory
    {
      directories.insert(directory(source, pair))
    }
  }

  private func directory(_ source: FileStatus, _ pair: OperandPair) -> Directory {
    Directory(
      file: source.identity, copyParent: standing(pair.destination.parent, followsLink: true)?.identity,
      copyName: pair.destination.lastComponent)
  }

  // MARK: Asking the kernel

  private func standing(_ path: PathBytes, followsLink: Bool) -> FileStatus? {
    try? FileStatus.of(path, followsLink: followsLink).get()
  }
}
