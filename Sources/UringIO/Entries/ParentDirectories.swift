import SystemPackage

/// The directories above a copy, made like those above its source: `--parents`.
package struct ParentDirectories {
  private var made: [MetadataCopy] = []

  private init() {}

  /// Makes those of `target`/(the source's directories) that are missing.
  ///
  /// - Parameter observe: told of each that was made.
  /// - Throws: `FileIOError` where one cannot be made, or is no directory.
  package static func make(
    in target: PathBytes, for source: PathBytes, options: TreeOptions, observe: (TreeEvent) -> Void
  ) throws(FileIOError) -> ParentDirectories {
    var parents = ParentDirectories()
    for end in directoryEnds(of: source) {
      let from = PathBytes(Array(source.bytes[..<end]))
      let to = target.appending(PathBytes(Array(from.bytes.drop { $0 == UInt8(ascii: "/") })))
      try parents.make(to, like: from, options.preserved, observe)
    }
    return parents
  }

  /// Gives them their metadata, when what they are above of is copied.
  ///
  /// - Returns: what could not be done.
  package func finish() -> [FileIOError] { made.reversed().flatMap { $0.apply() } }

  /// Where each of the directories in a path ends, from the outermost.
  private static func directoryEnds(of path: PathBytes) -> [Int] {
    var end = path.bytes.count
    while end > 1, path.bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
    return (1..<max(1, end)).filter {
      path.bytes[$0] == UInt8(ascii: "/") && path.bytes[$0 - 1] != UInt8(ascii: "/")
    }
  }

  private mutating func make(
    _ path: PathBytes, like source: PathBytes, _ preserved: PreservedMetadata, _ observe: (TreeEvent) -> Void
  ) throws(FileIOError) {
    let from = EntryPlace(directory: .workingDirectory, name: FileName(source))
    let to = EntryPlace(directory: .workingDirectory, name: FileName(path))
    let status: FileStatus
    switch from.status(followsLink: true) {
    case .success(let found): status = found
    case .failure(let errno): throw FileIOError(errno, during: .status, path: source)
    }
    var omitted: UInt16 = 0
    var surplus: UInt16 = 0
    var isNew = false
    switch to.status(followsLink: true) {
    case .success(let existing):
      guard existing.type == .directory else {
        throw FileIOError(.directoryOverOther, during: .createDirectory, path: path)
      }
    case .failure:
      isNew = true
      let mode = status.mode & 0o1777
      omitted = mode & (preserved.contains(.ownership) ? 0o077 : preserved.contains(.permissions) ? 0o022 : 0)
      surplus = ~mode & 0o700
      let answer = SystemCall.makeDirectory(to.directory, to.name, permissions: mode & ~omitted | surplus)
      if let errno = EntryPlace.errno(answer) {
        throw FileIOError(errno, during: .createDirectory, path: path)
      }
      observe(.copied(from: source, to: path, backup: nil))
    }
    made.append(
      MetadataCopy(
        preserved: preserved.subtracting([.extendedAttributes, .allExtendedAttributes]),
        ignoresPermissions: false,
        kind: .directory, source: FileMetadata(from), status: status, destination: FileMetadata(to),
        destinationStatus: try? to.status(followsLink: true).get(), isNew: isNew, omitted: omitted,
        surplus: surplus,
        sourcePath: { source }, path: { path }))
  }
}
