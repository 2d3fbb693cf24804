import SystemPackage

/// One directory of a tree that is being copied. ``TreeCopySource`` guards everything that changes.
final class TreeNode: @unchecked Sendable {
  let parent: TreeNode?
  /// In the parent; the root's is its path.
  let name: FileName
  let listing: DirectoryListing
  let sourceIdentity: FileIdentity
  let destinationIdentity: FileIdentity
  /// To be set when everything inside is done: the directory was made writable for its owner until then.
  var finalPermissions: UInt16?
  /// Its two descriptors; `nil` while there are too many others.
  var open: Pair?

  /// What is left to be dealt out.
  var nextFile = 0
  var nextDirectory = 0
  private(set) var isOperand = false
  /// Jobs in flight that use the descriptors.
  var uses = 0
  /// Directories inside that are under way.
  var liveChildren = 0
  /// Whether a room has it for itself.
  var isTaken = false

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
    destinationIdentity: FileIdentity, finalPermissions: UInt16?
  ) {
    self.parent = parent
    self.name = name
    self.listing = listing
    self.open = open
    self.sourceIdentity = sourceIdentity
    self.destinationIdentity = destinationIdentity
    self.finalPermissions = finalPermissions
  }

  /// Around an operand that is no directory: the working directory.
  init(operand path: PathBytes) {
    parent = nil
    name = .current
    listing = DirectoryListing(only: path)
    open = Pair(source: .workingDirectory, destination: .workingDirectory)
    sourceIdentity = FileIdentity(device: 0, inode: 0)
    destinationIdentity = sourceIdentity
    isOperand = true
  }

  deinit { if !isOperand { open?.close() } }

  var hasFiles: Bool { nextFile < listing.files.count }
  var hasDirectories: Bool { nextDirectory < listing.directories.count }
  /// Nothing inside is left or under way.
  var isDone: Bool { !hasFiles && !hasDirectories && uses == 0 && liveChildren == 0 }
  /// Whether the descriptors may be closed for a while: a directory inside will open them again, by `..`.
  var canRest: Bool { open != nil && uses == 0 && !hasFiles && liveChildren > 0 }
  /// Whether they will be needed.
  var needsDescriptors: Bool { hasFiles || hasDirectories || finalPermissions != nil }

  /// Opens the descriptors again from those of a directory inside, and makes sure they are the same directories.
  func reopen(from child: Pair) -> Errno? {
    guard let source = Self.parent(of: child.source, if: sourceIdentity) else { return .staleNFSFileHandle }
    guard let destination = Self.parent(of: child.destination, if: destinationIdentity) else {
      _ = SystemCall.close(source)
      return .staleNFSFileHandle
    }
    open = Pair(source: source, destination: destination)
    return nil
  }

  private static func parent(of child: FileDescriptor, if identity: FileIdentity) -> FileDescriptor? {
    let answer = SystemCall.open(
      child, .parent, flags: OpenMode.directory(followsLink: false).flags, permissions: 0)
    guard answer >= 0 else { return nil }
    let descriptor = FileDescriptor(rawValue: CInt(answer))
    guard case .success(let status) = FileStatus.of(descriptor), FileIdentity(status) == identity else {
      _ = SystemCall.close(descriptor)
      return nil
    }
    return descriptor
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
    return names.reversed().reduce(root) { $0.appending($1) }
  }
}

/// A file, whatever names lead to it.
struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }
}
