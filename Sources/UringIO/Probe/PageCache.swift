import SystemPackage

/// The page cache, as far as a measurement wants to know it.
package enum PageCache {
  /// Bytes of the file that are cached; `nil` where the kernel cannot tell (before 6.5, not Linux).
  ///
  /// `cachestat`.
  package static func cachedByteCount(of descriptor: FileDescriptor, size: Int64) -> Int64? {
    let answer = SystemCall.cacheStatus(descriptor, 0..<size)
    // Counted in pages: the last one may be part of the file only.
    return answer < 0 ? nil : min(Int64(answer), size)
  }

  /// Drops the file's clean pages. `posix_fadvise(POSIX_FADV_DONTNEED)`.
  package static func drop(_ descriptor: FileDescriptor, size: Int64) {
    _ = SystemCall.dropCache(descriptor, 0..<size)
  }
}
