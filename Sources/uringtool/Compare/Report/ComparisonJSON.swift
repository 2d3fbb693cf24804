import UringIO

/// The comparison for a program: everything the text says, and each sample. docs/compare-json.md describes it.
struct ComparisonJSON {
  /// Grows when a member changes its meaning or goes away; new members do not change it.
  static let schema: Int64 = 1

  let context: ComparisonContext
  let result: ComparisonResult

  var json: JSON {
    .object(
      [
        ("type", .string("compare")), ("schema", .integer(Self.schema)),
        ("job", .string(context.work.job)),
        ("source", .object(context.work.jsonMembers)),
        ("sourceBytes", .integer(context.work.sourceByteCount)),
        ("amount", .number(context.work.amount.count)), ("unit", .string(context.work.amount.unit)),
        ("cache", .string(context.state.rawValue)),
        ("cachedBytesMin", context.cachedByteCounts.map { .integer($0.lowerBound) } ?? .null),
        ("cachedBytesMax", context.cachedByteCounts.map { .integer($0.upperBound) } ?? .null),
        JSON.path("directory", context.directory),
        ("fileSystem", fileSystem), ("machine", machine),
        ("date", .string(context.dateText("%Y-%m-%dT%H:%M:%SZ", isUTC: true))),
        ("version", .string(UringIOVersion.current)), ("command", .string(context.command)),
        ("rounds", .integer(Int64(result.roundCount))), ("roundsMax", .integer(Int64(context.roundCountMax))),
        ("endedEarly", .boolean(context.isEndedEarly)),
        ("interrupted", context.interruption.map(JSON.string) ?? .null),
        ("confidence", .number(result.confidence)),
        ("seed", .integer(Int64(context.seed))), ("ballast", .boolean(context.holdsBallast)),
        ("baseline", result.rows.isEmpty ? .null : .string(result.baseline)),
        ("contestants", .array(result.rows.map(contestant))),
        ("leftOut", reasons(context.leftOut)), ("failed", reasons(context.failures)),
        ("latenciesFailed", reasons(context.latencyFailures)),
        ("noisy", .array(result.noisy.map(JSON.string))), ("conclusion", .string(result.conclusion)),
      ])
  }

  private var fileSystem: JSON {
    .object([
      ("kind", .string(context.fileSystem.kind.rawValue)),
      ("type", context.fileSystem.mount.map { .string($0.type) } ?? .null),
      ("source", context.fileSystem.mount.map { .string($0.source) } ?? .null),
    ])
  }

  private var machine: JSON {
    .object([
      ("kernel", .string(context.machine.kernel)), ("architecture", .string(context.machine.architecture)),
      ("cores", .integer(Int64(context.machine.coreCount))),
      ("memoryBytes", .integer(context.machine.memoryByteCount)),
    ])
  }

  private func contestant(_ row: ComparisonResult.Row) -> JSON {
    func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
    return .object([
      ("name", .string(row.name)), ("origin", .string(row.record.contestant.origin.rawValue)),
      ("command", .array(row.record.contestant.template.map { .string($0.displayed) })),
      ("version", text(row.record.contestant.version)),
      ("engine", text(row.record.engine)), ("strategy", text(row.record.strategy)),
      ("reason", text(row.record.reason)),
      ("toReturnSeconds", row.toReturn.json), ("toDiskSeconds", row.toDisk?.json ?? .null),
      ("cpuSeconds", row.cpu.json), ("perSecond", .number(row.rate)),
      ("bytesPerSecond", context.bytesPerSecond(row).map { .number($0.median) } ?? .null),
      ("peakResidentBytes", row.record.peakResidentByteCount.map(JSON.integer) ?? .null),
      ("contextSwitches", row.contextSwitches.json),
      ("deviceReadBytes", row.deviceReadByteCount?.json ?? .null),
      ("deviceWrittenBytes", row.deviceWrittenByteCount?.json ?? .null),
      ("ratioToReturn", row.ratioToReturn.json), ("ratioToDisk", row.ratioToDisk?.json ?? .null),
      ("latencyNanoseconds", latencies(row.record.latencies)),
      ("samples", .array(row.record.samples.map(sample))),
    ])
  }

  private func latencies(_ latencies: [OperationLatency]?) -> JSON {
    latencies.map { all in .object(all.map { ($0.kind, $0.json) }) } ?? .null
  }

  private func sample(_ sample: RunSample) -> JSON {
    .object([
      ("round", .integer(Int64(sample.round))), ("position", .integer(Int64(sample.position))),
      ("toReturnSeconds", .number(sample.toReturnSeconds)),
      ("toDiskSeconds", sample.toDiskSeconds.map(JSON.number) ?? .null),
      ("userSeconds", .number(sample.userSeconds)), ("systemSeconds", .number(sample.systemSeconds)),
      ("contextSwitches", .integer(sample.contextSwitchCount)),
      ("deviceReadBytes", sample.deviceReadByteCount.map(JSON.integer) ?? .null),
      ("deviceWrittenBytes", sample.deviceWrittenByteCount.map(JSON.integer) ?? .null),
    ])
  }

  private func reasons(_ list: [(name: String, reason: String)]) -> JSON {
    .array(list.map { .object([("name", .string($0.name)), ("reason", .string($0.reason))]) })
  }
}
