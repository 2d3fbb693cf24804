import ArgumentParser
import UringIO

/// One copy in a process of its own, for `compare` where no uringcp lies beside this program.
struct CopyOnceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy-once", abstract: "Copies one file, without cloning, and prints a JSON line.",
    shouldDisplay: false)

  @Option var engine = EngineChoice.auto
  @Flag var stats = false
  @OptionGroup var options: EngineOptions
  @Argument var source: PathBytes
  @Argument var destination: PathBytes

  func run() throws {
    var configuration = FileEngine.Configuration()
    configuration.engine = engine
    configuration.workers = options.workers
    configuration.depth = options.depth
    configuration.measuring = stats ? .statistics : .counts
    var copy = CopyOptions()
    copy.cache = options.cache
    copy.cloning = .never
    copy.chunkByteCount = options.chunkSize
    copy.depth = options.depth
    let report = try FileEngine(configuration).copyFileBlocking(
      from: source, to: destination, options: copy, cancellation: Cancellation())
    Console.line(JSON.object([("type", .string("copy"))] + report.jsonMembers).text)
  }
}
