import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a block device has read and written since the machine started, by all who use it.
struct DeviceCounters {
  var readByteCount: Int64
  var writtenByteCount: Int64

  /// The file with the counters of the device under a path; `nil` where the file system has no device of its own
  /// (tmpfs, network and overlay file systems, btrfs).
  static func file(under path: PathBytes) -> PathBytes? {
    #if LINUX
      var status = stat()
      guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
      let device = UInt64(status.st_dev)
      // The kernel's encoding in 64 bits, as `major(3)` and `minor(3)` take it apart.
      let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
      let minor = device & 0xff | (device >> 12) & ~0xff
      let file = PathBytes("/sys/dev/block/\(major):\(minor)/stat")
      return file.withCString { access($0, R_OK) } == 0 ? file : nil
    #else
      return nil
    #endif
  }

  /// - Parameter file: from ``file(under:)``.
  init?(_ file: PathBytes) {
    guard case .success(let bytes) = GeneratedFiles.read(file) else { return nil }
    let numbers = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map {
      Int64($0)
    }
    // Documentation/admin-guide/iostats.rst: the third and the seventh, in sectors of 512 bytes.
    guard numbers.count > 6, let read = numbers[2], let written = numbers[6] else { return nil }
    readByteCount = read * 512
    writtenByteCount = written * 512
  }
}
