import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A comparison from its options to its report.
struct ComparisonRun {
  private let options: CompareOptions
  private let interruption = Interruption()

  /// Before any other thread exists.
  init(_ options: CompareOptions) { self.options = options }

  /// - Parameters:
  ///   - source: what the user named.
  ///   - generated: what is made where nothing was named.
  ///   - makeWorkload: from the path of either, and where it came from.
  /// - Throws: `ToolError` where nothing can be measured, after a signal, and where a contestant failed; then the
  ///   others' figures have been printed.
  func run(
    source: PathBytes?, _ generated: GeneratedFiles?,
    _ makeWorkload: (PathBytes, String) throws(ToolError) -> any Workload
  ) throws(ToolError) {
    let parent = (options.directory ?? Self.directory(of: source?.resolved)).resolved
    // Before hours are spent on what could not be written.
    let page = try options.html.map { path throws(ToolError) in try ReportFile.open(path) }
    let directory: OutcomeDirectory
    let workload: any Workload
    if let generated {
      directory = try OutcomeDirectory(in: parent, byteCount: 3 * generated.byteCount)
      Console.status("making the source")
      workload = try cleaning(directory) { () throws(ToolError) in
        try makeWorkload(generated.make(in: directory.path, interruption), generated.text)
      }
      Console.status("")
    } else {
      workload = try makeWorkload(source?.resolved ?? PathBytes([]), "")
      if let root = workload.copiedDirectory,
        (parent.bytes + [UInt8(ascii: "/")]).starts(with: root.bytes + [UInt8(ascii: "/")])
      {
        throw ToolError(
          message: "'\(parent.displayed)' is inside the tree that is copied (choose another with --directory)"
        )
      }
      directory = try OutcomeDirectory(
        in: parent, byteCount: workload.outcomeByteCount + workload.keptByteCount)
    }
    try cleaning(directory) { () throws(ToolError) in try compare(workload, directory, parent, page) }
    if let complaint = directory.remove() { Console.error(complaint) }
  }

  /// Removes the directory where `body` throws.
  private func cleaning<Value>(
    _ directory: OutcomeDirectory, _ body: () throws(ToolError) -> Value
  ) throws(ToolError) -> Value {
    do throws(ToolError) {
      return try body()
    } catch {
      Console.status("")
      if let complaint = directory.remove() { Console.error(complaint) }
      throw error
    }
  }

  private func compare(
    _ workload: any Workload, _ directory: OutcomeDirectory, _ parent: PathBytes, _ page: ReportFile?
  ) throws(ToolError) {
    let fileSystem: FileSystemProbe
    do {
      fileSystem = try FileSystemProbe.probe(parent)
    } catch {
      throw ToolError(message: "\(error)")
    }
    let seed = UInt64(options.seed ?? UInt32.random(in: 1...999_999))
    var context = ComparisonContext(
      workload: workload, state: options.state, directory: parent, fileSystem: fileSystem,
      machine: MachineProbe.probe(), date: time(nil), roundCountMax: options.rounds, seed: seed,
      holdsBallast: options.ballast, command: Self.command(seed: options.seed == nil ? seed : nil))
    let contestants = try contestants(workload, &context)
    guard !contestants.isEmpty else {
      throw ToolError(
        message: "nobody can run: "
          + context.leftOut.map { "\($0.name): \($0.reason)" }.joined(separator: "; "))
    }
    if let baseline = options.baseline, !contestants.contains(where: { $0.name == baseline }) {
      throw ToolError(
        message: "no contestant '\(baseline)'; there are: \(contestants.map(\.name).joined(separator: ", "))",
        exitStatus: 2)
    }
    try workload.begin(in: directory.path, interruption)
    var comparison = Comparison(
      contestants, workload, options.state, directory: directory,
      clarity: Clarity(roundCountMax: options.rounds),
      baseline: options.baseline, secondsMax: Double(options.timeLimit), seed: seed,
      interruption: interruption)
    var ended: ToolError?
    do throws(ToolError) { try comparison.run(holdsBallast: options.ballast) } catch { ended = error }
    Console.status("")
    context.cachedByteCounts = comparison.cachedByteCounts
    context.failures = comparison.failures
    context.isEndedEarly = comparison.isEndedEarly
    context.interruption = ended.map {
      "\($0.message), after \(comparison.roundCount) of \(options.rounds) rounds"
    }
    let result = ComparisonResult(
      comparison.racing.compactMap { comparison.records[$0.name] }, workload.amount,
      roundCount: comparison.roundCount, Clarity(roundCountMax: options.rounds), baseline: options.baseline)
    // What was measured before a signal is worth printing; before the first round there is nothing.
    if ended == nil || !result.rows.isEmpty {
      show(context, result)
      try page?.writeReport(ComparisonPage(context: context, result: result).html)
    }
    if let ended { throw ended }
    guard context.failures.isEmpty else {
      throw ToolError(
        message: context.failures.map { "\($0.name) failed and was left out: \($0.reason)" }.joined(
          separator: "; "))
    }
  }

  private func show(_ context: ComparisonContext, _ result: ComparisonResult) {
    if options.json {
      Console.line(ComparisonJSON(context: context, result: result).json.text)
      return
    }
    let text = ComparisonText(
      context: context, result: result, width: Console.columns(of: STDOUT_FILENO),
      unicode: Console.takesUnicode)
    for line in text.lines { Console.line(line) }
  }

  /// Who runs: our engines in the order asked for, the usual tool, and the user's programs. Who cannot is noted in
  /// `context`.
  private func contestants(
    _ workload: any Workload, _ context: inout ComparisonContext
  ) throws(ToolError) -> [Contestant] {
    var contestants: [Contestant] = []
    for spec in options.engine.specs {
      if spec.engine == .uring, case .failure(let refusal) = RingProbe.probe() {
        context.leftOut.append((spec.name, refusal.reason))
        continue
      }
      do throws(ToolError) {
        contestants.append(try workload.contestant(spec))
      } catch {
        context.leftOut.append((spec.name, error.message))
      }
    }
    if !options.leavesToolOut {
      do throws(ToolError) {
        if let tool = try workload.usualTool(interruption) { contestants.append(tool) }
      } catch {
        try interruption.check()
        context.leftOut.append(("the usual tool", error.message))
      }
    }
    for command in options.against {
      let words = ShellWords.split(command)!
      contestants.append(
        Contestant(
          name: PathBytes(words[0]).lastComponent.displayed, origin: .outside,
          template: words.map(PathBytes.init)))
    }
    return Self.named(contestants)
  }

  /// With a number behind a name that is not the first of its kind.
  private static func named(_ contestants: [Contestant]) -> [Contestant] {
    var counts: [String: Int] = [:]
    return contestants.map { contestant in
      var contestant = contestant
      let count = counts[contestant.name, default: 0] + 1
      counts[contestant.name] = count
      if count > 1 { contestant.name += " (\(count))" }
      return contestant
    }
  }

  private static func directory(of path: PathBytes?) -> PathBytes {
    let count = path.map { $0.bytes.count - $0.lastComponent.bytes.count } ?? 0
    return PathBytes(count > 0 ? Array(path!.bytes[..<count]) : [UInt8(ascii: ".")])
  }

  /// - Parameter seed: the one that was drawn.
  private static func command(seed: UInt64?) -> String {
    (CommandLine.arguments + (seed.map { ["--seed", "\($0)"] } ?? [])).map(ShellWords.quoted).joined(
      separator: " ")
  }
}
