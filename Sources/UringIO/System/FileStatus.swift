import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
#if LINUX
  import CLinux
#endif

/// What a copy needs to know of an open file. `statx`, `fstat`.
package struct FileStatus: Sendable, Equatable {
  package enum FileType: Sendable {
    case regular, directory, symbolicLink, fifo, characterDevice, blockDevice, socket
  }

  package var type: FileType
  /// Permission bits.
  var mode: UInt16
  var size: Int64
  /// Bytes that have blocks.
  var allocatedByteCount: Int64
  var device: UInt64
  var inode: UInt64
  var modifiedSeconds: Int64
  var modifiedNanoseconds: Int64
  var accessedSeconds: Int64 = 0
  var accessedNanoseconds: Int64 = 0
  var user: UInt32 = 0
  var group: UInt32 = 0
  /// Names the file has.
  var linkCount: UInt32 = 1
  /// Of a device file: which device it is.
  var rawDevice: UInt64 = 0
  /// What the file system calls a good size for a transfer, in bytes.
  var blockByteCount: Int
  /// What direct transfers must be aligned to, where the kernel says so.
  var directAlignment: DirectAlignment?

  struct DirectAlignment: Sendable, Equatable {
    var memory: Int
    var offset: Int
  }

  func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

  package var identity: FileIdentity { FileIdentity(self) }

  /// Whether the same file's size or time of modification is another one by now.
  func wasWritten(since before: FileStatus) -> Bool {
    size != before.size || modifiedSeconds != before.modifiedSeconds
      || modifiedNanoseconds != before.modifiedNanoseconds
  }

  /// Whether its contents were changed later than the other's.
  package func isNewer(than other: FileStatus) -> Bool {
    (modifiedSeconds, modifiedNanoseconds) > (other.modifiedSeconds, other.modifiedNanoseconds)
  }

  /// Whether parts of the file have no blocks.
  var hasHoles: Bool { allocatedByteCount < size }

  static func of(_ descriptor: FileDescriptor) -> Result<FileStatus, Errno> {
    #if LINUX
      var answer = CLinux.linuxFileStatus()
      guard linuxFileStatus(descriptor.rawValue, &answer) == 0 else {
        return .failure(SystemCall.lastError)
      }
      return .success(FileStatus(answer))
    #else
      var answer = stat()
      guard fstat(descriptor.rawValue, &answer) == 0 else { return .failure(SystemCall.lastError) }
      return .success(FileStatus(answer))
    #endif
  }

  /// Follows symbolic links. `stat`.
  static func of(_ path: PathBytes) -> Result<FileStatus, Errno> { of(path, followsLink: true) }

  package static func of(_ path: PathBytes, followsLink: Bool) -> Result<FileStatus, Errno> {
    var answer = stat()
    guard path.withCString({ followsLink ? stat($0, &answer) : lstat($0, &answer) }) == 0 else {
      return .failure(SystemCall.lastError)
    }
    return .success(FileStatus(answer))
  }

  private init(
    type: FileType, mode: UInt16, size: Int64, allocatedByteCount: Int64, device: UInt64, inode: UInt64,
    modifiedSeconds: Int64, modifiedNanoseconds: Int64, blockByteCount: Int,
    directAlignment: DirectAlignment?
  ) {
    self.type = type
    self.mode = mode
    self.size = size
    self.allocatedByteCount = allocatedByteCount
    self.device = device
    self.inode = inode
    self.modifiedSeconds = modifiedSeconds
    self.modifiedNanoseconds = modifiedNanoseconds
    self.blockByteCount = blockByteCount
    self.directAlignment = directAlignment
  }

  #if LINUX
    init(_ answer: CLinux.linuxFileStatus) {
      self.init(
        type: FileType(mode: mode_t(answer.mode)), mode: UInt16(answer.mode & 0o7777),
        size: Int64(answer.size), allocatedByteCount: Int64(answer.blocks) * 512,
        device: answer.device, inode: answer.inode,
        modifiedSeconds: answer.modifiedSeconds,
        modifiedNanoseconds: Int64(answer.modifiedNanoseconds),
        blockByteCount: Int(answer.blockSize),
        directAlignment: answer.directOffsetAlignment == 0
          ? nil
          : DirectAlignment(
            memory: Int(answer.directMemoryAlignment), offset: Int(answer.directOffsetAlignment)))
      accessedSeconds = answer.accessedSeconds
      accessedNanoseconds = Int64(answer.accessedNanoseconds)
      user = answer.user
      group = answer.group
      linkCount = answer.links
      rawDevice = answer.rawDevice
    }
  #endif

  init(_ answer: stat) {
    #if canImport(Darwin)
      let modified = answer.st_mtimespec
      let accessed = answer.st_atimespec
    #else
      let modified = answer.st_mtim
      let accessed = answer.st_atim
    #endif
    self.init(
      type: FileType(mode: answer.st_mode), mode: UInt16(answer.st_mode & 0o7777),
      size: Int64(answer.st_size), allocatedByteCount: Int64(answer.st_blocks) * 512,
      device: UInt64(answer.st_dev), inode: UInt64(answer.st_ino),
      modifiedSeconds: Int64(modified.tv_sec), modifiedNanoseconds: Int64(modified.tv_nsec),
      blockByteCount: Int(answer.st_blksize), directAlignment: nil)
    accessedSeconds = Int64(accessed.tv_sec)
    accessedNanoseconds = Int64(accessed.tv_nsec)
    user = UInt32(answer.st_uid)
    group = UInt32(answer.st_gid)
    linkCount = UInt32(answer.st_nlink)
    rawDevice = UInt64(answer.st_rdev)
  }
}

extension FileStatus.FileType {
  var modeBits: mode_t {
    switch self {
    case .regular: S_IFREG
    case .directory: S_IFDIR
    case .symbolicLink: S_IFLNK
    case .fifo: S_IFIFO
    case .characterDevice: S_IFCHR
    case .blockDevice: S_IFBLK
    case .socket: S_IFSOCK
    }
  }

  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symbolicLink
    case S_IFIFO: self = .fifo
    case S_IFCHR: self = .characterDevice
    case S_IFBLK: self = .blockDevice
    case S_IFSOCK: self = .socket
    default: self = .regular
    }
  }
}
