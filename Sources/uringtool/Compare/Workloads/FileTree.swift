import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// All that is below a directory, as it was when it was listed.
struct FileTree {
  struct Entry {
    /// Below the root.
    var path: PathBytes
    var type: mode_t
    /// Of a regular file.
    var size: Int64
    var modified: (seconds: Int, nanoseconds: Int)
  }

  let root: PathBytes
  /// In the order of their paths.
  let entries: [Entry]
  /// Of the regular files.
  let byteCount: Int64
  let allocatedByteCount: Int64

  var files: [Entry] { entries.filter { $0.type == S_IFREG } }

  /// - Throws: `ToolError` for what cannot be listed.
  init(_ root: PathBytes) throws(ToolError) {
    self.root = root
    var entries: [Entry] = []
    var allocated: Int64 = 0
    let error = DirectoryWalk.visit(root) { found in
      guard !found.path.bytes.isEmpty else { return }
      let isFile = found.status.type == S_IFREG
      if isFile { allocated += found.status.allocatedByteCount }
      entries.append(
        Entry(
          path: found.path, type: found.status.type, size: isFile ? Int64(found.status.st_size) : 0,
          modified: found.status.modified))
    }
    if let error { throw error }
    self.entries = entries.sorted { $0.path.bytes.lexicographicallyPrecedes($1.path.bytes) }
    byteCount = entries.reduce(0) { $0 + $1.size }
    allocatedByteCount = allocated
  }

  func path(_ entry: Entry) -> PathBytes { root.appending(entry.path) }

  /// - Returns: what is in one and not, or otherwise, in the other; `nil` where they are equal.
  func difference(
    from copy: PathBytes, _ contents: ContentComparison, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    let other: FileTree
    do throws(ToolError) { other = try FileTree(copy) } catch { return error.message }
    for (entry, found) in zip(entries, other.entries) {
      guard entry.path == found.path else {
        let isMissing = entry.path.bytes.lexicographicallyPrecedes(found.path.bytes)
        return isMissing
          ? "'\(entry.path.displayed)' is missing" : "'\(found.path.displayed)' is not of the source"
      }
      guard entry.type == found.type else { return "'\(entry.path.displayed)' is of another kind" }
      guard entry.size == found.size else {
        return "'\(entry.path.displayed)' has \(found.size) bytes instead of \(entry.size)"
      }
    }
    guard entries.count == other.entries.count else {
      return "it has \(other.entries.count) entries instead of \(entries.count)"
    }
    for entry in entries {
      try interruption.check()
      switch entry.type {
      case S_IFREG: if let text = try fileDifference(entry, copy, contents, interruption) { return text }
      case S_IFLNK:
        if Self.target(path(entry)) != Self.target(copy.appending(entry.path)) {
          return "the link '\(entry.path.displayed)' leads elsewhere"
        }
      default: break
      }
    }
    return nil
  }

  private func fileDifference(
    _ entry: Entry, _ copy: PathBytes, _ contents: ContentComparison, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    let name = copy.appending(entry.path)
    guard let original = OpenedForReading(path(entry), followsLink: false) else {
      throw ToolError.system("cannot open", path(entry))
    }
    guard let copied = OpenedForReading(name, followsLink: false) else {
      return "'\(entry.path.displayed)' cannot be opened: \(String(cString: strerror(errno)))"
    }
    guard
      let difference = try contents.difference(
        (original.descriptor, path(entry)), (copied.descriptor, name), size: entry.size, interruption)
    else { return nil }
    guard Int64(original.status.st_size) == entry.size, original.status.modified == entry.modified else {
      throw ToolError(message: "'\(path(entry).displayed)' changed while its copies were compared")
    }
    return "'\(entry.path.displayed)' \(difference)"
  }

  private static func target(_ link: PathBytes) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = link.withCString { name in
      bytes.withUnsafeMutableBytes {
        readlink(name, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
      }
    }
    return count < 0 ? nil : Array(bytes[..<count])
  }

  /// Brings the contents of all files into the page cache, or out of it.
  ///
  /// - Returns: bytes that are cached then; `nil` where nobody can tell.
  func prepare(
    _ state: CacheState, _ contents: ContentComparison, _ interruption: Interruption
  ) throws(ToolError) -> Int64? {
    var cached: Int64? = 0
    for entry in entries where entry.type == S_IFREG {
      try interruption.check()
      guard let file = OpenedForReading(path(entry), followsLink: false) else {
        throw ToolError.system("cannot open", path(entry))
      }
      switch state {
      case .cached: try contents.read(file.descriptor, path(entry), size: entry.size, interruption)
      case .uncached: file.dropFromCache()
      }
      if entry.size > 0 { cached = file.cachedByteCount.flatMap { count in cached.map { $0 + count } } }
    }
    return cached
  }
}
