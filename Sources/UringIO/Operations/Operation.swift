import SystemPackage

/// One thing asked of the kernel.
///
/// Every operation has two forms: the blocking form (`Operation+Blocking.swift`) is one system call, the
/// ring form (`Operation+Ring.swift`) fills a submission queue entry. A new operation is one case here and
/// those two functions. The operation owns what the kernel touches while it is in flight: its slices keep
/// their buffer alive.
public enum Operation: Sendable {
  /// Reads up to `into.count` bytes at an offset, or at the file position where it is `nil`. `pread`.
  case read(FileDescriptor, into: BufferSlice, at: Int64?, TransferOptions = [])
  /// Writes up to `from.count` bytes. `pwrite`.
  case write(FileDescriptor, from: BufferSlice, at: Int64?, TransferOptions = [])
  /// Reads into several slices, filling one after the other. `preadv`.
  case readVector(FileDescriptor, into: [BufferSlice], at: Int64?)
  /// Writes several slices as one. `pwritev`.
  case writeVector(FileDescriptor, from: [BufferSlice], at: Int64?)
  /// Makes a file's contents (and, unless `dataOnly`, its metadata) durable. `fsync`, `fdatasync`.
  case synchronize(FileDescriptor, dataOnly: Bool)
  /// Reserves space for a range, extending the file where the range ends beyond it. `fallocate`.
  case allocate(FileDescriptor, Range<Int64>)
  /// Sets a file's size. `ftruncate`.
  case truncate(FileDescriptor, to: Int64)
  /// Waits until a descriptor can be read from or written to. `poll`.
  case poll(FileDescriptor, PollEvents)
  /// Shares a whole file's blocks with an empty file. `ioctl(FICLONE)`.
  case clone(FileDescriptor, to: FileDescriptor)
  /// Lets the file system copy a range by itself. `copy_file_range`.
  case copyRange(
    FileDescriptor, at: Int64, to: FileDescriptor, destinationOffset: Int64, byteCount: Int)
  /// Copies a piece of a cached file from page to page; as much as ``PagePipes`` take at a time. `splice`, twice.
  case movePages(
    FileDescriptor, at: Int64, to: FileDescriptor, destinationOffset: Int64, byteCount: Int,
    through: PagePipes)
  /// Counts the bytes of a range that are in the page cache. `cachestat`.
  case cacheStatus(FileDescriptor, Range<Int64>)
  /// Opens a name in a directory without creating anything; the completion counts the descriptor. `openat`.
  case openFile(FileDescriptor, FileName, OpenMode)
  /// Opens a name in a directory, creating the file; the completion counts the descriptor. `openat(O_CREAT)`.
  case createFile(FileDescriptor, FileName, CreateMode, permissions: UInt16)
  /// Closes a descriptor. Never asked again: after EINTR it is closed all the same. `close`.
  case closeFile(FileDescriptor)
  /// Asks what an open file is. `statx`.
  case status(FileDescriptor, into: StatusBox)
  /// Asks what a name in a directory stands for, a symbolic link for itself. `statx(AT_SYMLINK_NOFOLLOW)`.
  case statusOfName(FileDescriptor, FileName, into: StatusBox)
  /// Creates a directory. `mkdirat`.
  case makeDirectory(FileDescriptor, FileName, permissions: UInt16)
  /// Reads the next names of a directory, as the kernel writes them. `getdents64`.
  case listDirectory(FileDescriptor, into: BufferSlice)
  /// Removes a name, or an empty directory. `unlinkat`.
  case remove(FileDescriptor, FileName, isDirectory: Bool)
  /// Gives a file another name, replacing what has it, or not. `renameat2`.
  case rename(FileDescriptor, FileName, to: FileDescriptor, FileName, replaces: Bool)
  /// Takes a whole file's advisory lock, waiting for whoever has it. `flock(LOCK_EX)`.
  case lock(FileDescriptor)
  /// Gives it back. `flock(LOCK_UN)`.
  case unlock(FileDescriptor)
  /// Asks for the file position; the completion counts it. `lseek(SEEK_CUR)`.
  case position(FileDescriptor)
  /// Drops a range's clean pages from the page cache. `posix_fadvise(POSIX_FADV_DONTNEED)`.
  case dropCache(FileDescriptor, Range<Int64>)
  /// Copies small cached files by all the calls that this takes, or leaves them to other operations; the completion
  /// counts those that are done. Counted as the calls that were made.
  case copySmallFiles(SmallFileCopies)
  /// Loads a small cached file likewise.
  case loadSmallFile(SmallFileLoad)
  /// Loads many small cached files; the completion counts those that are done. Counted as the calls that were made.
  case loadSmallFiles(SmallFileLoads)
  /// Several calls about one entry that belong together: what cp's rules ask of its two names, or its metadata.
  /// Counted as one.
  case entry(EntryWork)
}

/// What ``Operation/entry(_:)`` does. Carried out once; its outcome is where it was put.
public final class EntryWork: @unchecked Sendable {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  func perform() -> Int {
    body()
    return 0
  }
}

/// How a single transfer treats the page cache.
public struct TransferOptions: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Through the page cache, dropping behind (`RWF_DONTCACHE`, kernel 6.14; EOPNOTSUPP where the file
  /// system has no such thing).
  public static let dropBehind = TransferOptions(rawValue: 1)

  /// The descriptor was opened with `O_DIRECT`: the device is what is waited for, so on a ring it is never made
  /// inline. A blocking write lets go of the inode's lock once it is submitted (`io_submit`), so that buffered
  /// writes to the same file go on meanwhile; on a ring all do.
  public static let direct = TransferOptions(rawValue: 2)

  /// A read takes what is in the page cache and waits for nothing: EAGAIN where the first byte is not there
  /// (`RWF_NOWAIT`). Made inline on a ring. Where the system has no such thing it is an ordinary read.
  public static let cachedOnly = TransferOptions(rawValue: 4)
}

/// What ``Operation/poll(_:_:)`` waits for.
public struct PollEvents: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let readable = PollEvents(rawValue: 1)
  public static let writable = PollEvents(rawValue: 2)
}

extension Operation {
  /// An operation's kind, for counts and for the table of placements.
  public enum Kind: UInt8, CaseIterable, Sendable {
    case read, write, readVector, writeVector, synchronize, allocate, truncate, poll
    case clone, copyRange, movePages, cacheStatus, dropCache
    case openFile, createFile, closeFile, status, statusOfName, makeDirectory, listDirectory
    case remove, rename
    case lock, unlock, position
    case copySmallFiles, loadSmallFile, loadSmallFiles, entry

    /// As reports and JSON name it.
    public var name: String { "\(self)" }
  }

  public var kind: Kind {
    switch self {
    case .read: .read
    case .write: .write
    case .readVector: .readVector
    case .writeVector: .writeVector
    case .synchronize: .synchronize
    case .allocate: .allocate
    case .truncate: .truncate
    case .poll: .poll
    case .clone: .clone
    case .copyRange: .copyRange
    case .movePages: .movePages
    case .cacheStatus: .cacheStatus
    case .dropCache: .dropCache
    case .openFile: .openFile
    case .createFile: .createFile
    case .closeFile: .closeFile
    case .status: .status
    case .statusOfName: .statusOfName
    case .makeDirectory: .makeDirectory
    case .listDirectory: .listDirectory
    case .remove: .remove
    case .rename: .rename
    case .lock: .lock
    case .unlock: .unlock
    case .position: .position
    case .copySmallFiles: .copySmallFiles
    case .loadSmallFile: .loadSmallFile
    case .loadSmallFiles: .loadSmallFiles
    case .entry: .entry
    }
  }

  /// The bytes a complete transfer would move; `nil` for what is not a transfer.
  package var transferByteCount: Int? {
    switch self {
    case .read(_, let slice, _, _), .write(_, let slice, _, _): slice.count
    case .readVector(_, let slices, _), .writeVector(_, let slices, _): slices.reduce(0) { $0 + $1.count }
    case .copyRange(_, _, _, _, let byteCount): byteCount
    case .movePages(_, _, _, _, let byteCount, _): min(byteCount, PagePipes.byteCount)
    default: nil
    }
  }

  /// What a transfer reads from or writes to.
  var transferDescriptor: FileDescriptor? {
    switch self {
    case .read(let descriptor, _, _, _), .write(let descriptor, _, _, _),
      .readVector(let descriptor, _, _), .writeVector(let descriptor, _, _):
      descriptor
    default: nil
    }
  }

  /// Whether the transfer names its own offset, so that asking again cannot move a file position.
  package var isPositioned: Bool {
    switch self {
    case .read(_, _, let offset, _), .write(_, _, let offset, _): offset != nil
    case .readVector(_, _, let offset), .writeVector(_, _, let offset): offset != nil
    default: true
    }
  }

  /// Whether the transfer goes past the page cache.
  var isDirectTransfer: Bool {
    switch self {
    case .read(_, _, _, let options), .write(_, _, _, let options): options.contains(.direct)
    default: false
    }
  }

  /// Whether the transfer takes only what is cached, so that it never waits.
  var isCachedOnly: Bool {
    if case .read(_, _, _, let options) = self { options.contains(.cachedOnly) } else { false }
  }

  /// The most one transfer may ask for: the kernel moves at most 0x7ffff000 bytes at once.
  package static let transferByteCountMax = 0x7fff_f000
}
