import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory copied with all that is in it.
final class TreeWorkload: Workload {
  let job = "tree"
  private let tree: FileTree
  private let contents: ContentComparison
  private let origin: String

  /// - Parameter origin: where the directory came from, for a person.
  /// - Throws: `ToolError` for what is no directory, cannot be read, or has no entries.
  init(_ path: PathBytes, origin: String = "") throws(ToolError) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { throw ToolError.system("cannot open", path) }
    guard status.type == S_IFDIR else {
      throw ToolError(
        message:
          "cannot compare copies of '\(path.displayed)': it is no directory (compare copy copies a file)")
    }
    tree = try FileTree(path.resolved)
    contents = try ContentComparison()
    self.origin = origin
    guard !tree.entries.isEmpty else {
      throw ToolError(message: "cannot compare copies of '\(path.displayed)': it is empty")
    }
    if let other = tree.entries.first(where: { ![S_IFREG, S_IFDIR, S_IFLNK].contains($0.type) }) {
      throw ToolError(
        message: "cannot compare copies of '\(path.displayed)': '\(other.path.displayed)' is neither file, "
          + "directory nor link")
    }
  }

  private var fileCount: Int { tree.files.count }

  var description: [(label: String, text: String)] {
    let directoryCount = tree.entries.count { $0.type == S_IFDIR }
    return [
      (
        "tree",
        "\(tree.root.displayed), \(fileCount) files, \(directoryCount) directories, "
          + ByteSize.format(tree.byteCount) + origin
      )
    ]
  }

  var jsonMembers: [(String, JSON)] {
    [
      JSON.path("tree", tree.root), ("files", .integer(Int64(fileCount))),
      ("entries", .integer(Int64(tree.entries.count))),
    ]
  }
  var amount: WorkAmount { WorkAmount(count: Double(tree.entries.count), unit: "entries") }
  var sourceByteCount: Int64 { tree.byteCount }
  var outcomeByteCount: Int64 { tree.allocatedByteCount + Int64(tree.entries.count) * 4096 }
  var synchronization: Synchronization { .fileSystem }
  var settings: [EngineSpec.Key] { [.workers, .depth] }
  var copiedDirectory: PathBytes? { tree.root }
  var words: [String: PathBytes] { ["source": tree.root] }

  func contestant(_ spec: EngineSpec) throws(ToolError) -> Contestant {
    guard let uringcp = Contestant.ourProgram("uringcp") else {
      throw ToolError(message: "there is no uringcp beside this program")
    }
    return Contestant.engine(
      spec, uringcp, ["-r", "-T", "--reflink=never"], ["--", "{source}", "{destination}"],
      measuring: ["--json", "--stats"])
  }

  func usualTool(_ interruption: Interruption) throws(ToolError) -> Contestant? {
    try .cp(["-r"], interruption)
  }

  func prepare(_ state: CacheState, _ interruption: Interruption) throws(ToolError) -> Int64? {
    try tree.prepare(state, contents, interruption)
  }

  func complaint(
    about destination: PathBytes, output: [UInt8], from contestant: Contestant, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    try tree.difference(from: destination, contents, interruption).map { "in the copy " + $0 }
  }
}
