import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// All regular files of a directory, or one file, loaded whole into memory.
final class LoadWorkload: Workload {
  let job = "load"
  private let tree: FileTree
  private let contents: ContentComparison
  private let origin: String
  private var list = PathBytes([])

  /// - Throws: `ToolError` for what cannot be read, or has no files.
  init(_ path: PathBytes, origin: String = "") throws(ToolError) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { throw ToolError.system("cannot open", path) }
    guard status.type == S_IFDIR else {
      throw ToolError(message: "cannot compare loads of '\(path.displayed)': it is no directory")
    }
    tree = try FileTree(path.resolved)
    contents = try ContentComparison()
    self.origin = origin
    guard !tree.files.isEmpty else {
      throw ToolError(message: "cannot compare loads of '\(path.displayed)': there are no files in it")
    }
  }

  private var fileCount: Int { tree.files.count }

  var description: [(label: String, text: String)] {
    [
      ("files", "\(fileCount) in \(tree.root.displayed), \(ByteSize.format(tree.byteCount))" + origin),
      ("checked", "by the files and bytes that each of our programs reports; of others by their exit status"),
    ]
  }

  var jsonMembers: [(String, JSON)] {
    [JSON.path("tree", tree.root), ("files", .integer(Int64(fileCount)))]
  }
  var amount: WorkAmount { WorkAmount(count: Double(fileCount), unit: "files") }
  var sourceByteCount: Int64 { tree.byteCount }
  var outcomeByteCount: Int64 { 0 }
  var synchronization: Synchronization { .none }
  var settings: [EngineSpec.Key] { [.workers, .depth, .batch] }
  var words: [String: PathBytes] { ["source": tree.root, "list": list] }

  func contestant(_ spec: EngineSpec) throws(ToolError) -> Contestant {
    var contestant = Contestant.engine(
      spec, Contestant.ourProgram("uringtool")!, ["load", "--json", "--0"], ["--list={list}"])
    contestant.reports = true
    return contestant
  }

  /// Writes the list of names, in the order in which the directories have them.
  func begin(in directory: PathBytes, _ interruption: Interruption) throws(ToolError) {
    list = directory.appending(PathBytes("list"))
    var bytes: [UInt8] = []
    for entry in tree.files { bytes += tree.path(entry).bytes + [0] }
    try GeneratedFiles.write(bytes, to: list)
  }

  func prepare(_ state: CacheState, _ interruption: Interruption) throws(ToolError) -> Int64? {
    try tree.prepare(state, contents, interruption)
  }

  func complaint(
    about destination: PathBytes, output: [UInt8], from contestant: Contestant, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    guard contestant.reports else { return nil }
    let (files, bytes) = (
      ReportedMember.integer("files", in: output), ReportedMember.integer("bytes", in: output)
    )
    guard files == Int64(fileCount), bytes == tree.byteCount else {
      return
        "it loaded \(files ?? 0) files of \(bytes ?? 0) bytes instead of \(fileCount) of \(tree.byteCount)"
    }
    return nil
  }
}
