import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The directories above a copy, made like those above its source: `--parents`.
package struct ParentDirectories {
  /// Of those that get their source's metadata, from the outermost.
  private var endings: [(path: PathBytes, source: PathBytes, ending: TreeNode.Ending)] = []
  private let options: TreeOptions
  /// Whether one had to be made, so that nothing can be in it.
  package private(set) var areNew = false

  /// Makes those of `target`/(the source's directories) that are missing.
  ///
  /// Where none is, none is changed later either, as in cp.
  ///
  /// - Parameter observe: told of each that was made.
  /// - Throws: `FileIOError` where one cannot be made, or is no directory.
  package static func make(
    in target: PathBytes, for source: PathBytes, options: TreeOptions, observe: (TreeEvent) -> Void
  ) throws(FileIOError) -> ParentDirectories {
    var parents = ParentDirectories(options)
    let ends = directoryEnds(of: source)
    guard let last = ends.last else { return parents }
    if case .success(let found) = place(copy(of: source, upTo: last, in: target)).status(followsLink: true) {
      guard found.type != .directory else { return parents }
    }
    for end in ends {
      try parents.make(
        copy(of: source, upTo: end, in: target), like: PathBytes(Array(source.bytes[..<end])), observe)
    }
    return parents
  }

  private init(_ options: TreeOptions) { self.options = options }

  private static func place(_ path: PathBytes) -> EntryPlace {
    EntryPlace(directory: .workingDirectory, name: FileName(path))
  }

  /// Where each of the directories in a path ends, from the outermost.
  private static func directoryEnds(of path: PathBytes) -> [Int] {
    var end = path.bytes.count
    while end > 1, path.bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
    return (1..<max(1, end)).filter {
      path.bytes[$0] == UInt8(ascii: "/") && path.bytes[$0 - 1] != UInt8(ascii: "/")
    }
  }

  private static func copy(of source: PathBytes, upTo end: Int, in target: PathBytes) -> PathBytes {
    target.appending(PathBytes(Array(source.bytes[..<end].drop { $0 == UInt8(ascii: "/") })))
  }

  private mutating func make(
    _ path: PathBytes, like source: PathBytes, _ observe: (TreeEvent) -> Void
  ) throws(FileIOError) {
    let to = Self.place(path)
    let existing = try? to.status(followsLink: true).get()
    guard existing == nil || existing?.type == .directory else {
      throw FileIOError(.directoryOverOther, during: .createDirectory, path: path)
    }
    let status: FileStatus
    switch Self.place(source).status(followsLink: true) {
    case .success(let found): status = found
    case .failure(let errno): throw FileIOError(errno, during: .status, path: source)
    }
    guard status.type == .directory else { throw FileIOError(.notDirectory, during: .status, path: source) }
    var omitted: UInt16 = 0
    var surplus: UInt16 = 0
    var isNew = false
    if existing == nil {
      isNew = true
      areNew = true
      let mode = options.ignoresPermissions ? 0o777 : status.mode & 0o1777
      let preserved = options.preserved
      omitted = mode & (preserved.contains(.ownership) ? 0o077 : preserved.contains(.permissions) ? 0o022 : 0)
      let answer = SystemCall.makeDirectory(to.directory, to.name, permissions: mode & ~omitted)
      if let errno = EntryPlace.errno(answer) {
        throw FileIOError(errno, during: .createDirectory, path: path)
      }
      // Its owner must be able to make the next one in it.
      if let made = FileMetadata(to).mode, made & 0o700 != 0o700 {
        surplus = ~made & 0o700
        _ = FileMetadata(to).setMode(made | 0o700)
      }
      observe(.copied(from: source, to: path, backup: nil))
    }
    guard case .success(let made) = to.status(followsLink: true) else { return }
    endings.append(
      (
        path, source,
        .init(status: status, destinationStatus: made, isNew: isNew, omitted: omitted, surplus: surplus)
      ))
  }

  /// Gives them their metadata, when what they are above of is copied.
  ///
  /// - Returns: what could not be done.
  package func finish() -> [FileIOError] {
    endings.reversed().flatMap { path, source, ending in finish(path, source, ending) }
  }

  private func finish(_ path: PathBytes, _ source: PathBytes, _ ending: TreeNode.Ending) -> [FileIOError] {
    let preserved = options.preserved.intersection([.permissions, .ownership, .timestamps])
    let place = Self.place(path)
    // One that is there may be a symbolic link to a directory.
    let descriptor = try? place.open(O_RDONLY | O_DIRECTORY).get()
    defer { if let descriptor { _ = SystemCall.close(descriptor) } }
    let copy = MetadataCopy(
      preserved: preserved, ignoresPermissions: false, kind: .directory,
      source: FileMetadata(Self.place(source)),
      status: ending.status,
      destination: descriptor.map { FileMetadata($0, at: place) } ?? FileMetadata(place),
      destinationStatus: ending.destinationStatus, isNew: ending.isNew, omitted: ending.omitted,
      surplus: ending.surplus, keepsSpecialBits: true, sourcePath: { source }, path: { path })
    return copy.apply()
  }
}
