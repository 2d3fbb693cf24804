#if LINUX
  import CLinux
#endif

/// Who has it creates files, one after another.
///
/// Threads that create files of one directory wait for each other in any case, in the kernel and file by file; on ext4
/// those of different directories do in part, for the inodes of neighbouring directories are neighbours
/// (bench/README.md, "files created together").
final class CreationLock: Sendable {
  #if LINUX
    /// `nil` where there was no memory for it: then files are created as they come.
    nonisolated(unsafe) let lock = linuxMakeAdaptiveMutex()

    deinit { linuxFreeAdaptiveMutex(lock) }
  #endif
}

/// The locks of one copy: some for all its directories, each of which has one of them.
final class CreationLocks: Sendable {
  /// So many that directories which are filled at the same time seldom share one.
  private static let apart = 64

  private let locks: [CreationLock]

  /// - Parameters:
  ///   - fileSystem: where the files are created.
  ///   - workerCount: who create them at the same time.
  init(for fileSystem: FileSystemKind, workerCount: Int) {
    // Creating is about half of a small file's copy: half of the workers do it while the others read and write.
    let count = fileSystem.createsInOnePlace ? max(1, workerCount / 2) : Self.apart
    locks = (0..<count).map { _ in CreationLock() }
  }

  subscript(directory: FileIdentity) -> CreationLock {
    // Inode numbers may have gaps of one length.
    let spread = directory.inode &* 0x9e37_79b9_7f4a_7c15
    return locks[Int((spread >> 32) % UInt64(locks.count))]
  }
}
