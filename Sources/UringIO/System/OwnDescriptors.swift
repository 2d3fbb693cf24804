#if LINUX
  import CLinux
#endif

/// A thread with a table of descriptors, and a credentials object, of its own, which loads small cached files, many for
/// each time it is asked.
///
/// All threads of a process share one table, behind one lock, and one count of the credentials' users, which every open
/// file changes: two threads that load cached files are 1.6 times as fast as one with them, 2.0 times without
/// (bench/README.md, "descriptors of one's own"). Descriptors mean nothing from one table to the other, so only whole
/// files are asked of it; nothing but C of ours runs there.
///
/// One thread at a time asks.
final class OwnDescriptors: @unchecked Sendable {
  #if LINUX
    private let thread: OpaquePointer

    /// - Returns: `nil` where the kernel has no such tables, or none is to be had.
    init?() {
      guard let thread = linuxStartOwnDescriptors() else { return nil }
      self.thread = thread
    }

    deinit { linuxEndOwnDescriptors(thread) }

    /// Begins to read, and close, files that were opened earlier, and to open others; what is pointed to is the thread's
    /// until ``await(_:)``.
    ///
    /// - Returns: what to wait for.
    func begin(
      reading loads: UnsafeMutablePointer<linuxSmallFileLoad>, _ count: Int,
      opening others: UnsafeMutablePointer<linuxSmallFileLoad>, _ otherCount: Int
    ) -> UInt32 {
      linuxBeginSmallFiles(thread, loads, CInt(count), others, CInt(otherCount))
    }

    func await(_ number: UInt32) { linuxAwaitSmallFiles(thread, number) }

    /// How long it has worked.
    var nanoseconds: UInt64 { UInt64(linuxOwnDescriptorsNanoseconds(thread)) }
  #else
    init?() { return nil }
  #endif
}

/// A room's ``OwnDescriptors``: started once enough small files were loaded without, and never where none are wanted.
struct OwnDescriptorsLazily {
  /// Starting a thread takes as long as some tens of files.
  private static let fileCountMin = 256
  private var filesMissing: Int?
  private(set) var descriptors: OwnDescriptors?

  /// - Parameter isWanted: whether several threads work at the same time, so that there is something to be gained.
  init(isWanted: Bool) { filesMissing = isWanted ? Self.fileCountMin : nil }

  /// So many files were loaded.
  mutating func note(_ fileCount: Int) {
    guard let missing = filesMissing else { return }
    filesMissing = missing > fileCount ? missing - fileCount : nil
    if filesMissing == nil { descriptors = OwnDescriptors() }
  }
}
