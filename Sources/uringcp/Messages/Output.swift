import UringIO

/// What is told about a copy that was made, or was not.
struct Output {
  let arguments: Arguments
  let trace: TraceOutput?

  /// Whether each entry is told when it is copied.
  var tellsCopied: Bool { arguments.isVerbose && !arguments.writesJSON }

  var tells: TreeTelling {
    guard tellsCopied else { return .failures }
    return arguments.showsMethod ? .methods : .names
  }

  /// What happens on the way; on any thread.
  func tell(_ event: TreeEvent, _ pair: OperandPair) {
    switch event {
    case .copied(let source, let destination, let backup, let method):
      let kept = backup.map { " (backup: \(ShellQuoting.quote($0)))" } ?? ""
      let how = method.map { "\n" + $0.line(arguments.copy) } ?? ""
      Messages.line("\(ShellQuoting.quote(source)) -> \(ShellQuoting.quote(destination))\(kept)\(how)")
    case .kept(let path):
      guard arguments.showsMethod else { break }
      Messages.line("skipped \(ShellQuoting.quote(path))")
    case .removed(let path):
      Messages.line("removed \(ShellQuoting.quote(path))")
    case .restored(let backup, let path):
      guard tellsCopied else { break }
      Messages.line("\(ShellQuoting.quote(backup)) -> \(ShellQuoting.quote(path)) (unbackup)")
    // An interruption is told once, at the end, not for each file in flight.
    case .failed(let error) where error.isCancellation: break
    case .failed(let error): failed(error, ErrorWords.describe(error, pair), pair)
    }
  }

  func copied(_ report: EntryReport, _ pair: OperandPair) {
    if let file = report.file {
      copiedFile(file, pair)
    } else if report.tree.isOfDirectory || report.tree.failureCount == 0 {
      copiedTree(report.tree, pair)
    }
  }

  private func copiedFile(_ report: CopyReport, _ pair: OperandPair) {
    trace?.add(report.operations)
    if arguments.writesJSON {
      Messages.line(JSON.object(members("copy", pair) + report.jsonMembers).text)
      return
    }
    if arguments.showsMethod, report.strategy != .kept {
      Messages.line(CopyMethod(report).line(arguments.copy))
    }
    if arguments.explains {
      Messages.line("\(text(pair)): \(explanation(of: report))")
      for fallback in report.fallbacks {
        Messages.line("  fell back: \(fallback.what): \(fallback.reason)")
      }
    }
    if arguments.showsStatistics { for line in statistics(of: report) { Messages.line(line) } }
  }

  private func copiedTree(_ report: TreeReport, _ pair: OperandPair) {
    trace?.add(report.operations)
    if arguments.writesJSON {
      Messages.line(JSON.object(members("tree", pair) + report.jsonMembers).text)
      return
    }
    if arguments.explains { Messages.line("\(text(pair)): \(explanation(of: report))") }
    if arguments.showsStatistics {
      var rows = [
        ("files", "\(report.fileCount)"), ("directories", "\(report.directoryCount)"),
        ("links", "\(report.linkCount)"), ("hard links", "\(report.hardLinkCount)"),
        ("special files", "\(report.specialCount)"), ("kept", "\(report.keptCount)"),
        ("failures", "\(report.failureCount)"),
        ("bytes", "\(report.byteCount) (\(ByteSize.format(report.byteCount)))"),
        ("time", "\(ByteSize.decimal(report.seconds, digits: 3)) s"), ("engine", report.engine.rawValue),
      ]
      rows += report.operations.rows
      for line in Self.aligned(rows) { Messages.line(line) }
    }
  }

  private func text(_ pair: OperandPair) -> String {
    "\(ShellQuoting.quote(pair.source)) -> \(ShellQuoting.quote(pair.destination))"
  }

  private func members(_ type: String, _ pair: OperandPair) -> [(String, JSON)] {
    [
      ("type", .string(type)), JSON.path("source", pair.source),
      JSON.path("destination", pair.destination),
    ]
  }

  private func explanation(of report: TreeReport) -> String {
    if report.isOfDirectory {
      return "\(report.fileCount) files, \(report.largeFileCount) of them in chunks, on "
        + "\(report.engine.rawValue): \(report.engineReason)"
    }
    if report.keptCount > 0 { return "kept: the destination exists" }
    if report.linkCount > 0 { return "made: a symbolic link" }
    if report.hardLinkCount > 0 { return "made: another name of the same file" }
    return report.specialCount > 0 ? "made: a special file" : "made: a file without contents"
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

  // MARK: Failures

  func failed(_ error: FileIOError, _ message: String, _ pair: OperandPair) {
    Messages.error(message)
    guard arguments.writesJSON else { return }
    var members: [(String, JSON)] = [
      ("type", .string("error")), ("message", .string(message)),
      ("operation", .string(error.activity.rawValue)), JSON.path("path", error.path ?? pair.source),
    ]
    if let offset = error.offset { members.append(("offset", .integer(offset))) }
    if let errno = error.errno { members.append(("errno", .integer(Int64(errno.rawValue)))) }
    Messages.line(JSON.object(members).text)
  }
}

extension TreeReport {
  /// Whether the operand was a directory, and not a file that took no copying.
  fileprivate var isOfDirectory: Bool { directoryCount > 0 }
}
