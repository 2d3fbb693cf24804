import SystemPackage

/// A tally as JSON, and for a person (docs/statistics.md).
extension OperationTally {
  /// The members of a report that say what was asked of the kernel.
  package var jsonMembers: [(String, JSON)] {
    var members: [(String, JSON)] = [
      ("operations", .object(used.map { ($0.kind.name, .integer(Int64($0.count))) })),
      ("operationBytes", .object(transfers.map { ($0.kind.name, .integer($0.byteCount)) })),
      ("inlineOperations", .integer(Int64(inlineOperations))), ("retries", .integer(Int64(retries))),
      ("operationErrors", .array(errors.map(errorJSON))),
    ]
    if ringCalls > 0 {
      members += [
        ("ringEntries", .integer(Int64(ringEntries))), ("ringCalls", .integer(Int64(ringCalls))),
      ]
    }
    return members + statisticsJSON
  }

  private var transfers: [(kind: Operation.Kind, byteCount: Int64)] {
    Operation.Kind.allCases.compactMap { byteCount($0) > 0 ? ($0, byteCount($0)) : nil }
  }

  private func errorJSON(_ kind: Operation.Kind, _ errno: Errno, _ count: Int) -> JSON {
    .object([
      ("operation", .string(kind.name)), ("errno", .integer(Int64(errno.rawValue))),
      ("message", .string("\(errno)")), ("count", .integer(Int64(count))),
    ])
  }

  /// What only ``Measuring/statistics`` has.
  private var statisticsJSON: [(String, JSON)] {
    guard let inFlight, let threadSeconds, let kernelWorkerCount else { return [] }
    return [
      ("latencyNanoseconds", .object(latencies.map { ($0.kind.name, latencyJSON($0.summary)) })),
      (
        "inFlight",
        .object([
          ("mean", .number(inFlight.mean)), ("peak", .number(inFlight.peak)),
          ("spanSeconds", .number(inFlight.spanSeconds)),
          ("spans", .array(inFlight.spans.map { .number($0.mean) })),
        ])
      ),
      (
        "threadSeconds",
        .object([("working", .number(threadSeconds.working)), ("waiting", .number(threadSeconds.waiting))])
      ),
      ("kernelWorkers", .integer(Int64(kernelWorkerCount))),
    ]
  }

  private func latencyJSON(_ summary: LatencySummary) -> JSON {
    .object([
      ("count", .integer(Int64(summary.count))), ("p50", .integer(Int64(summary.median))),
      ("p90", .integer(Int64(summary.percentile90))), ("p99", .integer(Int64(summary.percentile99))),
      ("p999", .integer(Int64(summary.percentile999))), ("max", .integer(Int64(summary.maximum))),
    ])
  }

  // MARK: For a person

  /// What `--stats` prints of it: names and texts of rows.
  package var rows: [(name: String, text: String)] {
    var rows: [(name: String, text: String)] = []
    for (kind, count) in used {
      let bytes = byteCount(kind)
      rows.append((kind.name, bytes > 0 ? "\(count), \(ByteSize.format(bytes))" : "\(count)"))
    }
    rows += latencyRows
    for (kind, errno, count) in errors { rows.append(("refused", "\(kind.name) \(count): \(errno)")) }
    rows.append(("punts avoided", "\(inlineOperations)"))
    rows.append(("retries", "\(retries)"))
    return rows + ringRows + threadRows
  }

  private var ringRows: [(name: String, text: String)] {
    guard ringCalls > 0 else { return [] }
    let perCall = ByteSize.decimal(Double(ringEntries) / Double(ringCalls), digits: 1)
    let punts = kernelWorkerCount.map { "; kernel workers: \($0)" } ?? ""
    return [("ring", "\(ringEntries) entries in \(ringCalls) system calls, \(perCall) in each\(punts)")]
  }

  private var threadRows: [(name: String, text: String)] {
    guard let inFlight, let threadSeconds else { return [] }
    return [
      (
        "in flight",
        "\(ByteSize.decimal(inFlight.mean, digits: 1)) on average, "
          + "\(ByteSize.decimal(inFlight.peak, digits: 1)) at most in \(milliseconds(inFlight.spanSeconds)) ms"
      ),
      (
        "threads",
        "\(ByteSize.decimal(threadSeconds.working, digits: 3)) s working, "
          + "\(ByteSize.decimal(threadSeconds.waiting, digits: 3)) s waiting"
      ),
    ]
  }

  private func milliseconds(_ seconds: Double) -> String { ByteSize.decimal(seconds * 1000, digits: 2) }

  /// A row for each kind: its name, and the percentiles in microseconds.
  private var latencyRows: [(name: String, text: String)] {
    func microseconds(_ nanoseconds: UInt64) -> String {
      ByteSize.decimal(Double(nanoseconds) / 1000, digits: nanoseconds < 100_000 ? 1 : 0)
    }
    return latencies.map { kind, summary in
      (
        kind.name + ", us",
        "p50 \(microseconds(summary.median)), p90 \(microseconds(summary.percentile90)), "
          + "p99 \(microseconds(summary.percentile99)), p99.9 \(microseconds(summary.percentile999)), "
          + "max \(microseconds(summary.maximum))"
      )
    }
  }
}
