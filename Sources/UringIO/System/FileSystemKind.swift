import SystemPackage

#if LINUX
  import CLinux
#endif

/// A file system as far as a copy treats it differently. `fstatfs`.
public enum FileSystemKind: String, Sendable {
  case ext4, xfs, btrfs, tmpfs, f2fs, overlay, bcachefs, zfs, nfs, smb, ceph, fuse
  /// procfs, sysfs and their like: the sizes they report are not their files'.
  case pseudo
  case other

  static func of(_ descriptor: FileDescriptor) -> FileSystemKind {
    #if LINUX
      return byMagic[linuxFileSystemMagic(descriptor.rawValue)] ?? .other
    #else
      return .other
    #endif
  }

  // From <linux/magic.h> and the file systems' own sources.
  private static let byMagic: [Int64: FileSystemKind] = [
    0xef53: .ext4, 0x5846_5342: .xfs, 0x9123_683e: .btrfs, 0x0102_1994: .tmpfs, 0x8584_58f6: .tmpfs,
    0xf2f5_2010: .f2fs, 0x794c_7630: .overlay, 0xca45_1a4e: .bcachefs, 0x2fc1_2fc1: .zfs,
    0x6969: .nfs, 0xff53_4d42: .smb, 0xfe53_4d42: .smb, 0x00c3_6400: .ceph, 0x6573_5546: .fuse,
    0x9fa0: .pseudo, 0x6265_6572: .pseudo, 0x0027_e0eb: .pseudo, 0x6367_7270: .pseudo,
    0x6462_6720: .pseudo, 0x7472_6163: .pseudo, 0x7363_6673: .pseudo, 0xcafe_4a11: .pseudo,
    0xf97c_ff8c: .pseudo, 0x6c6f_6f70: .pseudo, 0x4244_4d45: .pseudo, 0x6265_6570: .pseudo,
    0xde5e_81e4: .pseudo,
  ]

  /// Whether `copy_file_range` there is done by the file system or its server, without the bytes passing
  /// through this machine.
  var copiesByItself: Bool {
    switch self {
    case .nfs, .smb, .ceph, .fuse: true
    default: false
    }
  }

  /// Whether `FICLONE` is expected to work, so that a refusal is worth telling.
  var usuallyClones: Bool {
    switch self {
    case .xfs, .btrfs, .bcachefs: true
    default: false
    }
  }

  /// Whether new files of neighbouring directories are kept in one place, for which those who create them wait. ext4: in
  /// the directory's block group, behind the lock of its bitmap, in blocks of the inode table that a sixteenth of the
  /// files share. XFS has a tree of inodes for each allocation group, and gives directories different ones.
  var createsInOnePlace: Bool { self == .ext4 }

  /// Whether a cached file's pages are copied faster into a file there, many at a time, than through a buffer: what was
  /// measured (bench/README.md, "files of half a megabyte").
  var takesManyPages: Bool {
    switch self {
    case .ext4, .xfs, .btrfs, .tmpfs: true
    default: false
    }
  }

  /// Whether SEEK_DATA tells the truth about data that has not reached the disk. Old ZFS reported holes
  /// over dirty data (openzfs issue 15526, 2023); what is not known to be good is synced first.
  var findsUnsyncedData: Bool {
    switch self {
    case .ext4, .xfs, .btrfs, .tmpfs, .f2fs, .overlay, .bcachefs: true
    default: false
    }
  }

  /// Whether `fallocate` there helps a copy. On tmpfs it clears pages that are about to be overwritten; on
  /// btrfs it would make the file one that is never compressed.
  var gainsFromPreallocation: Bool {
    switch self {
    case .tmpfs, .btrfs, .zfs, .pseudo: false
    default: true
    }
  }
}
