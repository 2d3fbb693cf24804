import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `uringtool compare`: the engines side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Measure the engines, and the usual tool, side by side.",
    subcommands: [CompareCopyCommand.self])
}

/// `uringtool compare copy FILE`.
struct CompareCopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy FILE with each engine and with cp, and compare times.",
    discussion: """
      Each contestant copies FILE in each round, in shuffled order, as a process of its own, with cloning \
      off (cp --reflink=never): like is compared with like. Before a copy the memory it will use is \
      touched, and FILE is read into the page cache. Each copy gets a new name in a temporary directory, \
      is compared with FILE byte for byte, and removed; none of that is timed.
      """)

  @Argument(help: "The file to copy.")
  var file: PathBytes

  @Option(help: ArgumentHelp("Rounds that count, after one to warm up, 1 to 1000.", valueName: "n"))
  var rounds = 5

  @Option(
    help: ArgumentHelp("Engines, with commas: uring, threads, sequential, auto.", valueName: "list"))
  var engine = EngineList(engines: [.uring, .threads, .sequential])

  @Option(help: ArgumentHelp("Where the copies go (default: FILE's directory).", valueName: "dir"))
  var directory: PathBytes?

  @OptionGroup var options: EngineOptions

  @Flag(name: .customLong("no-cp"), help: "Leave cp out; the others are then compared with sequential.")
  var leavesCPOut = false

  @Option(help: ArgumentHelp("Repeat the order of an earlier run.", valueName: "n"))
  var seed: UInt32?

  @Flag(
    help: """
      Hold the free memory that the copies do not need. On a virtual machine whose host takes free memory \
      back, times vary less; the first round then starts later.
      """)
  var ballast = false

  @Flag(help: "Print one JSON object with all samples.")
  var json = false

  func validate() throws {
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds takes a number from 1 to 1000") }
  }

  func run() throws {
    let interruption = Interruption()
    let source = try SourceFile(file)
    let parent = (directory ?? directoryOfFile).resolved
    var context = ComparisonContext(
      source: source, directory: parent, fileSystem: try FileSystemProbe.probe(parent),
      machine: MachineProbe.probe(), date: time(nil), roundCount: rounds,
      seed: UInt64(seed ?? UInt32.random(in: 1...999_999)), cache: options.cache, holdsBallast: ballast)
    let contestants = try contestants(&context, interruption)
    guard !contestants.isEmpty else {
      throw ToolError(
        message: "nobody can run: "
          + context.leftOut.map { "\($0.name): \($0.reason)" }.joined(separator: "; "))
    }
    let copies = try CopyDirectory(in: parent, for: source)
    var comparison = Comparison(
      contestants, source: source, directory: copies, roundCount: rounds, seed: context.seed,
      interruption: interruption)
    do throws(ToolError) {
      try comparison.run(holdsBallast: ballast)
    } catch {
      Console.status("")
      if let complaint = copies.remove() { Console.error(complaint) }
      throw error
    }
    if let complaint = copies.remove() { Console.error(complaint) }
    context.cachedByteCountMin = comparison.cachedByteCountMin
    try show(context, comparison)
  }

  private func show(_ context: ComparisonContext, _ comparison: Comparison) throws(ToolError) {
    let records = comparison.racing.compactMap { comparison.records[$0.name] }
    let result = ComparisonResult(records, size: context.source.size, roundCount: rounds)
    if json {
      Console.line(
        ComparisonJSON(context: context, result: result, failures: comparison.failures).json.text)
    } else {
      let text = ComparisonText(
        context: context, result: result, width: Console.columns(of: STDOUT_FILENO),
        unicode: Console.takesUnicode)
      for line in text.lines { Console.line(line) }
    }
    guard comparison.failures.isEmpty else {
      throw ToolError(
        message: comparison.failures.map { "\($0.name) failed and was left out: \($0.reason)" }
          .joined(separator: "; "))
    }
  }

  /// Who runs, in the order asked for and cp last; who cannot is noted in `context`.
  private func contestants(
    _ context: inout ComparisonContext, _ interruption: Interruption
  ) throws(ToolError) -> [Contestant] {
    var contestants: [Contestant] = []
    for engine in engine.engines {
      if engine == .uring, case .failure(let refusal) = RingProbe.probe() {
        context.leftOut.append((engine.rawValue, refusal.reason))
      } else {
        contestants.append(.engine(engine, options))
      }
    }
    if leavesCPOut { return contestants }
    do throws(ToolError) {
      let (cp, version) = try Contestant.cp(interruption)
      context.cpVersion = version
      contestants.append(cp)
    } catch {
      try interruption.check()
      context.leftOut.append(("cp", error.message))
    }
    return contestants
  }

  private var directoryOfFile: PathBytes {
    let count = file.bytes.count - file.lastComponent.bytes.count
    return PathBytes(count > 0 ? Array(file.bytes[..<count]) : [UInt8(ascii: ".")])
  }
}

/// "uring,threads": engines, each once, in the order given.
struct EngineList: ExpressibleByArgument {
  var engines: [EngineChoice]

  init(engines: [EngineChoice]) { self.engines = engines }

  init?(argument: String) {
    engines = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let engine = EngineChoice(rawValue: String(name)) else { return nil }
      if !engines.contains(engine) { engines.append(engine) }
    }
  }

  var defaultValueDescription: String { engines.map(\.rawValue).joined(separator: ",") }
}
