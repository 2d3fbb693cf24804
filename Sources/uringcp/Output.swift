import SystemPackage
import UringIO

/// What is told about a copy that was made, or was not.
struct Output {
  let arguments: Arguments
  let trace: TraceOutput?

  func copied(_ report: CopyReport, from source: PathBytes, to destination: PathBytes) {
    trace?.add(report.operations)
    if arguments.writesJSON {
      let members: [(String, JSON)] =
        [("type", .string("copy")), JSON.path("source", source), JSON.path("destination", destination)]
        + report.jsonMembers
      Messages.line(JSON.object(members).text)
      return
    }
    let pair = "\(ShellQuoting.quote(source)) -> \(ShellQuoting.quote(destination))"
    if arguments.explains {
      Messages.line("\(pair): \(explanation(of: report))")
      for fallback in report.fallbacks {
        Messages.line("  fell back: \(fallback.what): \(fallback.reason)")
      }
    } else if arguments.isVerbose, report.strategy != .kept {
      Messages.line(pair)
    }
    if arguments.showsStatistics { for line in statistics(of: report) { Messages.line(line) } }
  }

  func copiedTree(_ report: TreeReport, from source: PathBytes, to destination: PathBytes) {
    trace?.add(report.operations)
    if arguments.writesJSON {
      let members: [(String, JSON)] =
        [("type", .string("tree")), JSON.path("source", source), JSON.path("destination", destination)]
        + report.jsonMembers
      Messages.line(JSON.object(members).text)
      return
    }
    if arguments.explains {
      Messages.line(
        "\(ShellQuoting.quote(source)) -> \(ShellQuoting.quote(destination)): \(report.fileCount) files, "
          + "\(report.largeFileCount) of them in chunks, on \(report.engine.rawValue): \(report.engineReason)"
      )
    }
    if arguments.showsStatistics {
      var rows = [
        ("files", "\(report.fileCount)"), ("directories", "\(report.directoryCount)"),
        ("links", "\(report.linkCount)"), ("special files", "\(report.specialCount)"),
        ("kept", "\(report.keptCount)"), ("failures", "\(report.failureCount)"),
        ("bytes", "\(report.byteCount) (\(ByteSize.format(report.byteCount)))"),
        ("time", "\(ByteSize.decimal(report.seconds, digits: 3)) s"), ("engine", report.engine.rawValue),
      ]
      rows += report.operations.rows
      for line in Self.aligned(rows) { Messages.line(line) }
    }
  }

  private func explanation(of report: CopyReport) -> String {
    switch report.strategy {
    case .clone, .serverSide, .kept: "\(report.strategy.rawValue): \(report.reason)"
    default:
      "\(report.strategy.rawValue) on \(report.engine.rawValue): \(report.reason) "
        + "(\(report.engine.rawValue): \(report.engineReason))"
    }
  }

  private func statistics(of report: CopyReport) -> [String] {
    let rate = report.seconds > 0 ? Int64(Double(report.byteCount) / report.seconds) : 0
    var rows = [
      ("bytes", "\(report.byteCount) (\(ByteSize.format(report.byteCount)))"),
      ("holes", "\(report.holeByteCount)"),
      ("time", "\(ByteSize.decimal(report.seconds, digits: 3)) s"),
      ("rate", "\(ByteSize.format(rate))/s"),
      ("strategy", report.strategy.rawValue),
      ("engine", report.engine.rawValue),
    ]
    rows += [("fallbacks", "\(report.fallbacks.count)")] + report.operations.rows
    return Self.aligned(rows)
  }

  private static func aligned(_ rows: [(String, String)]) -> [String] {
    rows.map { "  " + $0.0 + String(repeating: " ", count: max(1, 18 - $0.0.count)) + $0.1 }
  }

  func failed(_ error: FileIOError, source: PathBytes, destination: PathBytes) {
    let message = Messages.describe(error, source: source, destination: destination)
    Messages.error(message)
    guard arguments.writesJSON else { return }
    var members: [(String, JSON)] = [
      ("type", .string("error")), ("message", .string(message)),
      ("operation", .string(error.activity.rawValue)), JSON.path("path", error.path ?? source),
    ]
    if let offset = error.offset { members.append(("offset", .integer(offset))) }
    if let errno = error.errno { members.append(("errno", .integer(Int64(errno.rawValue)))) }
    Messages.line(JSON.object(members).text)
  }
}
