import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the contestants did, for the reports. They outlive the workload, which holds its source open.
struct WorkDescription {
  /// As the command line names it.
  let job: String
  /// For a person: a label and a text for each line.
  let lines: [(label: String, text: String)]
  let jsonMembers: [(String, JSON)]
  let amount: WorkAmount
  let sourceByteCount: Int64

  init(_ workload: any Workload) {
    job = workload.job
    lines = workload.description
    jsonMembers = workload.jsonMembers
    amount = workload.amount
    sourceByteCount = workload.sourceByteCount
  }
}

/// What the numbers depend on, and must be quoted with.
struct ComparisonContext {
  let work: WorkDescription
  let state: CacheState
  /// Where the outcomes went.
  let directory: PathBytes
  let fileSystem: FileSystemProbe
  let machine: MachineProbe
  /// Of the start.
  let date: time_t
  let roundCountMax: Int
  let seed: UInt64
  /// Whether the free memory that nobody needed was held.
  let holdsBallast: Bool
  /// The command that does it again, seed included.
  let command: String
  /// Contestants that cannot run here.
  var leftOut: [(name: String, reason: String)] = []
  var failures: [(name: String, reason: String)] = []
  /// Those of the runs that measure how long operations take.
  var latencyFailures: [(name: String, reason: String)] = []
  /// How much of the source was in the page cache before a run; `nil` where nobody can tell.
  var cachedByteCounts: ClosedRange<Int64>?
  var isEndedEarly = false
  /// Why it ended before all rounds were over, if that was not its own decision.
  var interruption: String?

  /// Whether the source was as it should have been before each run; `nil` where nobody can tell.
  var isPrepared: Bool? {
    guard let cachedByteCounts, work.sourceByteCount > 0 else { return nil }
    let size = Double(work.sourceByteCount)
    switch state {
    case .cached: return Double(cachedByteCounts.lowerBound) >= 0.99 * size
    case .uncached: return Double(cachedByteCounts.upperBound) <= 0.01 * size
    }
  }

  /// The source's state for a person.
  var cacheText: String? {
    guard work.sourceByteCount > 0 else { return nil }
    switch (state, isPrepared) {
    case (.cached, nil): return "read before each run"
    case (.cached, true?): return "in the page cache before each run"
    case (.cached, false?):
      return
        "only \(ByteSize.format(cachedByteCounts!.lowerBound)) stayed in the page cache: reading it is part "
        + "of the times"
    case (.uncached, nil): return "contents dropped from the page cache before each run (posix_fadvise)"
    case (.uncached, true?):
      return "contents not in the page cache before any run (posix_fadvise); names and inodes may be"
    case (.uncached, false?):
      return
        "\(ByteSize.format(cachedByteCounts!.upperBound)) stayed in the page cache although it was to be dropped"
    }
  }

  /// The source's bytes by the time to return; `nil` where nothing is read.
  func bytesPerSecond(_ row: ComparisonResult.Row) -> Spread? {
    guard work.sourceByteCount > 0 else { return nil }
    let byteCount = Double(work.sourceByteCount)
    // By the time's median, and not the rates': with an even count of rounds they differ.
    var rates = Spread([byteCount / row.toReturn.max, byteCount / row.toReturn.min])
    rates.median = byteCount / row.toReturn.median
    return rates
  }

  /// Who failed, and at what, in a sentence each.
  var failureTexts: [String] {
    failures.map { "\($0.name) failed and was left out: \($0.reason)" }
      + latencyFailures.map { "\($0.name) failed when its operations were measured: \($0.reason)" }
  }

  /// The date by `strftime`'s format, in UTC or local time.
  func dateText(_ format: String, isUTC: Bool) -> String {
    var seconds = date
    var parts = tm()
    _ = isUTC ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)
    var characters = [CChar](repeating: 0, count: 64)
    let count = strftime(&characters, characters.count, format, &parts)
    return String(decoding: characters[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension PathBytes {
  /// The path from the root, without links; itself where it leads nowhere. `realpath`.
  var resolved: PathBytes {
    guard let path = withCString({ realpath($0, nil) }) else { return self }
    defer { free(path) }
    return PathBytes(UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) })
  }
}
