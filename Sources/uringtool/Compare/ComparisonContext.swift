import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the numbers depend on, and must be quoted with.
struct ComparisonContext {
  let source: SourceFile
  /// Where the copies went.
  let directory: PathBytes
  let fileSystem: FileSystemProbe
  let machine: MachineProbe
  /// Of the start.
  let date: time_t
  let roundCount: Int
  let seed: UInt64
  let cache: CopyOptions.CacheMode
  /// Whether the free memory that nobody needed was held.
  let holdsBallast: Bool
  /// Contestants that cannot run here.
  var leftOut: [(name: String, reason: String)] = []
  /// The first line of `cp --version`.
  var cpVersion: String?
  /// The least of the source that was in the page cache before a copy; `nil` where nobody can tell.
  var cachedByteCountMin: Int64?

  var isSourceCached: Bool { cachedByteCountMin.map { $0 >= source.size } ?? true }

  /// The date by `strftime`'s format, in UTC or local time.
  func dateText(_ format: String, isUTC: Bool) -> String {
    var seconds = date
    var parts = tm()
    _ = isUTC ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)
    var characters = [CChar](repeating: 0, count: 64)
    let count = strftime(&characters, characters.count, format, &parts)
    return String(decoding: characters[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension PathBytes {
  /// The path from the root, without links; itself where it leads nowhere. `realpath`.
  var resolved: PathBytes {
    guard let path = withCString({ realpath($0, nil) }) else { return self }
    defer { free(path) }
    return PathBytes(UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) })
  }
}
