import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads whole files, and compares them byte for byte. One thread at a time.
final class ContentComparison {
  private let pieces: (AlignedBuffer, AlignedBuffer)
  private static let pieceByteCount = 1 << 20

  init() throws(ToolError) {
    do {
      pieces = (
        try AlignedBuffer(byteCount: Self.pieceByteCount), try AlignedBuffer(byteCount: Self.pieceByteCount)
      )
    } catch {
      throw ToolError(message: "\(error)")
    }
  }

  /// Reads up to `size` bytes, so that they are in the page cache.
  func read(_ descriptor: CInt, _ path: PathBytes, size: Int64, _ interruption: Interruption)
    throws(ToolError)
  {
    var offset: Int64 = 0
    while offset < size {
      try interruption.check()
      let count = try readPiece(descriptor, path, into: pieces.0, at: offset)
      guard count > 0 else { break }
      offset += Int64(count)
    }
  }

  /// - Returns: `nil` where the two have the same `size` bytes, or how they differ.
  func difference(
    _ original: (descriptor: CInt, path: PathBytes), _ copy: (descriptor: CInt, path: PathBytes), size: Int64,
    _ interruption: Interruption
  ) throws(ToolError) -> String? {
    var offset: Int64 = 0
    while offset < size {
      try interruption.check()
      let expected = try readPiece(original.descriptor, original.path, into: pieces.0, at: offset)
      let found = try readPiece(copy.descriptor, copy.path, into: pieces.1, at: offset)
      let isSame = pieces.0.whole.withBytes { one in
        pieces.1.whole.withBytes { other in
          expected == found && memcmp(one.baseAddress!, other.baseAddress!, expected) == 0
        }
      }
      guard isSame, expected > 0 else { return "differs in the \(expected) bytes from offset \(offset)" }
      offset += Int64(expected)
    }
    return nil
  }

  /// A whole piece, or what there is up to the end.
  private func readPiece(
    _ descriptor: CInt, _ path: PathBytes, into buffer: AlignedBuffer, at offset: Int64
  ) throws(ToolError) -> Int {
    var total = 0
    while total < Self.pieceByteCount {
      let count = buffer.whole.withMutableBytes {
        pread(descriptor, $0.baseAddress! + total, Self.pieceByteCount - total, off_t(offset) + off_t(total))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ToolError.system("error reading", path) }
      guard count > 0 else { break }
      total += count
    }
    return total
  }
}

/// A file opened for reading, closed at its end. `O_NONBLOCK`: a FIFO is refused by its status, and not waited for.
struct OpenedForReading: ~Copyable {
  let descriptor: CInt
  let status: stat

  /// - Returns: `nil` with `errno` set where it cannot be opened.
  init?(_ path: PathBytes, followsLink: Bool = true) {
    let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW)
    let opened = path.withCString { open($0, flags) }
    guard opened >= 0 else { return nil }
    var status = stat()
    fstat(opened, &status)
    descriptor = opened
    self.status = status
  }

  deinit { close(descriptor) }

  /// Bytes of it that are cached; `nil` where nobody can tell.
  var cachedByteCount: Int64? {
    PageCache.cachedByteCount(of: .init(rawValue: descriptor), size: Int64(status.st_size))
  }

  func dropFromCache() { PageCache.drop(.init(rawValue: descriptor), size: Int64(status.st_size)) }
}

extension stat {
  /// The kind of file, and when its contents were changed.
  var type: mode_t { st_mode & S_IFMT }

  var modified: (seconds: Int, nanoseconds: Int) {
    #if canImport(Darwin)
      (st_mtimespec.tv_sec, st_mtimespec.tv_nsec)
    #else
      (st_mtim.tv_sec, st_mtim.tv_nsec)
    #endif
  }

  var allocatedByteCount: Int64 { min(Int64(st_blocks) * 512, Int64(st_size)) }
}

extension ToolError {
  /// The last system call's error, about a file.
  static func system(_ what: String, _ path: PathBytes) -> ToolError {
    ToolError(message: "\(what) '\(path.displayed)': \(String(cString: strerror(errno)))")
  }
}
