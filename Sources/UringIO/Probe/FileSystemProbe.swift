import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a directory's file system can do for a copy: tried with small files, not looked up.
package struct FileSystemProbe: Sendable {
  /// The directory that was tried: the path itself, or the one its file lies in.
  package var directory: PathBytes
  package var kind: FileSystemKind
  /// `nil` where the kernel does not tell.
  package var mount: MountProbe?
  package var byteCount: Int64
  /// Bytes an ordinary user may still take.
  package var freeByteCount: Int64
  /// Whether two files can share blocks (`FICLONE`).
  package var clone: ProbeAnswer
  /// Whether the file system or its server makes the copies (`copy_file_range`).
  package var copiesByItself: Bool
  /// What direct transfers must be aligned to in bytes, where the kernel says so (`STATX_DIOALIGN`).
  package var directAlignment: (memory: Int, offset: Int)?
  /// Whether a write past the page cache was taken (`O_DIRECT`).
  package var directWrite: ProbeAnswer
  /// Bytes of the smallest direct write that was taken.
  package var directWriteByteCount: Int?
  /// Whether a write that leaves the page cache behind it was taken (`RWF_DONTCACHE`).
  package var dontCache: ProbeAnswer
  /// Whether holes are kept and found (`SEEK_DATA`).
  package var holes: ProbeAnswer
  /// Whether space can be taken in advance (`fallocate`).
  package var preallocation: ProbeAnswer

  /// Tries everything in the directory of `path`, with unnamed files (`O_TMPFILE`), or named ones that are
  /// unlinked at once.
  ///
  /// - Throws: `FileIOError` during `.status` or `.open` where the path leads nowhere or may not be opened.
  ///   A directory that takes no files is no error: what needs one is then unknown.
  package static func probe(_ path: PathBytes) throws(FileIOError) -> FileSystemProbe {
    let directory = try directory(of: path)
    let descriptor: FileDescriptor
    switch SystemCall.open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY) {
    case .success(let opened): descriptor = opened
    case .failure(let errno): throw FileIOError(errno, during: .open, path: directory)
    }
    defer { _ = SystemCall.close(descriptor) }
    var space = statvfs()
    _ = fstatvfs(descriptor.rawValue, &space)
    let kind = FileSystemKind.of(descriptor)
    let unknown = ProbeAnswer.unknown("not tried")
    var probe = FileSystemProbe(
      directory: directory, kind: kind, mount: MountProbe.of(descriptor),
      byteCount: Int64(space.f_blocks) * Int64(space.f_frsize),
      freeByteCount: Int64(space.f_bavail) * Int64(space.f_frsize),
      clone: unknown, copiesByItself: kind.copiesByItself, directAlignment: nil, directWrite: unknown,
      directWriteByteCount: nil, dontCache: unknown, holes: unknown, preallocation: unknown)
    switch UnnamedFile.create(in: directory) {
    case .success(let file):
      defer { _ = SystemCall.close(file) }
      try probe.tryEverything(on: file)
    case .failure(let errno):
      let answer = ProbeAnswer.unknown("the directory takes no files: \(errno)")
      probe.clone = answer
      probe.directWrite = answer
      probe.dontCache = answer
      probe.holes = answer
      probe.preallocation = answer
    }
    return probe
  }

  /// How a large copy to a new file here would go.
  ///
  /// - Parameters:
  ///   - engine: the engine that would run it.
  ///   - isSourceCached: whether all or none of the source is in the page cache.
  package func largeCopy(
    engine: FileEngine, isSourceCached: Bool
  ) throws(FileIOError) -> (strategy: CopyStrategy, reason: String) {
    if clone == .yes { return (.clone, "the file system shares blocks, where the source lies on it too") }
    if copiesByItself {
      return (.serverSide, "the file system copies by itself, where the source lies on it too")
    }
    let size: Int64 = 1 << 30
    let chosen = try engine.selection.forLargeFiles().engine
    let facts = CopyPlan.Facts(
      size: size, cachedByteCount: isSourceCached ? size : 0, isCreated: true, destinationFileSystem: kind,
      canWriteDirect: directWrite == .yes, engine: chosen.kind, workerCount: chosen.workerCount)
    let plan = CopyPlan.make(facts, CopyOptions())
    return (plan.strategy, plan.reason)
  }

  private static func directory(of path: PathBytes) throws(FileIOError) -> PathBytes {
    switch FileStatus.of(path) {
    case .failure(let errno): throw FileIOError(errno, during: .status, path: path)
    case .success(let status) where status.type == .directory: return path
    case .success:
      let parent = path.bytes.count - path.lastComponent.bytes.count
      return PathBytes(parent > 0 ? Array(path.bytes[..<parent]) : [UInt8(ascii: ".")])
    }
  }
}
