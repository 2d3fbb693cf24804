import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Many tasks that append lines to one new file.
final class AppendWorkload: Workload {
  let job = "append"
  private let lineCount: Int
  private let taskCount: Int
  private let isDurable: Bool

  init(lineCount: Int, taskCount: Int, isDurable: Bool) {
    self.lineCount = lineCount
    self.taskCount = taskCount
    self.isDurable = isDurable
  }

  var description: [(label: String, text: String)] {
    [
      (
        "lines",
        "\(lineCount) appended to one file by \(taskCount) tasks"
          + (isDurable ? ", each on the disk before its task goes on" : "")
      )
    ]
  }

  var jsonMembers: [(String, JSON)] {
    [
      ("lines", .integer(Int64(lineCount))), ("tasks", .integer(Int64(taskCount))),
      ("durable", .boolean(isDurable)),
    ]
  }
  var amount: WorkAmount { WorkAmount(count: Double(lineCount), unit: "lines") }
  var sourceByteCount: Int64 { 0 }
  var outcomeByteCount: Int64 { Int64(lineCount) * 64 }
  var synchronization: Synchronization { .file }
  var settings: [EngineSpec.Key] { [.workers, .depth] }
  var words: [String: PathBytes] { [:] }

  func contestant(_ spec: EngineSpec) throws(ToolError) -> Contestant {
    var contestant = Contestant.engine(
      spec, Contestant.ourProgram("uringtool")!,
      ["append", "--json", "--generate=\(lineCount)", "--tasks=\(taskCount)"]
        + (isDurable ? ["--durable", "--await-each"] : []),
      ["--", "{destination}"])
    contestant.reports = true
    return contestant
  }

  func prepare(_ state: CacheState, _ interruption: Interruption) throws(ToolError) -> Int64? { 0 }

  /// Every line whole, none lost, none twice.
  func complaint(
    about destination: PathBytes, output: [UInt8], from contestant: Contestant, _ interruption: Interruption
  ) throws(ToolError) -> String? {
    let bytes: [UInt8]
    switch GeneratedFiles.read(destination) {
    case .success(let all): bytes = all
    case .failure(let error): return error.message
    }
    guard bytes.last == UInt8(ascii: "\n"), !bytes.contains(0) else {
      return "a line is torn, or there are zeros"
    }
    let lines = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count == lineCount else { return "the file has \(lines.count) lines instead of \(lineCount)" }
    guard Set(lines).count == lineCount else { return "there are lines twice" }
    return nil
  }
}
