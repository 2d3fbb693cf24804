import SystemPackage
import Testing

@testable import UringIO

@Suite struct OperationLatenciesTests {
  @Test func `percentiles are within one percent, and kinds stay apart`() throws {
    var tally = OperationLatencies()
    for value in 1...1000 as ClosedRange<UInt64> { tally.note(.read, nanoseconds: value * 1000) }
    tally.note(.write, nanoseconds: 5)
    let read = try #require(tally[.read])
    #expect(read.count == 1000)
    for (value, expected) in [
      (read.median, 500_000), (read.percentile90, 900_000), (read.percentile99, 990_000),
      (read.percentile999, 999_000), (read.maximum, 1_000_000),
    ] as [(UInt64, Double)] {
      #expect(abs(Double(value) / expected - 1) < 0.01, "\(value) \(expected)")
    }
    #expect(tally[.write]?.count == 1 && tally[.closeFile] == nil)
    // What takes longer than an hour, and nothing at all.
    tally.note(.lock, nanoseconds: .max)
    tally.note(.lock, nanoseconds: 0)
    #expect(tally[.lock]?.count == 2)
  }

  @Test func `they add up, whoever measured`() throws {
    var one = OperationLatencies()
    var other = OperationLatencies()
    for value in 1...100 as ClosedRange<UInt64> { one.note(.read, nanoseconds: value) }
    for value in 901...1000 as ClosedRange<UInt64> { other.note(.read, nanoseconds: value) }
    other.note(.write, nanoseconds: 7)
    one.add(other)
    #expect(one[.read]?.count == 200 && one[.write]?.count == 1)
    #expect(try #require(one[.read]).percentile90 > 900)

    var whole = OperationTally()
    var measured = OperationTally(measuring: .statistics)
    measured.count(.read)
    measured.note(.read, .count(1), since: MonotonicTime.nanoseconds())
    whole.add(measured)
    whole.add(OperationTally())
    #expect(whole.latencies.count == 1 && whole.latencies[0].summary.count == 1)
    // Nobody asked: nothing is kept, and nothing printed.
    var silent = OperationTally()
    silent.note(.read, .count(0), since: 0)
    #expect(silent.latencies.isEmpty && silent.rows.count == 2)
    #expect(!silent.jsonMembers.contains { $0.0 == "latencyNanoseconds" })
    #expect(measured.jsonMembers.contains { $0.0 == "latencyNanoseconds" })
  }

  @Test(arguments: EngineUnderTest.available)
  func `every engine measures as many operations as it counts`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      var configuration = FileEngine.Configuration()
      configuration.engine = kind == .ring ? .uring : kind == .pool ? .threads : .sequential
      configuration.measuring = .statistics
      let engine = try FileEngine(configuration)
      try scratch.makePattern("file", size: 5_000_000)
      let copied = try await engine.copyFile(from: scratch.filePath("file"), to: scratch.filePath("copy"))
      let paths = try (0..<50).map { index in
        try scratch.makePattern("small\(index)", size: 1000)
        return scratch.filePath("small\(index)")
      }
      let files = engine.load(paths)
      for try await _ in files {}
      let loaded = try #require(files.report)
      for tally in [copied.operations, loaded.operations] {
        #expect(!tally.latencies.isEmpty)
        for (kind, summary) in tally.latencies {
          // One that was asked again is one, what the opening asks is not a job's, and several calls that are one
          // operation are counted by themselves.
          #expect(summary.count <= (kind == .loadSmallFile ? paths.count : tally[kind]), "\(kind)")
          #expect(summary.median > 0 && summary.median <= summary.maximum, "\(kind)")
        }
      }
      #expect(loaded.operations[.read] == paths.count)
      #if LINUX
        #expect(
          loaded.operations.latencies.first { $0.kind == .loadSmallFile }?.summary.count == paths.count)
      #endif
      await engine.shutdown()
    }
  }

  @Test func `of many operations one in sixteen is measured, and of few all`() {
    var latencies = OperationLatencies()
    let sampled = (0..<100_000).map { _ in latencies.samplesNext() }
    #expect(sampled[..<4096].allSatisfy { $0 })
    let rest = sampled[4096...].count { $0 }
    #expect(abs(Double(rest) * 16 / Double(sampled.count - 4096) - 1) < 0.05)
    // Not always the same of what repeats itself.
    for period in 2...9 {
      let phases = Set((4096..<100_000).filter { sampled[$0] }.map { $0 % period })
      #expect(phases.count == period)
    }
    var silent = OperationTally()
    #expect(silent.startOfNext() == 0)
  }

  @Test func `rows are in microseconds`() throws {
    var tally = OperationTally(measuring: .statistics)
    tally.note(.read, .count(1), since: MonotonicTime.nanoseconds() - 1_500_000)
    let row = try #require(tally.rows.first { $0.name == "read, us" })
    #expect(row.text.hasPrefix("p50 1"))
  }
}
