import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory of its own for what the contestants make. Each outcome has a new name: what exists is written over in
/// another, slower way.
final class OutcomeDirectory {
  let path: PathBytes
  private var outcomeCount = 0
  private var present: PathBytes?

  /// How much more than an outcome's bytes must be free: metadata, and other users of the disk.
  private static let spaceFactor = 1.2

  /// - Throws: `ToolError` where `parent` is no directory, or has too little room.
  static func checkRoom(in parent: PathBytes, byteCount: Int64) throws(ToolError) {
    var space = statvfs()
    guard parent.withCString({ statvfs($0, &space) }) == 0 else {
      throw ToolError.system("cannot use the directory", parent)
    }
    let free = Int64(space.f_bavail) * Int64(space.f_frsize)
    let needed = Int64(Double(byteCount) * spaceFactor)
    guard free >= needed else {
      throw ToolError(
        message: "not enough space in '\(parent.displayed)': \(ByteSize.format(needed)) are needed, and "
          + "\(ByteSize.format(free)) are free (choose another with --directory)")
    }
  }

  /// - Throws: `ToolError` where `parent` is no directory, takes no files, or has too little room.
  init(in parent: PathBytes, byteCount: Int64) throws(ToolError) {
    try Self.checkRoom(in: parent, byteCount: byteCount)
    var template = parent.appending(PathBytes(".uringtool-XXXXXX")).bytes.map { CChar(bitPattern: $0) }
    template.append(0)
    guard mkdtemp(&template) != nil else {
      throw ToolError.system("cannot make a directory for the comparison in", parent)
    }
    path = PathBytes(template.dropLast().map { UInt8(bitPattern: $0) })
  }

  /// A name that was not used before, for an outcome that ``remove()`` removes.
  func newName() -> PathBytes {
    outcomeCount += 1
    let name = path.appending(PathBytes("outcome-\(outcomeCount)"))
    present = name
    return name
  }

  /// Removes the outcome that is there, if any.
  func removeOutcome() {
    guard let present else { return }
    DirectoryWalk.remove(present)
    self.present = nil
  }

  /// Removes everything.
  ///
  /// - Returns: a complaint where that could not be done.
  func remove() -> String? {
    DirectoryWalk.remove(path)
    var status = stat()
    guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
    return "cannot remove '\(path.displayed)'"
  }
}
