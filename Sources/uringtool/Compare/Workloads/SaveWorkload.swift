import UringIO

/// The tutorials' CSV files made and written, or an archive's files.
final class SaveWorkload: Workload {
  enum Origin {
    case generated(files: Int, lines: Int, values: Int)
    /// A tar archive, read by the programs as their standard input.
    case archive(PathBytes)
  }

  let job = "save"
  private let origin: Origin
  private let contents: ContentComparison
  /// What the sequential engine saved before the first round.
  private var reference: FileTree?
  private let archiveByteCount: Int64

  /// - Throws: `ToolError` for an archive that cannot be read.
  init(_ origin: Origin) throws(ToolError) {
    self.origin = origin
    contents = try ContentComparison()
    guard case .archive(let path) = origin else {
      archiveByteCount = 0
      return
    }
    guard let file = OpenedForReading(path) else { throw ToolError.system("cannot open", path) }
    archiveByteCount = Int64(file.status.st_size)
  }

  var description: [(label: String, text: String)] {
    switch origin {
    case .generated(let files, let lines, let values):
      [("files", "\(files) CSV files of \(lines) lines of \(values) values, made and written")]
    case .archive(let path): [("archive", "\(path.displayed), \(ByteSize.format(archiveByteCount))")]
    }
  }

  var jsonMembers: [(String, JSON)] {
    switch origin {
    case .generated(let files, let lines, let values):
      [
        ("files", .integer(Int64(files))), ("lines", .integer(Int64(lines))),
        ("values", .integer(Int64(values))),
      ]
    case .archive(let path): [JSON.path("archive", path)]
    }
  }

  var amount: WorkAmount { WorkAmount(count: Double(reference?.files.count ?? 0), unit: "files") }
  var sourceByteCount: Int64 { archiveByteCount }
  /// As long as nobody has saved it, a guess: a value takes six characters at most where lines are few.
  var outcomeByteCount: Int64 {
    if let reference { return reference.allocatedByteCount }
    switch origin {
    case .generated(let files, let lines, let values): return Int64(files) * Int64(lines) * Int64(values) * 6
    case .archive: return archiveByteCount
    }
  }
  /// The reference.
  var keptByteCount: Int64 { outcomeByteCount }
  var synchronization: Synchronization { .fileSystem }
  var settings: [EngineSpec.Key] { [.workers, .depth, .batch] }
  var words: [String: PathBytes] { if case .archive(let path) = origin { ["source": path] } else { [:] } }
  var standardInput: PathBytes? { if case .archive(let path) = origin { path } else { nil } }

  func contestant(_ spec: EngineSpec) throws(ToolError) -> Contestant {
    var what: [String] = []
    if case .generated(let files, let lines, let values) = origin {
      what = ["--generate=csv", "--files=\(files)", "--lines=\(lines)", "--values=\(values)"]
    }
    var contestant = Contestant.engine(
      spec, Contestant.ourProgram("uringtool")!, ["save", "--json"] + what, ["--", "{destination}"])
    contestant.reports = true
    return contestant
  }

  /// Everybody's files are compared with those of the engine that does one thing at a time.
  func begin(in directory: PathBytes, _ interruption: Interruption) throws(ToolError) {
    let name = directory.appending(PathBytes("reference"))
    let child = try ChildProcess.run(
      contestant(EngineSpec(.sequential)).arguments(["destination": name]), standardInput: standardInput,
      interruption: interruption)
    guard child.exitStatus == 0 else {
      throw ToolError(message: "the files cannot be saved at all: \(child.complaint)")
    }
    reference = try FileTree(name)
  }

  func prepare(_ state: CacheState, _ interruption: Interruption) throws(ToolError) -> Int64? {
    guard case .archive(let path) = origin else { return 0 }
    guard let file = OpenedForReading(path) else { throw ToolError.system("cannot open", path) }
    switch state {
    case .cached: try contents.read(file.descriptor, path, size: archiveByteCount, interruption)
    case .uncached: file.dropFromCache()
    }
    return file.cachedByteCount
  }

  func complaint(
    about destination: PathBytes, output: [UInt8], from contestant: Contestant, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    try reference?.difference(from: destination, contents, interruption)
  }
}
