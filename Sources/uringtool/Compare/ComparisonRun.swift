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
  ///   - generated: what is made where nothing was named; more than one are compared in turn.
  ///   - makeWorkload: from the path of either, and where it came from.
  /// - Throws: `ToolError` where nothing can be measured, after a signal, and where a contestant failed; then the
  ///   others' figures have been printed.
  func run(
    source: PathBytes?, _ generated: [GeneratedFiles],
    _ makeWorkload: (PathBytes, String) throws(ToolError) -> any Workload
  ) throws(ToolError) {
    let parent = (options.directory ?? Self.directory(of: source?.resolved)).resolved
    // Before hours are spent on what could not be written, or finds no room at the last size.
    let page = try options.html.map { path throws(ToolError) in try ReportFile.open(path) }
    if let byteCount = generated.map(Self.neededByteCount).max() {
      try OutcomeDirectory.checkRoom(in: parent, byteCount: byteCount)
    }
    let seed = UInt64(options.seed ?? UInt32.random(in: 1...999_999))
    var reports: [ComparisonReport] = []
    var ended: ToolError?
    for index in 0..<max(generated.count, 1) where ended == nil {
      let files = generated.count > 1 ? generated[index] : nil
      let work = Work(
        source: source?.resolved, generated: generated.isEmpty ? nil : generated[index], parent: parent,
        label: files.map { "\($0.sizeText), " } ?? "")
      do throws(ToolError) {
        let (context, result, error) = try measure(work, seed: seed, makeWorkload)
        let report = ComparisonReport(context: context, result: result, files: files)
        reports.append(report)
        if !options.json { show(report, number: index + 1, of: generated.count) }
        ended = error
      } catch {
        ended = error
      }
    }
    // What was measured before a signal is worth printing.
    if !reports.isEmpty {
      let all = ComparisonReports(reports: reports, count: generated.count, interruption: ended?.message)
      if options.json { Console.line(all.json.text) } else { for line in all.summary { Console.line(line) } }
      try page?.writeReport(ComparisonPage(reports: all).html)
    }
    if let ended { throw ended }
    let failures = reports.flatMap { report in
      report.context.failureTexts.map { $0 + (report.files.map { " (\($0.heading))" } ?? "") }
    }
    guard failures.isEmpty else { throw ToolError(message: failures.joined(separator: "; ")) }
  }

  /// One comparison's work: with what the user named, or with what is made.
  private struct Work {
    var source: PathBytes?
    var generated: GeneratedFiles?
    /// Where things are made.
    var parent: PathBytes
    /// For the status line.
    var label: String
  }

  /// The source, an outcome, and as much again to spare.
  private static func neededByteCount(_ files: GeneratedFiles) -> Int64 { 3 * files.byteCount }

  /// Makes what is needed, compares, and removes it.
  ///
  /// - Returns: also why it ended before its time; nothing is returned where no round was over by then.
  private func measure(
    _ work: Work, seed: UInt64, _ makeWorkload: (PathBytes, String) throws(ToolError) -> any Workload
  ) throws(ToolError) -> (ComparisonContext, ComparisonResult, ToolError?) {
    let directory: OutcomeDirectory
    let workload: any Workload
    if let generated = work.generated {
      directory = try OutcomeDirectory(in: work.parent, byteCount: Self.neededByteCount(generated))
      Console.status("\(work.label)making the source")
      workload = try cleaning(directory) { () throws(ToolError) in
        try makeWorkload(generated.make(in: directory.path, interruption), generated.text)
      }
      Console.status("")
    } else {
      workload = try makeWorkload(work.source ?? PathBytes([]), "")
      if let root = workload.copiedDirectory,
        (work.parent.bytes + [UInt8(ascii: "/")]).starts(with: root.bytes + [UInt8(ascii: "/")])
      {
        throw ToolError(
          message:
            "'\(work.parent.displayed)' is inside the tree that is copied (choose another with --directory)"
        )
      }
      directory = try OutcomeDirectory(
        in: work.parent, byteCount: workload.outcomeByteCount + workload.keptByteCount)
    }
    let outcome = try cleaning(directory) { () throws(ToolError) in
      try compare(workload, directory, work, seed: seed)
    }
    if let complaint = directory.remove() { Console.error(complaint) }
    return outcome
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
    _ workload: any Workload, _ directory: OutcomeDirectory, _ work: Work, seed: UInt64
  ) throws(ToolError) -> (ComparisonContext, ComparisonResult, ToolError?) {
    let fileSystem: FileSystemProbe
    do {
      fileSystem = try FileSystemProbe.probe(work.parent)
    } catch {
      throw ToolError(message: "\(error)")
    }
    let date = time(nil)
    var leftOut: [(name: String, reason: String)] = []
    let contestants = try contestants(workload, &leftOut)
    guard !contestants.isEmpty else {
      throw ToolError(
        message: "nobody can run: "
          + leftOut.map { "\($0.name): \($0.reason)" }.joined(separator: "; "))
    }
    if let baseline = options.baseline, !contestants.contains(where: { $0.name == baseline }) {
      throw ToolError(
        message: "no contestant '\(baseline)'; there are: \(contestants.map(\.name).joined(separator: ", "))",
        exitStatus: 2)
    }
    try workload.begin(in: directory.path, interruption)
    var comparison = Comparison(
      contestants, workload, options.state, directory: directory,
      clarity: Clarity(roundCountMax: options.rounds), baseline: options.baseline,
      secondsMax: Double(options.timeLimit), seed: seed, measuresLatencies: options.showsLatencies,
      label: work.label, interruption: interruption)
    var ended: ToolError?
    do throws(ToolError) { try comparison.run(holdsBallast: options.ballast) } catch { ended = error }
    Console.status("")
    let result = ComparisonResult(
      comparison.racing.compactMap { comparison.records[$0.name] }, workload.amount,
      roundCount: comparison.roundCount, Clarity(roundCountMax: options.rounds), baseline: options.baseline)
    // Before the first round there is nothing to be told.
    if let ended, result.rows.isEmpty { throw ended }
    var context = ComparisonContext(
      work: WorkDescription(workload), state: options.state, directory: work.parent, fileSystem: fileSystem,
      machine: MachineProbe.probe(), date: date, roundCountMax: options.rounds, seed: seed,
      holdsBallast: options.ballast, command: Self.command(seed: options.seed == nil ? seed : nil))
    context.leftOut = leftOut
    context.failures = comparison.failures
    context.latencyFailures = comparison.latencyFailures
    context.cachedByteCounts = comparison.cachedByteCounts
    context.isEndedEarly = comparison.isEndedEarly
    context.interruption = ended.map {
      "\($0.message), after \(comparison.roundCount) of \(options.rounds) rounds"
        + (comparison.isMeasuringLatencies ? ", while operations were measured" : "")
    }
    return (context, result, ended)
  }

  /// - Parameter count: how many there are; where there are several, each has a heading.
  private func show(_ report: ComparisonReport, number: Int, of count: Int) {
    if let files = report.files {
      if number > 1 { Console.line() }
      Console.line("\(number) of \(count): \(files.heading)")
      Console.line()
    }
    let text = ComparisonText(
      context: report.context, result: report.result, width: Console.columns(of: STDOUT_FILENO),
      unicode: Console.takesUnicode)
    for line in text.lines { Console.line(line) }
  }

  /// Who runs: our engines in the order asked for, the usual tool, and the user's programs.
  ///
  /// - Parameter leftOut: takes those who cannot.
  private func contestants(
    _ workload: any Workload, _ leftOut: inout [(name: String, reason: String)]
  ) throws(ToolError) -> [Contestant] {
    var contestants: [Contestant] = []
    for spec in options.engine.specs {
      if spec.engine == .uring, case .failure(let refusal) = RingProbe.probe() {
        leftOut.append((spec.name, refusal.reason))
        continue
      }
      do throws(ToolError) {
        contestants.append(try workload.contestant(spec))
      } catch {
        leftOut.append((spec.name, error.message))
      }
    }
    if !options.leavesToolOut {
      do throws(ToolError) {
        if let tool = try workload.usualTool(interruption) { contestants.append(tool) }
      } catch {
        try interruption.check()
        leftOut.append(("the usual tool", error.message))
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
