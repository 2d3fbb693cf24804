import SystemPackage

#if LINUX
  import CLinux
#endif

/// Finds where a file has data. `lseek(SEEK_DATA)`, `lseek(SEEK_HOLE)`.
///
/// It hands out a bounded number of extents at a time, so that a file of a hundred million extents takes
/// no more memory than one of ten. Extents are widened to the alignment and merged where they then touch:
/// no two share a block, which one of them may write past the page cache.
struct ExtentWalker {
  /// Enough to keep a run busy, few enough to cost nothing (64 KiB).
  static let extentCountMax = 4096

  private let find: (Int64) -> Result<Range<Int64>?, Errno>
  private let size: Int64
  private let alignment: Int64
  /// What lies before it was handed out, or is a hole.
  private(set) var position: Int64 = 0
  private(set) var isAtEnd: Bool

  /// - Parameter find: the first data at or after an offset; `nil` where only a hole is left.
  init(size: Int64, alignment: Int, find: @escaping (Int64) -> Result<Range<Int64>?, Errno>) {
    self.size = size
    self.alignment = Int64(alignment)
    self.find = find
    isAtEnd = size == 0
  }

  /// The whole file as one extent.
  static func whole(size: Int64, alignment: Int) -> ExtentWalker {
    ExtentWalker(size: size, alignment: alignment) { .success($0 < size ? $0..<size : nil) }
  }

  /// As the file system tells.
  static func ofData(in descriptor: FileDescriptor, size: Int64, alignment: Int) -> ExtentWalker {
    #if LINUX
      ExtentWalker(size: size, alignment: alignment) { offset in
        let start = linuxSeekData(descriptor.rawValue, offset)
        guard start >= 0 else {
          // ENXIO: no data at or after the offset.
          return SystemCall.lastError == .noSuchAddressOrDevice
            ? .success(nil) : .failure(SystemCall.lastError)
        }
        let end = linuxSeekHole(descriptor.rawValue, start)
        guard end >= 0 else {
          // The file was cut in between; reading will find its end.
          return SystemCall.lastError == .noSuchAddressOrDevice
            ? .success(start..<max(size, start)) : .failure(SystemCall.lastError)
        }
        return .success(start..<max(end, start))
      }
    #else
      whole(size: size, alignment: alignment)
    #endif
  }

  /// The next extents, at most ``extentCountMax``.
  mutating func next() -> Result<[Range<Int64>], Errno> {
    var extents: [Range<Int64>] = []
    while !isAtEnd, extents.count < Self.extentCountMax {
      switch find(position) {
      case .failure(let errno): return .failure(errno)
      case .success(let found):
        guard let found, !found.isEmpty, found.lowerBound < size else {
          isAtEnd = true
          break
        }
        let end = min(roundedUp(found.upperBound), size)
        let start = max(found.lowerBound / alignment * alignment, position)
        if let last = extents.last, last.upperBound == start {
          extents[extents.count - 1] = last.lowerBound..<end
        } else {
          extents.append(start..<end)
        }
        position = end
        isAtEnd = end >= size
      }
    }
    return .success(extents)
  }

  private func roundedUp(_ offset: Int64) -> Int64 { (offset + alignment - 1) / alignment * alignment }
}
