import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The directories below the one that is written to, opened name by name and never through a symbolic link.
struct TreeDirectories {
  /// Descriptors are not to be had without end; an archive's members mostly lie side by side.
  private static let openMax = max(16, SaveDirectory.openMax)

  let root: SaveDirectory
  private var opened: [[UInt8]: SaveDirectory] = [:]
  /// The keys of `opened`, the oldest first.
  private var order: [[UInt8]] = []

  /// Opens the directory, made with its parents where it is missing.
  init(root path: PathBytes) throws(FileIOError) {
    var ends = path.bytes.indices.filter { $0 > 0 && path.bytes[$0] == UInt8(ascii: "/") }
    ends.append(path.bytes.count)
    for end in ends {
      let part = PathBytes(Array(path.bytes[..<end]))
      guard part.withCString({ mkdir($0, 0o777) }) != 0, errno != EEXIST else { continue }
      let number = Errno(rawValue: errno)
      // What is there but may not be made (a read-only parent) shows when it is opened.
      if number == .permissionDenied || number == .readOnlyFileSystem { continue }
      throw FileIOError(number, during: .createDirectory, path: part)
    }
    let descriptor = path.withCString { openat(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileIOError(Errno(rawValue: errno), during: .open, path: path) }
    root = SaveDirectory(adopting: FileDescriptor(rawValue: descriptor), path: path)
  }

  /// A path below the root for messages.
  func path(_ parts: ArraySlice<[UInt8]>) -> PathBytes {
    parts.reduce(root.path) { $0.appending(PathBytes($1)) }
  }

  /// The directory of those names, made where it is missing.
  ///
  /// - Parameter changed: called with the names of each directory in which one was made.
  mutating func open(
    _ parts: ArraySlice<[UInt8]>, changed: (ArraySlice<[UInt8]>) -> Void = { _ in }
  ) throws(FileIOError) -> SaveDirectory {
    var known = parts.count
    var current = root
    while known > 0 {
      if let found = opened[Self.key(parts.prefix(known))] {
        current = found
        break
      }
      known -= 1
    }
    while known < parts.count {
      let next = parts.prefix(known + 1)
      current = try openOrMake(next.last!, in: current, path: path(next)) { changed(parts.prefix(known)) }
      keep(current, Self.key(next))
      known += 1
    }
    return current
  }

  private static func key(_ parts: ArraySlice<[UInt8]>) -> [UInt8] {
    Array(parts.joined(separator: [UInt8(ascii: "/")]))
  }

  private mutating func keep(_ directory: SaveDirectory, _ key: [UInt8]) {
    if order.count >= Self.openMax { opened[order.removeFirst()] = nil }
    opened[key] = directory
    order.append(key)
  }

  private func openOrMake(
    _ name: [UInt8], in parent: SaveDirectory, path: PathBytes, made: () -> Void
  ) throws(FileIOError) -> SaveDirectory {
    let name = PathBytes(name)
    for _ in 0..<2 {
      let descriptor = name.withCString {
        openat(parent.descriptor.rawValue, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
      if descriptor >= 0 {
        return SaveDirectory(adopting: FileDescriptor(rawValue: descriptor), path: path)
      }
      guard errno == ENOENT else { break }
      // Who may not list a directory of ours may not fill it either: the archive's mode comes at the end.
      if name.withCString({ mkdirat(parent.descriptor.rawValue, $0, 0o777) }) == 0 {
        made()
      } else if errno != EEXIST {
        throw FileIOError(Errno(rawValue: errno), during: .createDirectory, path: path)
      }
    }
    let number = Errno(rawValue: errno)
    var status = stat()
    let isLink =
      name.withCString { fstatat(parent.descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
      && status.st_mode & S_IFMT == S_IFLNK
    throw FileIOError(
      number, during: .open, path: path, note: isLink ? "a symbolic link is not followed" : nil)
  }
}
