import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Walks directories from descriptor to descriptor: no link is followed, and no path is too long.
enum DirectoryWalk {
  struct Entry {
    /// Below the walk's root; empty for the root itself.
    var path: PathBytes
    var status: stat
  }

  /// Calls `visit` with each entry, directories before what is in them.
  ///
  /// - Returns: the first error there was.
  static func visit(_ root: PathBytes, _ visit: (Entry) -> Void) -> ToolError? {
    var error: ToolError?
    walk(AT_FDCWD, root, below: PathBytes([])) { step in
      switch step {
      case .entry(_, _, let path, let status): visit(Entry(path: path, status: status))
      case .left: break
      case .failed(let path, let reason):
        let name = path.bytes.isEmpty ? root : root.appending(path)
        error =
          error ?? ToolError(message: "cannot read '\(name.displayed)': \(String(cString: strerror(reason)))")
      }
    }
    return error
  }

  /// Removes what has the name, and all that is in it; as far as that can be done.
  static func remove(_ root: PathBytes) {
    walk(AT_FDCWD, root, below: PathBytes([])) { step in
      switch step {
      case .entry(let parent, let name, _, let status):
        guard status.type == S_IFDIR else {
          _ = name.withCString { unlinkat(parent, $0, 0) }
          return
        }
        // What nobody may write into or list cannot be emptied.
        if status.st_mode & 0o700 != 0o700 { _ = name.withCString { fchmodat(parent, $0, 0o700, 0) } }
      case .left(let parent, let name): _ = name.withCString { unlinkat(parent, $0, AT_REMOVEDIR) }
      case .failed: break
      }
    }
  }

  private enum Step {
    /// Found, in the directory that is open as that descriptor.
    case entry(CInt, PathBytes, path: PathBytes, stat)
    /// All that is in that directory was visited.
    case left(CInt, PathBytes)
    case failed(PathBytes, CInt)
  }

  private static func walk(_ parent: CInt, _ name: PathBytes, below path: PathBytes, _ body: (Step) -> Void) {
    var status = stat()
    guard name.withCString({ fstatat(parent, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
      // The root that is not there is the caller's to tell; anything else went away meanwhile.
      return path.bytes.isEmpty ? body(.failed(path, errno)) : ()
    }
    body(.entry(parent, name, path: path, status))
    guard status.type == S_IFDIR else { return }
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let directory = name.withCString { openat(parent, $0, flags) }
    guard directory >= 0 else { return body(.failed(path, errno)) }
    guard let stream = fdopendir(directory) else {
      body(.failed(path, errno))
      close(directory)
      return
    }
    for child in names(stream) {
      walk(directory, child, below: path.bytes.isEmpty ? child : path.appending(child), body)
    }
    closedir(stream)
    body(.left(parent, name))
  }

  private static func names(_ stream: OpaquePointer) -> [PathBytes] {
    var names: [PathBytes] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
          Array(
            UnsafeBufferPointer(
              start: $0, count: strlen(UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))))
        }
      }
      if bytes != [UInt8(ascii: ".")], bytes != [UInt8(ascii: "."), UInt8(ascii: ".")] {
        names.append(PathBytes(bytes))
      }
    }
    return names
  }
}
