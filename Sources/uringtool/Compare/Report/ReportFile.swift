import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A report that will be written at the end. It appears whole under its name, or not at all; until then it has a name
/// beside that, which shows at the start whether it can be written.
final class ReportFile {
  private let path: PathBytes
  private let temporary: PathBytes
  private var isWritten = false

  /// - Throws: `ToolError` where nothing can be made there.
  init(_ path: PathBytes) throws(ToolError) {
    var status = stat()
    if path.withCString({ stat($0, &status) }) == 0, status.type == S_IFDIR {
      throw ToolError(message: "cannot write the report '\(path.displayed)': it is a directory")
    }
    self.path = path
    temporary = PathBytes(path.bytes + Array(".\(getpid()).part".utf8))
    do throws(ToolError) {
      try GeneratedFiles.write([], to: temporary)
    } catch {
      throw ToolError(message: "cannot write the report '\(path.displayed)': \(error.message)")
    }
  }

  deinit { if !isWritten { _ = temporary.withCString { unlink($0) } } }

  func write(_ text: String) throws(ToolError) {
    try GeneratedFiles.write(Array(text.utf8), to: temporary)
    guard temporary.withCString({ from in path.withCString { rename(from, $0) } }) == 0 else {
      throw ToolError.system("cannot write the report", path)
    }
    isWritten = true
  }
}
