import Dispatch
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A new directory, in memory where there is such a place; it becomes the working directory, so that paths are
/// equally long wherever it lies.
public final class Place {
  private let path: String
  private let before: String
  private let endings: [any DispatchSourceSignal]

  /// - Parameter parent: where it is made. `nil`: in memory, and it is removed by SIGINT and SIGTERM too.
  public init(in parent: String? = nil) throws(Errno) {
    before = try Self.workingDirectory()
    var name = Array("\(parent ?? Self.parent)/uringio-micro-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil, chdir(name) == 0 else { throw Errno(rawValue: errno) }
    let path = try Self.workingDirectory()
    self.path = path
    endings = parent == nil ? [SIGINT, SIGTERM].map { Self.remove(path, on: $0) } : []
  }

  /// Removes the directory with all that is in it.
  public func remove() {
    for ending in endings { ending.cancel() }
    _ = chdir(before)
    removeTree(path)
  }

  private static var parent: String {
    let memory = "/dev/shm"
    if access(memory, W_OK) == 0 { return memory }
    return getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  }

  private static func workingDirectory() throws(Errno) -> String {
    guard let path = getcwd(nil, 0) else { throw Errno(rawValue: errno) }
    defer { free(path) }
    return String(cString: path)
  }

  private static func remove(_ path: String, on number: CInt) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      removeTree(path)
      exit(128 + number)
    }
    source.resume()
    return source
  }

  // MARK: What is in it

  func makeDirectory(_ name: String) throws(Errno) {
    guard mkdir(name, 0o755) == 0 else { throw Errno(rawValue: errno) }
  }

  func write(_ name: FilePath, byteCount: Int) throws {
    let file = try FileDescriptor.open(
      name, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll([UInt8](repeating: UInt8(ascii: "x"), count: byteCount)) }
  }

  /// Paths of equal length, so that one costs what the other does.
  static func names(in directory: String, count: Int) -> [FilePath] {
    (0..<count).map { FilePath("\(directory)/\(String($0 + 1_000_000).dropFirst())") }
  }
}

/// As `rm -rf`, as far as it gets.
private func removeTree(_ path: String) {
  if let directory = opendir(path) {
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(cString: $0.assumingMemoryBound(to: CChar.self).baseAddress!)
      }
      if name != ".", name != ".." { removeTree("\(path)/\(name)") }
    }
    closedir(directory)
  }
  _ = remove(path)
}
