import UringIO

/// A report's file with the tool's errors.
extension ReportFile {
  /// - Throws: `ToolError` where nothing can be made there.
  static func open(_ path: PathBytes) throws(ToolError) -> ReportFile {
    do throws(FileIOError) {
      return try ReportFile(path)
    } catch {
      throw complaint(path, error)
    }
  }

  func writeReport(_ text: String) throws(ToolError) {
    do throws(FileIOError) { try write(text) } catch { throw Self.complaint(path, error) }
  }

  private static func complaint(_ path: PathBytes, _ error: FileIOError) -> ToolError {
    let why = error.errno == .isDirectory ? "it is a directory" : error.errno.map { "\($0)" } ?? "\(error)"
    return ToolError(message: "cannot write the report '\(path.displayed)': \(why)")
  }
}
