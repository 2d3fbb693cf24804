import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A name in a directory: where an entry is, or is to be.
struct EntryPlace: Sendable {
  let directory: FileDescriptor
  let name: FileName

  /// - Parameter followsLink: a symbolic link is asked where it leads.
  func status(followsLink: Bool) -> Result<FileStatus, Errno> {
    var answer = stat()
    let flags = followsLink ? 0 : AT_SYMLINK_NOFOLLOW
    guard fstatat(directory.rawValue, name.address, &answer, flags) == 0 else {
      return .failure(SystemCall.lastError)
    }
    return .success(FileStatus(answer))
  }

  func open(_ flags: CInt, permissions: UInt16 = 0) -> Result<FileDescriptor, Errno> {
    while true {
      let answer = SystemCall.open(
        directory, name, flags: flags | O_CLOEXEC | O_NOCTTY, permissions: permissions)
      if answer >= 0 { return .success(FileDescriptor(rawValue: CInt(answer))) }
      let errno = Errno(rawValue: CInt(-answer))
      guard errno == .interrupted else { return .failure(errno) }
    }
  }

  func remove() -> Errno? { Self.errno(SystemCall.remove(directory, name, isDirectory: false)) }

  static func errno(_ answer: Int) -> Errno? { answer < 0 ? Errno(rawValue: CInt(-answer)) : nil }

  /// Whether two names are one entry of one directory, not merely names of one file.
  func isSameName(as other: EntryPlace) -> Bool {
    let path = name.bytes
    let otherPath = other.name.bytes
    guard path.lastComponent == otherPath.lastComponent else { return false }
    let parent = EntryPlace(directory: directory, name: FileName(path.parent))
    let otherParent = EntryPlace(directory: other.directory, name: FileName(otherPath.parent))
    guard case .success(let status) = parent.status(followsLink: true),
      case .success(let otherStatus) = otherParent.status(followsLink: true)
    else { return false }
    return status.isSameFile(as: otherStatus)
  }
}

extension PathBytes {
  /// The directory of the last component; "." where only that is given.
  package var parent: PathBytes {
    var end = bytes.count
    while end > 1, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
    guard let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) else {
      return PathBytes([UInt8(ascii: ".")])
    }
    return PathBytes(Array(bytes[...slash]))
  }

  /// Another name in the directory of the last component.
  func sibling(_ name: PathBytes) -> PathBytes {
    let end = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    return PathBytes(Array(bytes[..<end]) + name.bytes)
  }

  /// Whether the last component is "." or "..".
  var isDots: Bool {
    let last = lastComponent.bytes
    return last.count <= 2 && !last.isEmpty && last.allSatisfy { $0 == UInt8(ascii: ".") }
  }
}
