import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `uringtool load PATH…`.
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Load whole files into memory, and say how fast that was.",
    discussion: """
      Each file's bytes are let go of as the next file is there, unless --keep holds them. A PATH that cannot \
      be loaded is reported, and the others go on; directories and what is no regular file are errors.
      """)

  @Argument(help: "The files to load.")
  var paths: [PathBytes] = []

  @Option(
    help: ArgumentHelp("Load the files named in this file too, one a line; - for stdin.", valueName: "file"))
  var list: PathBytes?

  @Flag(name: .customLong("0"), help: "In the list, each name ends with a zero byte.")
  var endsWithZero = false

  @Flag(help: "Deliver the files in the order they were named.")
  var inOrder = false

  @Flag(help: "Hold every file's bytes until the end.")
  var keep = false

  @OptionGroup var running: RunOptions
  @OptionGroup var batching: BatchOption

  @Option(
    help: ArgumentHelp(
      "Bytes in flight, from 1 (512K, 1MiB; default: 64 MiB). A larger file goes alone.", valueName: "size"),
    transform: Self.byteCount)
  var maxBytes: Int?

  func validate() throws {
    if paths.isEmpty && list == nil { throw ValidationError("nothing to load: give a PATH or --list") }
    if endsWithZero && list == nil { throw ValidationError("--0 says how names end in a --list") }
  }

  private static func byteCount(_ text: String) throws -> Int {
    guard let size = ByteSize.parse(text), size > 0 else { throw ValidationError("it takes a size from 1") }
    return size
  }

  func run() throws {
    let interruption = Interruption()
    let list = try list.map { path throws(ToolError) in
      try PathList(path, endsWithZero: endsWithZero, cancellation: interruption.cancellation)
    }
    let trace = try running.openTrace()
    let loading = Loading(keepsBytes: keep)
    let files = try running.makeEngine().load(AllPaths(given: paths, list: list), options: options)
    let outcome = AsyncBridge(interruption).run { await loading.run(files) }
    loading.endStatus()
    try interruption.check()
    try outcome.get()
    let complaints = list?.complaints ?? []
    for complaint in complaints { Console.error(complaint) }
    let report = files.report ?? LoadReport()
    try trace?.write(traceOf: report.operations)
    show(report)
    if loading.errorCount + complaints.count > 0 { throw ExitCode(1) }
  }

  private var options: LoadOptions {
    var options = LoadOptions()
    options.order = inOrder ? .inOrder : .asCompleted
    options.depth = running.depth
    options.workers = running.workers
    options.batch = batching.batch
    if let maxBytes { options.maxBytesInFlight = maxBytes }
    return options
  }

  private func show(_ report: LoadReport) {
    if running.json {
      Console.line(JSON.object([("type", .string("load"))] + report.jsonMembers).text)
      return
    }
    let rate = report.seconds > 0 ? 1 / report.seconds : 0
    Console.line(
      "\(report.fileCount) files, \(ByteSize.format(report.byteCount)) in "
        + "\(ByteSize.decimal(report.seconds, digits: 3)) s: "
        + "\(ByteSize.decimal(Double(report.fileCount) * rate, digits: 0)) files/s, "
        + "\(ByteSize.format(Int64(Double(report.byteCount) * rate)))/s"
        + (report.errorCount > 0 ? "; \(report.errorCount) could not be loaded" : ""))
    guard running.stats else { return }
    Console.line("engine: \(report.engine.rawValue) (\(report.engineReason))")
    for row in report.operations.rows {
      Console.line("  " + TextTable.padded(row.name, to: 18, .left) + row.text)
    }
  }
}

/// The paths on the command line, then those of the list.
private struct AllPaths: Sequence, Sendable {
  var given: [PathBytes]
  var list: PathList?

  func makeIterator() -> AnyIterator<PathBytes> {
    var given = given.makeIterator()
    let listed = list?.makeIterator()
    return AnyIterator { given.next() ?? listed?.next() }
  }
}

/// The loop over the files.
private final class Loading: @unchecked Sendable {
  // Used by one task; whoever waits for its end looks afterwards.
  private(set) var errorCount = 0
  private let keepsBytes: Bool
  private var kept: [OwnedBytes] = []
  private var fileCount = 0
  private var byteCount: Int64 = 0
  private let start = ContinuousClock.now
  private var isStatusDrawn = false
  private var nextStatus = Duration.milliseconds(500)
  private let drawsStatus = isatty(STDERR_FILENO) == 1

  init(keepsBytes: Bool) { self.keepsBytes = keepsBytes }

  func run(_ files: LoadedFiles) async -> Result<Void, FileIOError> {
    do throws(FileIOError) {
      for try await file in files {
        fileCount += 1
        byteCount += Int64(file.byteCount)
        if let error = file.error {
          errorCount += 1
          endStatus()
          Console.error("\(error)")
        } else if keepsBytes {
          kept.append(try file.take())
        }
        if drawsStatus { drawStatus() }
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  private func drawStatus() {
    let seconds = ContinuousClock.now - start
    guard seconds >= nextStatus else { return }
    nextStatus = seconds + .milliseconds(100)
    isStatusDrawn = true
    let rate = Double(byteCount) / (seconds / .seconds(1))
    Console.status(
      "\(fileCount) files  \(ByteSize.format(byteCount))  \(ByteSize.format(Int64(rate)))/s")
  }

  /// Takes the line away.
  func endStatus() {
    if isStatusDrawn { Console.status("") }
    isStatusDrawn = false
  }
}
