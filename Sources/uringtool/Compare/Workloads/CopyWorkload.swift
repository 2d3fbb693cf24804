import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One file copied. Open as long as the workload lives.
final class CopyWorkload: Workload {
  let job = "copy"
  private let path: PathBytes
  private let size: Int64
  private let file: OpenedForReading
  private let contents: ContentComparison

  /// - Throws: `ToolError` for what cannot be read, is no regular file or has no bytes.
  init(_ path: PathBytes) throws(ToolError) {
    self.path = path
    guard let file = OpenedForReading(path) else { throw ToolError.system("cannot open", path) }
    let type = file.status.type
    size = Int64(file.status.st_size)
    let why =
      type == S_IFDIR
      ? "it is a directory (compare tree copies one)"
      : type != S_IFREG ? "it is not a regular file" : size == 0 ? "it is empty" : nil
    self.file = file
    contents = try ContentComparison()
    if let why { throw ToolError(message: "cannot compare copies of '\(path.displayed)': \(why)") }
  }

  var description: [(label: String, text: String)] {
    let holes = size - file.status.allocatedByteCount
    return [
      (
        "file",
        "\(path.displayed), \(ByteSize.format(size))"
          + (holes >= 1 << 20 ? " (\(ByteSize.format(holes)) of it holes)" : "")
      )
    ]
  }

  var jsonMembers: [(String, JSON)] { [JSON.path("file", path)] }
  var amount: WorkAmount { WorkAmount(count: Double(size) / 1e9, unit: "GB") }
  var sourceByteCount: Int64 { file.status.allocatedByteCount }
  var outcomeByteCount: Int64 { sourceByteCount }
  var synchronization: Synchronization { .file }
  var settings: [EngineSpec.Key] { [.workers, .depth, .chunkSize, .cache] }
  var words: [String: PathBytes] { ["source": path] }

  func contestant(_ spec: EngineSpec) throws(ToolError) -> Contestant {
    // uringcp where it lies beside this program, or this program itself.
    let after = ["--", "{source}", "{destination}"]
    var contestant =
      if let uringcp = Contestant.ourProgram("uringcp") {
        Contestant.engine(spec, uringcp, ["--json", "-T", "--reflink=never"], after)
      } else {
        Contestant.engine(spec, Contestant.ourProgram("uringtool")!, ["copy-once"], after)
      }
    contestant.reports = true
    return contestant
  }

  func usualTool(_ interruption: Interruption) throws(ToolError) -> Contestant? { try .cp([], interruption) }

  func prepare(_ state: CacheState, _ interruption: Interruption) throws(ToolError) -> Int64? {
    switch state {
    case .cached: try contents.read(file.descriptor, path, size: size, interruption)
    case .uncached: file.dropFromCache()
    }
    try checkUnchanged()
    return file.cachedByteCount
  }

  func complaint(
    about destination: PathBytes, output: [UInt8], from contestant: Contestant, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    guard let copy = OpenedForReading(destination, followsLink: false) else {
      return "the copy cannot be opened: \(String(cString: strerror(errno)))"
    }
    guard Int64(copy.status.st_size) == size else {
      return "the copy has \(copy.status.st_size) bytes instead of \(size)"
    }
    guard
      let difference = try contents.difference(
        (file.descriptor, path), (copy.descriptor, destination), size: size, interruption)
    else { return nil }
    try checkUnchanged()
    return "the copy \(difference)"
  }

  /// - Throws: `ToolError` where somebody wrote into the file: then nothing here means anything.
  private func checkUnchanged() throws(ToolError) {
    var status = stat()
    fstat(file.descriptor, &status)
    guard Int64(status.st_size) == size, status.modified == file.status.modified else {
      throw ToolError(message: "'\(path.displayed)' changed while its copies were compared")
    }
  }
}
