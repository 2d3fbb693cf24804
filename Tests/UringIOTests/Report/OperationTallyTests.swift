import Testing

@testable import UringIO

@Suite struct OperationTallyTests {
  @Test(arguments: Operation.Kind.allCases)
  func `each kind is counted for itself`(kind: Operation.Kind) {
    var tally = OperationTally()
    tally.count(kind)
    tally.count(kind, inline: true)
    for other in Operation.Kind.allCases { #expect(tally[other] == (other == kind ? 2 : 0)) }
    #expect(tally.inlineOperations == 1)
    #expect(tally.used.map(\.kind) == [kind])
    #expect(tally.used.map(\.count) == [2])
  }

  @Test func `tallies add up`() {
    var one = OperationTally()
    one.count(.read)
    one.retries = 3
    var other = OperationTally()
    other.count(.read)
    other.count(.write, inline: true)
    other.retries = 4
    one.add(other)
    #expect(one[.read] == 2)
    #expect(one[.write] == 1)
    #expect(one.inlineOperations == 1)
    #expect(one.retries == 7)
  }

  @Test func `bytes and refusals are kept by kind, the most frequent refusal first`() {
    var tally = OperationTally()
    tally.note(.read, .count(100), since: 0)
    tally.note(.read, .count(28), since: 0)
    // A descriptor is no number of bytes.
    tally.note(.openFile, .count(7), since: 0)
    tally.note(.clone, .failed(.notSupported), since: 0)
    for _ in 0..<3 { tally.note(.read, .failed(.resourceTemporarilyUnavailable), since: 0) }
    var whole = OperationTally()
    whole.add(tally)
    whole.add(tally)
    #expect(whole.byteCount(.read) == 256 && whole.byteCount(.openFile) == 0)
    #expect(whole.errors.map(\.kind) == [.read, .clone])
    #expect(whole.errors.map(\.errno) == [.resourceTemporarilyUnavailable, .notSupported])
    #expect(whole.errors.map(\.count) == [6, 2])
  }

  @Test(arguments: EngineUnderTest.available)
  func `statistics say what was in flight, and what the threads did`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      var configuration = FileEngine.Configuration()
      configuration.engine = kind.choice
      configuration.measuring = .statistics
      let engine = try FileEngine(configuration)
      try scratch.makePattern("file", size: 9_000_000)
      var options = CopyOptions()
      options.cloning = .never
      let copied = try await engine.copyFile(
        from: scratch.filePath("file"), to: scratch.filePath("copy"), options: options)
      let tally = copied.operations
      let kinds: [UringIO.Operation.Kind] = [.read, .copyRange, .movePages]
      #expect(kinds.reduce(0) { $0 + tally.byteCount($1) } >= 9_000_000)
      let threads = try #require(tally.threadSeconds)
      #expect(threads.working > 0 && threads.waiting >= 0)
      let level = try #require(tally.inFlight)
      let onRing = tally.used.reduce(0) { $0 + $1.count } - tally.inlineOperations
      if kind == .ring {
        // What was asked again is one operation and two entries; what the opening asks is no job's.
        #expect(tally.ringEntries <= onRing + tally.retries && tally.ringCalls > 0)
        #expect(tally.kernelWorkerCount != nil)
        #expect((level.mean > 0) == (tally.ringEntries > 0))
      } else {
        #expect(tally.ringEntries == 0 && tally.ringCalls == 0 && tally.kernelWorkerCount == 0)
        #expect(level.mean > 0 && level.peak <= 16.0001)
        if kind == .sequential { #expect(level.peak <= 1.0001) }
      }
      await engine.shutdown()
    }
  }

  @Test func `a new tally has counted nothing`() {
    #expect(OperationTally().used.isEmpty)
    #expect(OperationTally().retries == 0)
  }
}
