import SystemPackage
import Testing

@testable import UringIO

/// Rings with few entries, and more work than fits.
@Suite(.enabled(if: EngineUnderTest.hasRing, "io_uring is refused here"))
struct QueueLimitTests {
  @Test(arguments: [2, 4, 8])
  func `a room much deeper than the completion queue completes everything`(entries: Int) throws {
    let engine = try EngineUnderTest.ring.make(workerCount: 1, entries: entries)
    let source = CountingSource(1_000) { _ in
      ScriptedJob { call, _, _ in
        call < 3 ? .perform(.synchronize(.standardInput, dataOnly: true)) : .finish(.success(0))
      }
    }
    let tally = try engine.run(source, rooms: [.of(256)])
    try engine.stop()
    #expect(source.finishedEachOnce(1_000))
    #expect(tally[.synchronize] == 3_000)
  }

  /// Reads a file's first bytes one by one, in chains as long as the submission queue.
  private func runChains(
    jobCount: Int, chainCount: Int, computes: Bool, depth: Int, length: Int = 8, entries: Int = 8
  ) throws {
    try withScratch { scratch in
      try scratch.write("file", Array(0..<UInt8(length)))
      let file = try scratch.open("file", .readOnly)
      defer { try? file.close() }
      let broken = Shared(0)
      let source = CountingSource(jobCount) { number in
        ScriptedJob { call, completions, buffer in
          // Every other job computes first, so that words from other threads come at all times.
          let isComputing = computes && (call + number) % 2 == 0
          if completions.contains(where: { $0 != .count(1) }) { broken.update { $0 += 1 } }
          guard call < chainCount else { return .finish(.success(0)) }
          if isComputing { return .compute { .count(1) } }
          return .chain((0..<length).map { .read(file, into: buffer[$0..<$0 + 1], at: Int64($0)) })
        }
      }
      let engine = try EngineUnderTest.ring.make(workerCount: 1, entries: entries)
      try engine.run(source, rooms: [.of(depth)])
      try engine.stop()
      #expect(source.finishedEachOnce(jobCount))
      #expect(broken.value == 0)
    }
  }

  @Test func `chains as long as the submission queue complete in a deep room`() throws {
    try runChains(jobCount: 600, chainCount: 3, computes: false, depth: 256)
  }

  @Test(arguments: [2, 4, 64])
  func `chains as long as the submission queue complete among computing jobs`(depth: Int) throws {
    try runChains(jobCount: 1_500, chainCount: 6, computes: true, depth: depth)
  }

  @Test(arguments: [2, 3, 7])
  func `chains that leave room in the submission queue complete among computing jobs`(length: Int) throws {
    try runChains(jobCount: 600, chainCount: 6, computes: true, depth: 32, length: length)
  }

  @Test func `retries of more operations than fit are all made`() throws {
    try withScratch { scratch in
      try scratch.write("file", [1])
      let file = try scratch.open("file", .readOnly)
      defer { try? file.close() }
      let source = CountingSource(300) { _ in
        ScriptedJob { .perform(.read(file, into: $0[0..<1], at: 0)) }
      }
      let attempts = Shared(0)
      let engine = try EngineUnderTest.ring.make(workerCount: 1, entries: 4)
      let tally = try engine.run(source, rooms: [.of(100)]) { _ in
        let number = attempts.update { count -> Int in
          count += 1
          return count
        }
        return number % 3 == 0 ? .pass : .fail(.interrupted)
      }
      try engine.stop()
      #expect(source.successCount == 300)
      #expect(tally.retries == 600)
    }
  }

  @Test func `file descriptors and threads of ended engines are given back`() throws {
    // 300 rings at once would exceed the usual limit of 1024 descriptors.
    for _ in 0..<300 {
      let engine = try EngineUnderTest.ring.make(workerCount: 2, entries: 8)
      try engine.stop()
    }
    for _ in 0..<300 { _ = try EngineUnderTest.ring.make(workerCount: 2, entries: 8) }
  }
}
