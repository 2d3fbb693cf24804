import Foundation
import SystemPackage
import Testing

@testable import UringIO

@Suite struct OperationTraceTests {
  private func text(_ tally: OperationTally) -> [UInt8] {
    var bytes: [UInt8] = []
    tally.writeTrace(process: "a \"program\"") { bytes += $0 }
    return bytes
  }

  private func events(_ tally: OperationTally) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(text(tally))) as? [String: Any]
    return try #require(object?["traceEvents"] as? [[String: Any]])
  }

  @Test func `each operation has its row, its time and its answer`() throws {
    var ring = OperationTally(measuring: .trace, lane: OperationTrace.Lane(thread: 1, isRing: true))
    let now = MonotonicTime.nanoseconds()
    ring.note(.read, .count(4096), since: now - 2_000_000, slot: 6)
    ring.note(.write, .failed(.noSpace), since: now - 1_000_000)
    var pool = OperationTally(measuring: .trace, lane: OperationTrace.Lane(thread: 3))
    pool.note(.openFile, .count(5), since: now - 3_000_000)
    ring.add(pool)
    let events = try events(ring)
    let names = events.filter { $0["ph"] as? String == "M" }.map {
      ($0["args"] as? [String: String])?["name"]
    }
    #expect(names == ["a \"program\"", "ring 1", "ring 1, slot 7", "thread 3"])
    let operations = events.filter { $0["ph"] as? String == "X" }
    #expect(operations.map { $0["name"] as? String } == ["read", "write", "openFile"])
    #expect(
      operations.map { ($0["args"] as? [String: Int])?["result"] } == [4096, -Int(Errno.noSpace.rawValue), 5])
    let starts = operations.map { $0["ts"] as? Double ?? -1 }
    // The first is at 0, in microseconds.
    #expect(starts == [1000, 2000, 0])
    #expect(operations.allSatisfy { ($0["dur"] as? Double ?? 0) >= 1000 })
    #expect(Set(operations.map { $0["tid"] as? Int }).count == 3)
  }

  @Test func `more than it keeps is counted`() throws {
    var trace = OperationTrace(lane: OperationTrace.Lane())
    for index in 0..<UInt64(OperationTrace.eventCountMax) + 3 {
      trace.note(.read, .count(1), from: index, to: index + 1, slot: nil)
    }
    #expect(trace.count == OperationTrace.eventCountMax && trace.droppedCount == 3)
    var more = trace
    more.add(trace)
    #expect(more.count == OperationTrace.eventCountMax)
    #expect(more.droppedCount == OperationTrace.eventCountMax + 6)
  }

  @Test func `an empty one can be looked at too`() throws {
    #expect(try events(OperationTally()).count == 1)
    #expect(try events(OperationTally(measuring: .trace)).count == 1)
  }

  @Test(arguments: EngineUnderTest.available)
  func `every engine traces each operation it counts`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      var configuration = FileEngine.Configuration()
      configuration.engine = kind.choice
      configuration.measuring = .trace
      let engine = try FileEngine(configuration)
      let paths = try (0..<5000).map { index in
        try scratch.makePattern("small\(index)", size: 100)
        return scratch.filePath("small\(index)")
      }
      let files = engine.load(paths)
      for try await _ in files {}
      let tally = try #require(files.report).operations
      let operations = try events(tally).filter { $0["ph"] as? String == "X" }
      #expect(try #require(tally.trace).count == operations.count)
      // Several calls that are one operation are counted by themselves: one that was left undone made two of four.
      let tried = operations.filter { $0["name"] as? String == "loadSmallFile" }
      func result(_ operation: [String: Any]) -> Int {
        (operation["args"] as? [String: Int])?["result"] ?? 0
      }
      let done = tried.count { result($0) == 1 }
      // Many that are one operation were all done.
      let together = operations.filter { $0["name"] as? String == "loadSmallFiles" }
      let doneTogether = together.reduce(0) { $0 + result($1) }
      var expected = Dictionary(uniqueKeysWithValues: tally.used.map { ($0.kind, $0.count) })
      expected[.openFile, default: 0] -= tried.count + doneTogether
      expected[.status, default: 0] -= tried.count + doneTogether
      expected[.read, default: 0] -= done + doneTogether
      expected[.closeFile, default: 0] -= done + doneTogether
      expected[.loadSmallFile] = tried.count
      expected[.loadSmallFiles] = together.count
      let named = Dictionary(grouping: operations) { $0["name"] as? String ?? "" }.mapValues(\.count)
      let expectedByName = expected.filter { $0.value > 0 }.map { ($0.key.name, $0.value) }
      #expect(named == Dictionary(uniqueKeysWithValues: expectedByName))
      #if LINUX
        #expect(tried.count + doneTogether == 5000)
        #expect((doneTogether > 0) == (kind != .sequential))
      #endif
      await engine.shutdown()
    }
  }
}
