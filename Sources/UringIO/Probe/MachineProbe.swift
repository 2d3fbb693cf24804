import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The machine and the limits that decide how fast files can move on it.
package struct MachineProbe: Sendable {
  /// A resource limit, in the unit the limit has; `nil` for unlimited.
  package struct Limit: Sendable {
    package var soft: UInt64?
    package var hard: UInt64?
  }

  /// "Linux" and its release, as `uname -sr` prints them.
  package var kernel: String
  /// "x86_64", "aarch64".
  package var architecture: String
  /// Processors that are online.
  package var coreCount: Int
  package var memoryByteCount: Int64
  package var pageByteCount: Int
  /// Bytes a process may lock: registered buffers count, and the rings themselves before kernel 5.12.
  /// `nil` where the system has no such limit.
  package var lockedMemory: Limit?
  /// Descriptors a process may have open.
  package var openFiles: Limit?
  /// `kernel.io_uring_disabled`: 0 everybody may, 1 only privileged processes and the group, 2 nobody.
  /// `nil` where the kernel has no such setting (before 6.6).
  package var ringsDisabled: Int?

  /// Asks the kernel; nothing can fail, what it does not tell is `nil` or empty.
  ///
  /// - Complexity: a handful of system calls. `uname`, `sysconf`, `getrlimit`.
  package static func probe() -> MachineProbe {
    var names = utsname()
    uname(&names)
    let pageByteCount = Int(SystemCall.pageByteCount)
    return MachineProbe(
      kernel: text(of: names.sysname) + " " + text(of: names.release),
      architecture: text(of: names.machine),
      coreCount: EngineSelection.coreCount,
      memoryByteCount: Int64(sysconf(CInt(_SC_PHYS_PAGES))) * Int64(pageByteCount),
      pageByteCount: pageByteCount,
      lockedMemory: lockedMemoryLimit(),
      openFiles: openFilesLimit(),
      ringsDisabled: KernelFile.integer(at: "/proc/sys/kernel/io_uring_disabled"))
  }

  /// Bytes that could be had without swapping. `nil` where the kernel does not tell (not Linux).
  ///
  /// MemAvailable of `/proc/meminfo`.
  package static func availableMemoryByteCount() -> Int64? { memory("MemAvailable:") }

  /// Bytes that nobody uses, not even as a cache. `nil` where the kernel does not tell (not Linux).
  ///
  /// MemFree of `/proc/meminfo`.
  package static func freeMemoryByteCount() -> Int64? { memory("MemFree:") }

  private static func memory(_ label: String) -> Int64? {
    KernelFile.lines(at: "/proc/meminfo")?.first { $0.hasPrefix(label) }
      .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int64($0) }.map { $0 << 10 }
  }

  private static func lockedMemoryLimit() -> Limit? {
    #if canImport(Glibc)
      return limit { getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &$0) }
    #else
      return limit { getrlimit(RLIMIT_MEMLOCK, &$0) }
    #endif
  }

  static func openFilesLimit() -> Limit? {
    #if canImport(Glibc)
      return limit { getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &$0) }
    #else
      return limit { getrlimit(RLIMIT_NOFILE, &$0) }
    #endif
  }

  private static func limit(_ ask: (inout rlimit) -> CInt) -> Limit? {
    var answer = rlimit()
    guard ask(&answer) == 0 else { return nil }
    // RLIM_INFINITY is a macro Swift cannot see: all ones on Linux, all but the sign bit on Darwin.
    func value(_ raw: rlim_t) -> UInt64? { UInt64(raw) >= UInt64(Int64.max) ? nil : UInt64(raw) }
    return Limit(soft: value(answer.rlim_cur), hard: value(answer.rlim_max))
  }

  /// A C array of characters, which Swift sees as a tuple.
  private static func text<Characters>(of characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// The small files by which the kernel tells about itself.
enum KernelFile {
  /// The most that is read of one.
  private static let byteCountMax = 4 << 20

  static func integer(at path: String) -> Int? { lines(at: path)?.first.flatMap { Int($0) } }

  /// The file's lines; `nil` where it cannot be read.
  static func lines(at path: String) -> [Substring]? { try? contents(path).get() }

  /// The file's lines. Nobody is waited for: a FIFO is empty.
  static func contents(_ path: String) -> Result<[Substring], Errno> {
    let descriptor: FileDescriptor
    switch SystemCall.open(PathBytes(Array(path.utf8)), O_RDONLY | O_CLOEXEC | O_NONBLOCK) {
    case .success(let opened): descriptor = opened
    case .failure(let errno): return .failure(errno)
    }
    defer { _ = SystemCall.close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < byteCountMax {
      let count = piece.withUnsafeMutableBytes { read(descriptor.rawValue, $0.baseAddress!, $0.count) }
      if count < 0, SystemCall.lastError == .interrupted { continue }
      guard count >= 0 else { return .failure(SystemCall.lastError) }
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return .success(String(decoding: bytes, as: UTF8.self).split(separator: "\n"))
  }
}
