import UringIO

/// `--debug`: how a file's bytes were copied, in the words of cp's.
extension CopyMethod {
  func line(_ options: TreeOptions) -> String {
    "copy offload: \(offload), reflink: \(reflink(options)), sparse detection: \(sparseDetection(options))"
  }

  private var offload: String {
    switch strategy {
    case .serverSide: "yes"
    case .clone, .kept: "unknown"
    default: "no"
    }
  }

  private func reflink(_ options: TreeOptions) -> String {
    if strategy == .clone { return "yes" }
    return options.cloning == .never ? "no" : "unsupported"
  }

  private func sparseDetection(_ options: TreeOptions) -> String {
    let seesHoles = hasHoles ? "SEEK_HOLE" : nil
    let seesZeros = options.sparseness == .always ? "zeros" : nil
    let methods = [seesHoles, seesZeros].compactMap { $0 }
    return methods.isEmpty ? "no" : methods.joined(separator: " + ")
  }
}
