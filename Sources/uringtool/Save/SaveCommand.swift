import ArgumentParser
import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `uringtool save DIRECTORY`: a tree from a tar stream, or a generated set of files.
struct SaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Write files into DIRECTORY: from a tar stream, or generated ones.",
    discussion: """
      Reads a tar archive (ustar, GNU or pax; not compressed) from standard input and writes its files, \
      directories, symbolic links and hard links below DIRECTORY, which is created if it is missing. A name \
      that leads elsewhere (absolute, with "..", or through a symbolic link) is refused, and the rest goes on. \
      Owners and times are not restored; permissions are, less the umask.

      With --generate csv it writes N files data_00000.csv, data_00001.csv, ... of L lines of V numbers: line \
      l of file f (both from 0) is f"{f+l}", f"{f+l+1}", ..., f"{f+l+V-1}" joined by "," and ended by "\\n".
      """)

  enum Generator: String, ExpressibleByArgument, CaseIterable { case csv }

  @Argument(help: "Where the files go.")
  var directory: PathBytes

  @Option(help: "Write generated files instead of an archive's: csv.")
  var generate: Generator?

  @Option(help: ArgumentHelp("Files to generate, 1 to 100000000 (default: 10000).", valueName: "n"))
  var files: Int?

  @Option(help: ArgumentHelp("Lines of each, 1 to 1000000000 (default: 10000).", valueName: "l"))
  var lines: Int?

  @Option(help: ArgumentHelp("Values in each line, 1 to 100000 (default: 10).", valueName: "v"))
  var values: Int?

  @OptionGroup var running: RunOptions
  @OptionGroup var batching: BatchOption

  @Flag(help: "Write each file under a temporary name and rename it when it is whole.")
  var atomic = false

  @Flag(help: "Sync the files and their directories before the command ends.")
  var durable = false

  @Flag(help: "Do not write over files that exist: each is an error.")
  var exclusive = false

  func validate() throws {
    try checkRange(files, "--files", 1...100_000_000)
    try checkRange(lines, "--lines", 1...1_000_000_000)
    try checkRange(values, "--values", 1...100_000)
    if generate == nil, files != nil || lines != nil || values != nil {
      throw ValidationError("--files, --lines and --values go with --generate")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let trace = try running.openTrace()
    let engine = try running.makeEngine()
    let progress = SaveProgressLine()
    let output = SaveOutput(json: running.json, statistics: running.stats, progress: progress)
    let report: SaveReport
    if generate != nil {
      report = try generated(engine, interruption, progress)
    } else {
      var unpacking = try TarUnpacking(
        directory: directory, options: options, cancellation: interruption.cancellation,
        report: output.failed)
      report = try unpacking.run(engine, progress: progress.update)
    }
    engine.shutdownBlocking()
    progress.end()
    // An interruption is told once, at the end, not for each file in flight.
    for failure in report.failures where !failure.error.isCancellation { output.failed(failure.error) }
    try interruption.check()
    try trace?.write(traceOf: report.operations)
    output.summary(report)
    if output.failureCount > 0 { Program.end(status: 1) }
  }

  private func generated(
    _ engine: FileEngine, _ interruption: Interruption, _ progress: SaveProgressLine
  ) throws -> SaveReport {
    var options = options
    options.createsParents = true
    return try engine.saveBlocking(
      CSVFiles(
        directory: directory, fileCount: files ?? 10_000, lineCount: lines ?? 10_000,
        valueCount: values ?? 10),
      options: options, cancellation: interruption.cancellation, progress: progress.update)
  }

  private var options: SaveOptions {
    var options = SaveOptions()
    options.isAtomic = atomic
    options.isDurable = durable
    options.isExclusive = exclusive
    options.workers = running.workers
    options.depth = running.depth
    options.batch = batching.batch
    return options
  }
}
