import ArgumentParser
import UringIO

/// The options that every verb over many files or records has.
struct RunOptions: ParsableArguments {
  @Option(help: "auto, uring, threads, sequential.")
  var engine = EngineChoice.auto

  @Option(help: ArgumentHelp("Rings, or threads, 1 to 256 (default: measured).", valueName: "n"))
  var workers: Int?

  @Option(help: ArgumentHelp("Files in flight on each ring, 1 to 4096 (default: measured).", valueName: "n"))
  var depth: Int?

  @Flag(help: "Print what was asked of the kernel.")
  var stats = false

  @Option(
    help: ArgumentHelp("Write each operation with its time, for Perfetto or Chrome.", valueName: "file"))
  var trace: PathBytes?

  @Flag(help: "Print JSON, an object on a line.")
  var json = false

  func validate() throws {
    try checkRange(workers, "--workers", 1...256)
    try checkRange(depth, "--depth", CopyOptions.depthRange)
  }

  func makeEngine() throws(FileIOError) -> FileEngine {
    var configuration = FileEngine.Configuration()
    configuration.engine = engine
    configuration.workers = workers
    configuration.depth = depth
    configuration.measuring = trace != nil ? .trace : stats ? .statistics : .counts
    return try FileEngine(configuration)
  }

  /// What `--trace` names, before the work begins.
  func openTrace() throws(FileIOError) -> ReportFile? {
    try trace.map { path throws(FileIOError) in try ReportFile(path) }
  }
}

extension ReportFile {
  func write(traceOf operations: OperationTally) throws(FileIOError) {
    try write(traceOf: operations, process: "uringtool")
  }
}

/// For the verbs over many files.
struct BatchOption: ParsableArguments {
  @Option(help: ArgumentHelp("Files a worker takes at once, 1 to 4096 (default: measured).", valueName: "n"))
  var batch: Int?

  func validate() throws { try checkRange(batch, "--batch", 1...4096) }
}

/// - Throws: `ValidationError` where a value was given and is out of range.
func checkRange(_ value: Int?, _ option: String, _ range: ClosedRange<Int>) throws {
  if let value, !range.contains(value) {
    throw ValidationError("\(option) takes a number from \(range.lowerBound) to \(range.upperBound)")
  }
}

/// The options that say how our engines copy; the same as uringcp's.
struct EngineOptions: ParsableArguments {
  @Option(help: "What a copy may do with the page cache: auto, keep, bypass.")
  var cache = CopyOptions.CacheMode.auto

  @Option(
    help: ArgumentHelp("Bytes of one transfer, 4K to 1G (512K, 1MiB; default: measured).", valueName: "size"),
    transform: Self.chunkByteCount)
  var chunkSize: Int?

  @Option(help: ArgumentHelp("Chunks in flight past the cache, 1 to 4096.", valueName: "n"))
  var depth: Int?

  @Option(help: ArgumentHelp("Rings, or threads, 1 to 256.", valueName: "n"))
  var workers: Int?

  /// Bytes in flight: what nobody means to ask for is refused rather than tried.
  private static let inFlightByteCountMax = 4 << 30

  mutating func validate() throws {
    try checkRange(depth, "--depth", CopyOptions.depthRange)
    try checkRange(workers, "--workers", 1...256)
    if let chunkSize, let depth, chunkSize * depth > Self.inFlightByteCountMax {
      throw ValidationError("--chunk-size times --depth is more than 4 GiB")
    }
  }

  private static func chunkByteCount(_ text: String) throws -> Int {
    guard let size = ByteSize.parse(text), size > 0, size <= CopyOptions.chunkByteCountRange.upperBound else {
      throw ValidationError("it takes a size from 4K to 1G")
    }
    return max(size, CopyOptions.chunkByteCountRange.lowerBound)
  }

  /// For uringcp, and for `copy-once`.
  func arguments(_ engine: EngineChoice) -> [String] {
    var arguments = ["--engine=\(engine.rawValue)", "--cache=\(cache.rawValue)"]
    if let chunkSize { arguments.append("--chunk-size=\(chunkSize)") }
    if let depth { arguments.append("--depth=\(depth)") }
    if let workers { arguments.append("--workers=\(workers)") }
    return arguments
  }
}

extension EngineChoice: ExpressibleByArgument {}
extension CopyOptions.CacheMode: ExpressibleByArgument {}
