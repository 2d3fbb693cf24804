import SystemPackage

/// One directory of a tree that is being copied. ``TreeCopySource`` guards everything that changes.
final class TreeNode: @unchecked Sendable {
  private(set) var parent: TreeNode?
  /// In the parent; the root's is its path.
  let name: FileName
  let listing: DirectoryListing
  let sourceIdentity: FileIdentity
  let destinationIdentity: FileIdentity
  /// To be given when everything inside is done; `nil`: nothing, or not any more.
  var ending: Ending?
  /// Whether new files in the copy get an access control list from it.
  let givesLists: Bool
  /// Whether the descriptors stay open until the end: `..` of a directory inside, reached by a symbolic link, may lead
  /// elsewhere.
  let staysOpen: Bool
  /// Its two descriptors; `nil` while there are too many others.
  var open: Pair?

  /// What is left to be dealt out.
  var nextFile = 0
  var nextDirectory = 0
  /// Jobs in flight that use the descriptors.
  var uses = 0
  /// Directories inside that are under way.
  var liveChildren = 0
  /// Whether a room has it for itself.
  var isTaken = false

  /// The metadata that a directory's copy gets at its end.
  struct Ending: Sendable {
    let status: FileStatus
    let destinationStatus: FileStatus
    let isNew: Bool
    let omitted: UInt16
    let surplus: UInt16
  }

  struct Pair: Sendable {
    let source: FileDescriptor
    let destination: FileDescriptor

    func close() {
      _ = SystemCall.close(source)
      _ = SystemCall.close(destination)
    }
  }

  init(
    parent: TreeNode?, name: FileName, listing: DirectoryListing, open: Pair, sourceIdentity: FileIdentity,
    destinationIdentity: FileIdentity, ending: Ending? = nil, givesLists: Bool = false,
    staysOpen: Bool = false
  ) {
    self.parent = parent
    self.name = name
    self.listing = listing
    self.open = open
    self.sourceIdentity = sourceIdentity
    self.destinationIdentity = destinationIdentity
    self.ending = ending
    self.givesLists = givesLists
    self.staysOpen = staysOpen
  }

  deinit {
    open?.close()
    // One after another: a chain of thousands would be freed by as deep a recursion.
    var next = parent
    parent = nil
    while isKnownUniquelyReferenced(&next) {
      let above = next?.parent
      next?.parent = nil
      next = above
    }
  }

  var hasFiles: Bool { nextFile < listing.files.count }
  var hasDirectories: Bool { nextDirectory < listing.directories.count }
  /// Nothing inside is left or under way.
  var isDone: Bool { !hasFiles && !hasDirectories && uses == 0 && liveChildren == 0 }
  /// Whether the descriptors may be closed for a while: a directory inside will open them again, by `..`.
  var canRest: Bool { open != nil && !staysOpen && uses == 0 && !hasFiles && liveChildren > 0 }
  /// Whether they will be needed.
  var needsDescriptors: Bool { hasFiles || hasDirectories || ending != nil }

  /// Opens the descriptors again from those of a directory inside, and makes sure they are the same directories.
  func reopen(from child: Pair) -> Errno? {
    switch Self.parent(of: child.source, if: sourceIdentity) {
    case .failure(let errno): return errno
    case .success(let source):
      switch Self.parent(of: child.destination, if: destinationIdentity) {
      case .failure(let errno):
        _ = SystemCall.close(source)
        return errno
      case .success(let destination):
        open = Pair(source: source, destination: destination)
        return nil
      }
    }
  }

  /// - Returns: `ESTALE` where another directory is around the child by now.
  private static func parent(
    of child: FileDescriptor, if identity: FileIdentity
  ) -> Result<FileDescriptor, Errno> {
    let answer = SystemCall.open(
      child, .parent, flags: OpenMode.directory(followsLink: false).flags, permissions: 0)
    guard answer >= 0 else { return .failure(Errno(rawValue: CInt(-answer))) }
    let descriptor = FileDescriptor(rawValue: CInt(answer))
    switch FileStatus.of(descriptor) {
    case .success(let status) where FileIdentity(status) == identity: return .success(descriptor)
    case .success:
      _ = SystemCall.close(descriptor)
      return .failure(.staleNFSFileHandle)
    case .failure(let errno):
      _ = SystemCall.close(descriptor)
      return .failure(errno)
    }
  }

  // MARK: For messages

  /// The path below one of the two roots.
  func path(below root: PathBytes) -> PathBytes {
    var names: [PathBytes] = []
    var node = self
    while let parent = node.parent {
      names.append(node.name.bytes)
      node = parent
    }
    var bytes = root.bytes
    for name in names.reversed() {
      if bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
      bytes += name.bytes
    }
    return PathBytes(bytes)
  }
}
