import UringIO

/// `--debug`: how a file's bytes were copied, in the words of cp's.
enum CopyMethod {
  static func line(_ report: CopyReport, _ options: TreeOptions) -> String {
    "copy offload: \(offload(report)), reflink: \(reflink(report, options)), "
      + "sparse detection: \(sparseDetection(report, options))"
  }

  private static func offload(_ report: CopyReport) -> String {
    switch report.strategy {
    case .serverSide: "yes"
    case .clone, .kept: "unknown"
    default: "no"
    }
  }

  private static func reflink(_ report: CopyReport, _ options: TreeOptions) -> String {
    if report.strategy == .clone { return "yes" }
    return options.cloning == .never ? "no" : "unsupported"
  }

  private static func sparseDetection(_ report: CopyReport, _ options: TreeOptions) -> String {
    let seesHoles = report.holeByteCount > 0 ? "SEEK_HOLE" : nil
    let seesZeros = options.sparseness == .always ? "zeros" : nil
    let methods = [seesHoles, seesZeros].compactMap { $0 }
    return methods.isEmpty ? "no" : methods.joined(separator: " + ")
  }
}
