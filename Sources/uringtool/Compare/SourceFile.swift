import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file that everybody copies. Open as long as it lives.
final class SourceFile {
  let path: PathBytes
  let size: Int64
  /// Bytes that have blocks: what a copy takes of the disk.
  let allocatedByteCount: Int64
  private let descriptor: FileDescriptor
  private let modified: (seconds: Int, nanoseconds: Int)
  /// One piece of the file, and one of a copy.
  private let pieces: (AlignedBuffer, AlignedBuffer)

  private static let pieceByteCount = 1 << 20

  /// - Throws: `ToolError` for what cannot be read, is no regular file or has no bytes.
  init(_ path: PathBytes) throws {
    self.path = path
    // Non-blocking: a FIFO is refused below, and not waited for.
    let opened = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) }
    guard opened >= 0 else { throw ToolError.system("cannot open", path) }
    descriptor = FileDescriptor(rawValue: opened)
    let status = Self.status(of: opened)
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      let what = status.st_mode & S_IFMT == S_IFDIR ? "it is a directory" : "it is not a regular file"
      throw ToolError(message: "cannot compare copies of '\(path.displayed)': \(what)")
    }
    guard status.st_size > 0 else {
      close(opened)
      throw ToolError(message: "cannot compare copies of '\(path.displayed)': it is empty")
    }
    size = Int64(status.st_size)
    allocatedByteCount = min(Int64(status.st_blocks) * 512, size)
    modified = Self.modified(status)
    pieces = (
      try AlignedBuffer(byteCount: Self.pieceByteCount), try AlignedBuffer(byteCount: Self.pieceByteCount)
    )
  }

  deinit { close(descriptor.rawValue) }

  /// Reads all of it, so that it is in the page cache.
  ///
  /// - Returns: bytes that are cached then; fewer where memory is short. `nil` where nobody can tell.
  func readIntoCache(_ interruption: Interruption) throws(ToolError) -> Int64? {
    var offset: Int64 = 0
    while offset < size {
      try interruption.check()
      let count = try readPiece(descriptor.rawValue, path, into: pieces.0, at: offset)
      guard count > 0 else { break }
      offset += Int64(count)
    }
    try checkUnchanged()
    return PageCache.cachedByteCount(of: descriptor, size: size)
  }

  /// Compares a copy with the file, byte for byte.
  ///
  /// - Returns: `nil` where they are equal, or how they differ.
  func difference(from copy: PathBytes, _ interruption: Interruption) throws(ToolError) -> String? {
    let opened = copy.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    guard opened >= 0 else { return "the copy cannot be opened: \(String(cString: strerror(errno)))" }
    defer { close(opened) }
    let copySize = Int64(Self.status(of: opened).st_size)
    guard copySize == size else { return "the copy has \(copySize) bytes instead of \(size)" }
    var offset: Int64 = 0
    while offset < size {
      try interruption.check()
      let expected = try readPiece(descriptor.rawValue, path, into: pieces.0, at: offset)
      let found = try readPiece(opened, copy, into: pieces.1, at: offset)
      let isSame = pieces.0.whole.withBytes { one in
        pieces.1.whole.withBytes { other in
          expected == found && memcmp(one.baseAddress!, other.baseAddress!, expected) == 0
        }
      }
      guard isSame, expected > 0 else {
        try checkUnchanged()
        return "the copy differs in the \(expected) bytes from offset \(offset)"
      }
      offset += Int64(expected)
    }
    return nil
  }

  /// - Throws: `ToolError` where somebody wrote into the file: then nothing here means anything.
  private func checkUnchanged() throws(ToolError) {
    let status = Self.status(of: descriptor.rawValue)
    guard Int64(status.st_size) == size, Self.modified(status) == modified else {
      throw ToolError(message: "'\(path.displayed)' changed while its copies were compared")
    }
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

  private static func status(of descriptor: CInt) -> stat {
    var status = stat()
    fstat(descriptor, &status)
    return status
  }

  private static func modified(_ status: stat) -> (seconds: Int, nanoseconds: Int) {
    #if canImport(Darwin)
      return (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
    #else
      return (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    #endif
  }
}

extension ToolError {
  /// The last system call's error, about a file.
  static func system(_ what: String, _ path: PathBytes) -> ToolError {
    ToolError(message: "\(what) '\(path.displayed)': \(String(cString: strerror(errno)))")
  }
}
