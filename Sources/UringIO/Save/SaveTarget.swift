import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a file goes, in the forms the operations take.
struct SaveTarget {
  /// The working directory, or the open directory the name lies in.
  let directory: FileDescriptor
  let name: PathBytes
  /// A missing parent of it may be created; not in an open directory.
  let hasParents: Bool
  /// Whether a symbolic link at the name is written through.
  let followsLink: Bool

  private static let slash = UInt8(ascii: "/")

  init(_ file: FileToSave) {
    if let parent = file.directory, let name = file.name {
      directory = parent.descriptor
      self.name = name
      hasParents = false
      followsLink = false
    } else {
      directory = .workingDirectory
      name = file.path
      hasParents = true
      followsLink = true
    }
  }

  /// The path up to its last name, with the slash; empty where there is none.
  private var parent: ArraySlice<UInt8> {
    name.bytes[..<((name.bytes.lastIndex(of: Self.slash) ?? -1) + 1)]
  }

  /// The directory that holds the name, as an operation opens it.
  var parentPath: PathBytes { parent.isEmpty ? PathBytes([UInt8(ascii: ".")]) : PathBytes(Array(parent)) }

  /// The missing directories that could be created: where each name of the path before the last one ends.
  var parentEnds: [Int] {
    guard hasParents else { return [] }
    let bytes = name.bytes
    return bytes.indices.filter { index in
      index > 0 && bytes[index] == Self.slash && bytes[index - 1] != Self.slash
    }
  }

  /// A name beside the file's that nobody else takes.
  func temporaryName() -> PathBytes {
    let number = Self.temporaryCount.wrappingAdd(1, ordering: .relaxed).newValue
    let unique = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    return PathBytes(Array(parent) + Array(".save-\(getpid())-\(number)-\(unique).tmp".utf8))
  }

  private static let temporaryCount = Atomic<UInt64>(0)

  /// Whether a path repeats no slash and has no name "." in it: it is its own key then.
  private static func isPlain(_ bytes: [UInt8]) -> Bool {
    let dot = UInt8(ascii: ".")
    // As if a name ended before the path.
    var before = slash
    var isDot = false
    for (index, byte) in bytes.enumerated() {
      if byte == slash, before == slash && index > 0 || isDot { return false }
      isDot = byte == dot && before == slash
      before = byte
    }
    return !isDot && (before != slash || bytes.count == 1)
  }

  /// The same for all spellings of a path that only repeat slashes and dots: two entries for one file are
  /// saved one after the other.
  static func key(_ file: FileToSave) -> PathBytes {
    let bytes = file.path.bytes
    if isPlain(bytes) { return file.path }
    var key: [UInt8] = []
    key.reserveCapacity(bytes.count)
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: slash) ?? bytes.count
      let part = bytes[start..<end]
      if start == 0, part.isEmpty { key.append(slash) }
      if !part.isEmpty, !(part.count == 1 && part.first == UInt8(ascii: ".")) {
        if let last = key.last, last != slash { key.append(slash) }
        key += part
      }
      start = end + 1
    }
    return PathBytes(key)
  }
}
