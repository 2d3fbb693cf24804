import UringIO

/// `--trace`: what all copies asked of the kernel, and when.
final class TraceOutput: @unchecked Sendable {
  // Used by the command's own thread alone; who tells of failures on others has it and does not.
  private let file: ReportFile
  private var operations = OperationTally()

  /// - Throws: `FileIOError` where the file cannot be made: before anything is copied.
  init(_ path: PathBytes) throws(FileIOError) { file = try ReportFile(path) }

  func add(_ report: OperationTally) { operations.add(report) }

  func write() throws(FileIOError) { try file.write(traceOf: operations, process: "uringcp") }
}
