import ArgumentParser
import UringIO

/// `uringtool append FILE`: lines to the end of a file.
struct AppendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Append lines from standard input to FILE, whole and none lost.",
    discussion: """
      Each line is one record with its newline; a last line without one is appended as it came. Any number of \
      these commands, and of programs that append with O_APPEND, may write to FILE at the same time. On the \
      first line that cannot be appended the command stops; what was appended stays.

      With --generate the lines are made here, by many tasks at once, and the time it takes is printed.
      """)

  @Argument(help: "The file; created where it is missing.")
  var file: PathBytes

  @Option(
    help: ArgumentHelp("Tasks that append the lines of standard input in turn, 1 to 10000.", valueName: "n"))
  var writers = 1

  @Flag(help: "A line counts as appended only when it is on the disk (fdatasync, shared by those that wait).")
  var durable = false

  @Option(help: ArgumentHelp("Append so many lines made here instead of standard input.", valueName: "n"))
  var generate: Int?

  @Option(
    help: ArgumentHelp(
      "Tasks that append the lines of --generate, 1 to 1000000 (default: 1).", valueName: "n"))
  var tasks: Int?

  @Flag(help: "Give the lines of --generate random lengths, up to 200 bytes.")
  var randomLengths = false

  @Flag(
    help:
      "A task waits for each of its lines before it makes the next. Otherwise the command waits for all at its end."
  )
  var awaitEach = false

  @OptionGroup var running: RunOptions

  func validate() throws {
    try checkRange(writers, "--writers", 1...10_000)
    try checkRange(generate, "--generate", 0...1_000_000_000)
    try checkRange(tasks, "--tasks", 1...1_000_000)
    if generate == nil, tasks != nil || randomLengths || awaitEach {
      throw ValidationError("--tasks, --random-lengths and --await-each belong to --generate")
    }
  }

  func run() throws {
    let interruption = Interruption(endsWhenInsistedOn: true)
    let trace = try running.openTrace()
    let fileEngine = try running.makeEngine()
    defer { fileEngine.shutdownBlocking() }
    let started = ContinuousClock.now
    var options = durable ? .durable : AppendOptions()
    // Nobody waits for a line of these before the end.
    options.isBuffered = generate != nil && !awaitEach
    let appender = try fileEngine.appenderBlocking(to: file, options: options)
    var failure = appendAll(to: appender, AsyncBridge(interruption), interruption)
    do throws(FileIOError) { try appender.closeBlocking() } catch { failure = error }
    let seconds = Double((ContinuousClock.now - started) / .nanoseconds(1)) / 1e9
    try trace?.write(traceOf: appender.report.operations)
    show(appender.report, seconds: seconds, failure: failure)
    try interruption.check()
    if let failure { throw failure }
  }

  private func appendAll(
    to appender: Appender, _ bridge: AsyncBridge, _ interruption: Interruption
  ) -> (any Error)? {
    if let generate {
      let work = GeneratedLines(
        count: generate, taskCount: tasks ?? 1, hasRandomLengths: randomLengths,
        awaitsEach: awaitEach, cancellation: interruption.cancellation)
      return bridge.run(beginsHere: true) { await work.append(to: appender) }
    }
    var lines = LineReader(cancellation: interruption.cancellation)
    do {
      while let block = try lines.next() {
        let writers = writers
        if let error = bridge.run({ await block.append(to: appender, writerCount: writers) }) { return error }
      }
      return nil
    } catch {
      return error
    }
  }

  private func show(_ report: AppendReport, seconds: Double, failure: (any Error)?) {
    if running.json {
      var members: [(String, JSON)] = [
        ("type", .string("append")), JSON.path("path", file), ("seconds", .number(seconds)),
      ]
      members += report.jsonMembers
      members.append(("error", failure.map { .string("\($0)") } ?? .null))
      Console.line(JSON.object(members).text)
      return
    }
    if generate != nil {
      Console.line(
        "\(report.recordCount) lines appended by \(tasks ?? 1) tasks in "
          + "\(ByteSize.decimal(seconds, digits: 6)) s")
    }
    guard running.stats else { return }
    var table = [
      ("records", "\(report.recordCount)"), ("failed", "\(report.failedRecordCount)"),
      ("bytes", "\(report.byteCount) (\(ByteSize.format(report.byteCount)))"),
      ("time", "\(ByteSize.decimal(seconds, digits: 6)) s"), ("batches", "\(report.batchCount)"),
    ]
    table += report.operations.rows
    for row in table { Console.line("  " + TextTable.padded(row.0, to: 16, .left) + row.1) }
  }
}
