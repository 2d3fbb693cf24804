import UringIO

/// The comparison for a program: everything the text says, and each sample.
struct ComparisonJSON {
  let context: ComparisonContext
  let result: ComparisonResult
  let failures: [(name: String, reason: String)]

  var json: JSON {
    .object([
      ("type", .string("compare")), ("job", .string("copy")),
      JSON.path("file", context.source.path), ("bytes", .integer(context.source.size)),
      ("allocatedBytes", .integer(context.source.allocatedByteCount)),
      ("sourceCachedBytesMin", context.cachedByteCountMin.map(JSON.integer) ?? .null),
      JSON.path("directory", context.directory),
      ("fileSystem", fileSystem), ("machine", machine),
      ("date", .string(context.dateText("%Y-%m-%dT%H:%M:%SZ", isUTC: true))),
      ("version", .string(UringIOVersion.current)),
      ("rounds", .integer(Int64(context.roundCount))), ("seed", .integer(Int64(context.seed))),
      ("cache", .string(context.cache.rawValue)),
      ("ballast", .boolean(context.holdsBallast)),
      ("cpVersion", context.cpVersion.map(JSON.string) ?? .null),
      ("baseline", result.rows.isEmpty ? .null : .string(result.baseline)),
      ("contestants", .array(result.rows.map(contestant))),
      ("leftOut", reasons(context.leftOut)), ("failed", reasons(failures)),
      ("conclusion", .string(result.conclusion)),
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
      ("name", .string(row.name)),
      ("command", .array(row.record.contestant.command.map { .string($0.displayed) })),
      ("engine", text(row.record.engine)), ("strategy", text(row.record.strategy)),
      ("reason", text(row.record.reason)),
      ("toReturnSeconds", row.toReturn.json), ("toDiskSeconds", row.toDisk.json),
      ("cpuSeconds", row.cpu.json), ("gigabytesPerSecond", .number(row.rate)),
      ("peakResidentBytes", row.record.peakResidentByteCount.map(JSON.integer) ?? .null),
      ("ratioToReturn", row.ratioToReturn.json), ("ratioToDisk", row.ratioToDisk.json),
      ("samples", .array(row.record.samples.map(sample))),
    ])
  }

  private func sample(_ sample: CopySample) -> JSON {
    .object([
      ("round", .integer(Int64(sample.round))), ("position", .integer(Int64(sample.position))),
      ("toReturnSeconds", .number(sample.toReturnSeconds)), ("toDiskSeconds", .number(sample.toDiskSeconds)),
      ("userSeconds", .number(sample.userSeconds)), ("systemSeconds", .number(sample.systemSeconds)),
    ])
  }

  private func reasons(_ list: [(name: String, reason: String)]) -> JSON {
    .array(list.map { .object([("name", .string($0.name)), ("reason", .string($0.reason))]) })
  }
}
