import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What tuning came to, and why.
struct TuneReport {
  let path: PathBytes
  let mount: MountProbe
  let file: String
  let goal: TuneWork.Goal
  let result: [(TuningFile.Job, Halving)]

  static var today: String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var characters = [CChar](repeating: 0, count: 32)
    let count = strftime(&characters, characters.count, "%Y-%m-%d", &parts)
    return String(decoding: characters[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var lines: [String] {
    let times =
      switch goal {
      case .toReturn: "the time until a copy returns"
      case .toDisk: "the time until a copy is on the disk"
      case .both: "the times until a copy returns and until it is on the disk, both as much"
      }
    var lines = ["\(path.displayed), \(mount.type) on \(mount.source); by \(times)"]
    for (job, halving) in result {
      let what = job == .large ? "one large file, cached" : "a tree of small files, cached"
      lines += [
        "", "\(job.rawValue) (\(what)): \(halving.standings.count) candidates, \(halving.runCount) runs",
      ]
      var table = TextTable(columns: [("", .left), ("x defaults", .right), ("", .left), ("rounds", .right)])
      for standing in halving.finalists {
        let interval = PairedInterval(standing.ratios, confidence: Clarity.confidenceOfOneLook)
        let isDefault = standing.settings == TuneCandidates.defaults
        table.rows.append([
          "  " + (isDefault ? "the defaults" : standing.settings.text),
          ByteSize.decimal(interval.estimate, digits: 2), isDefault ? "" : interval.boundsText,
          "\(standing.ratios.count)",
        ])
      }
      lines += table.lines
      for standing in halving.standings {
        if let failure = standing.failure {
          lines.append("  \(standing.settings.text) cannot be used: \(failure)")
        }
      }
      lines.append(explanation(halving))
    }
    let winners = result.contains { if case .winner = $0.1.outcome { true } else { false } }
    lines += [
      "",
      winners
        ? "Kept in \(file); uringcp uses it here (--explain says so). uringtool tune --forget removes it."
        : "Nothing is kept: the defaults are used.",
    ]
    return lines
  }

  private func explanation(_ halving: Halving) -> String {
    switch halving.outcome {
    case .winner(let settings):
      let ratios = halving.finalists.first?.ratios ?? []
      let interval = PairedInterval(ratios, confidence: Clarity.confidenceOfOneLook)
      return "\(settings.text) wins: \(ByteSize.decimal(interval.estimate, digits: 2)) x the defaults "
        + "(\(interval.boundsText)) in \(ratios.count) rounds beside them."
    case .defaults: return "The defaults stay: nothing is clearly faster than they are."
    case .tooShort: return "Too little time to tell: give it a larger --budget. What was known before stays."
    }
  }

  var json: JSON {
    .object([
      ("type", .string("tune")), ("schema", .integer(1)), JSON.path("path", path),
      ("fileSystem", .string(mount.type)), ("device", .string(mount.source)), ("file", .string(file)),
      ("until", .string(goal.rawValue)),
      ("jobs", .array(result.map(job))),
    ])
  }

  private func job(_ job: TuningFile.Job, _ halving: Halving) -> JSON {
    let winner: JSON
    switch halving.outcome {
    case .winner(let settings): winner = .string(settings.text)
    case .defaults: winner = .string(TuneCandidates.defaults.text)
    case .tooShort: winner = .null
    }
    return .object([
      ("job", .string(job.rawValue)), ("runs", .integer(Int64(halving.runCount))), ("winner", winner),
      ("explanation", .string(explanation(halving))),
      (
        "candidates",
        .array(
          halving.standings.map { standing in
            .object([
              ("settings", .string(standing.settings.text)),
              ("rounds", .integer(Int64(standing.ratios.count))),
              ("ratio", standing.ratios.isEmpty ? .null : .number(standing.estimate)),
              ("ratios", .array(standing.ratios.map(JSON.number))),
              ("failure", standing.failure.map(JSON.string) ?? .null),
            ])
          })
      ),
    ])
  }
}
