import Synchronization

#if LINUX
  import CLinux
#endif

/// The kernel's table of this process's open files.
///
/// It starts with 64 places and doubles when they are taken. In a process of several threads whoever makes it grow waits
/// until every core has let go of the old one, and so does who opens a file meanwhile: 14 ms were seen, where the copy
/// of a small file takes 7 microseconds (bench/README.md, "the table of descriptors").
public enum DescriptorTable {
  /// As many as a copy or a load of many files may have open.
  public static let usualCount = 1024

  private static let grown = Atomic<Int>(0)

  /// Makes room for that many descriptors, at most as many as the process may have (`RLIMIT_NOFILE`).
  ///
  /// For a program to call first of all, before it has a second thread: then it takes some microseconds and 10 KiB, and
  /// nobody waits. Later it takes as long as the growing itself. Where it cannot be done nothing is lost but time.
  public static func grow(to count: Int = usualCount) {
    #if LINUX
      guard note(count) else { return }
      _ = linuxGrowDescriptorTable(CInt(clamping: count))
    #endif
  }

  /// The same beside whatever the caller does next: for a run that may need them soon, in a program that did not say so
  /// before.
  static func growMeanwhile(to count: Int) {
    #if LINUX
      guard count > initialCount, note(count) else { return }
      _ = linuxGrowDescriptorTableMeanwhile(CInt(clamping: count))
    #endif
  }

  private static let initialCount = 64

  /// - Returns: whether nobody asked for as many before.
  private static func note(_ count: Int) -> Bool {
    count > grown.max(count, ordering: .relaxed).oldValue
  }
}
