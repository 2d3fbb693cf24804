import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory of its own for the copies. Each copy has a new name: an existing file is copied into in
/// another, slower way.
final class CopyDirectory {
  let path: PathBytes
  private var copyCount = 0
  private var present: PathBytes?

  /// How much more than the file's bytes must be free: metadata, and other users of the disk.
  private static let spaceFactor = 1.2

  /// - Throws: `ToolError` where `parent` is no directory, takes no files, or has too little room.
  init(in parent: PathBytes, for source: SourceFile) throws(ToolError) {
    var space = statvfs()
    guard parent.withCString({ statvfs($0, &space) }) == 0 else {
      throw ToolError.system("cannot use the directory", parent)
    }
    let free = Int64(space.f_bavail) * Int64(space.f_frsize)
    let needed = Int64(Double(source.allocatedByteCount) * Self.spaceFactor)
    guard free >= needed else {
      throw ToolError(
        message: "not enough space in '\(parent.displayed)': a copy needs \(ByteSize.format(needed)), and "
          + "\(ByteSize.format(free)) are free (choose another with --directory)")
    }
    var template = parent.appending(PathBytes(Array(".uringtool-XXXXXX".utf8))).bytes.map {
      CChar(bitPattern: $0)
    }
    template.append(0)
    guard mkdtemp(&template) != nil else {
      throw ToolError.system("cannot make a directory for the copies in", parent)
    }
    path = PathBytes(template.dropLast().map { UInt8(bitPattern: $0) })
  }

  /// A name that was not used before, for a copy that ``remove()`` removes.
  func newName() -> PathBytes {
    copyCount += 1
    let name = path.appending(PathBytes(Array("copy-\(copyCount)".utf8)))
    present = name
    return name
  }

  /// Removes the copy that is there, if any.
  func removeCopy() {
    guard let present else { return }
    _ = present.withCString { unlink($0) }
    self.present = nil
  }

  /// - Returns: a complaint where the directory could not be removed.
  func remove() -> String? {
    removeCopy()
    guard path.withCString({ rmdir($0) }) != 0 else { return nil }
    return ToolError.system("cannot remove", path).message
  }
}
