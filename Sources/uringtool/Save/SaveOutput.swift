import Synchronization
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What `save` prints: errors as they are known, and the whole at the end.
final class SaveOutput {
  private let writesJSON: Bool
  private let showsStatistics: Bool
  private let progress: SaveProgressLine
  private(set) var failureCount = 0

  init(json: Bool, statistics: Bool, progress: SaveProgressLine) {
    writesJSON = json
    showsStatistics = statistics
    self.progress = progress
  }

  func failed(_ error: FileIOError) {
    failureCount += 1
    progress.interrupt { Console.error("\(error)") }
    guard writesJSON else { return }
    var members: [(String, JSON)] = [
      ("type", .string("error")), ("message", .string("\(error)")),
      ("operation", .string(error.activity.rawValue)),
    ]
    if let path = error.path { members.append(JSON.path("path", path)) }
    if let offset = error.offset { members.append(("offset", .integer(offset))) }
    if let errno = error.errno { members.append(("errno", .integer(Int64(errno.rawValue)))) }
    Console.line(JSON.object(members).text)
  }

  func summary(_ report: SaveReport) {
    guard !writesJSON else {
      Console.line(
        JSON.object(
          [
            ("type", .string("save")), ("files", .integer(Int64(report.fileCount))),
            ("bytes", .integer(report.byteCount)), ("failures", .integer(Int64(failureCount))),
            ("seconds", .number(report.seconds)), ("engine", .string(report.engine.rawValue)),
            ("engineReason", .string(report.engineReason)),
          ] + report.operations.jsonMembers
        ).text)
      return
    }
    let rate = report.seconds > 0 ? Double(report.byteCount) / report.seconds : 0
    let fileRate = report.seconds > 0 ? Double(report.fileCount) / report.seconds : 0
    var text =
      "saved \(report.fileCount) files, \(ByteSize.format(report.byteCount)), in "
      + "\(ByteSize.decimal(report.seconds, digits: 3)) s (\(ByteSize.decimal(fileRate, digits: 0)) files/s, "
      + "\(ByteSize.format(Int64(rate)))/s) on \(report.engine.rawValue)"
    if failureCount > 0 { text += "; \(failureCount) failed" }
    Console.line(text)
    guard showsStatistics else { return }
    var rows = [("bytes", "\(report.byteCount)"), ("engine", report.engine.rawValue)]
    rows += [("because", report.engineReason)]
    rows += report.operations.rows
    for row in rows { Console.line("  " + TextTable.padded(row.0, to: 18, .left) + row.1) }
  }
}

/// A line on the terminal that says how far a save is.
final class SaveProgressLine: Sendable {
  private struct State {
    var shown: ContinuousClock.Instant?
    var isDrawn = false
  }
  private let isWanted = isatty(STDERR_FILENO) == 1
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// What takes less is over before a person could read it; and how often the line is drawn.
  private static let delay = Duration.milliseconds(500)
  private static let interval = Duration.milliseconds(100)

  /// `nil` where nobody would see it.
  var update: (@Sendable (SaveProgress) -> Void)? { isWanted ? draw : nil }

  private func draw(_ progress: SaveProgress) {
    let now = ContinuousClock.now
    state.withLock { state in
      guard now - (state.shown ?? start + Self.delay - Self.interval) >= Self.interval else { return }
      state.shown = now
      state.isDrawn = true
      let rate = Double(progress.byteCount) / ((now - start) / .seconds(1))
      var text = "\(progress.fileCount) files, \(ByteSize.format(progress.byteCount)), "
      text += "\(ByteSize.format(Int64(rate)))/s"
      if progress.failureCount > 0 { text += ", \(progress.failureCount) failed" }
      Console.status(text)
    }
  }

  /// Takes the line away, for something else to be printed.
  func interrupt(_ body: () -> Void) {
    state.withLock { state in
      if state.isDrawn { Console.status("") }
      state.isDrawn = false
      body()
    }
  }

  func end() { interrupt {} }
}
