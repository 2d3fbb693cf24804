import SystemPackage
import Testing

@testable import UringIO

/// What every engine does with the kernel's awkward answers.
@Suite struct FailureContractTests {
  /// Reads the same byte of a file in `count` jobs.
  private func readingJobs(
    _ count: Int, on kind: EngineUnderTest, depth: Int = 2, placement: PlacementTable = .allRing,
    intercept: @escaping Interceptor
  ) throws -> (source: CountingSource, tally: OperationTally) {
    try withScratch { scratch in
      try scratch.write("file", [42])
      let file = try scratch.open("file")
      defer { try? file.close() }
      let source = CountingSource(count) { _ in
        ScriptedJob { .perform(.read(file, into: $0[0..<1], at: 0)) }
      }
      let engine = try kind.make()
      let tally = try engine.run(source, rooms: [.of(depth, placement: placement)], intercept: intercept)
      try engine.stop()
      return (source, tally)
    }
  }

  private static let transient = [Errno.interrupted, .resourceTemporarilyUnavailable]
  private static let placements = [PlacementTable.allRing, .buffered]

  @Test(arguments: EngineUnderTest.available, transient)
  func `EINTR and EAGAIN are asked again, counted, and not told to the job`(
    _ kind: EngineUnderTest, errno: Errno
  ) throws {
    for placement in Self.placements {
      let (source, tally) = try readingJobs(
        10, on: kind, placement: placement, intercept: Intercepting.first(7, of: .read, failWith: errno))
      #expect(source.outcomes.values.allSatisfy { $0.byteCount == 1 })
      #expect(tally.retries == 7)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an operation that was asked again is counted once`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      let (_, tally) = try readingJobs(
        10, on: kind, placement: placement,
        intercept: Intercepting.first(7, of: .read, failWith: .interrupted))
      #expect(tally[.read] == 10)
    }
  }

  @Test(arguments: EngineUnderTest.available, transient)
  func `asking again is bounded, and then the error is reported`(
    _ kind: EngineUnderTest, errno: Errno
  ) throws {
    for placement in Self.placements {
      let (source, tally) = try readingJobs(
        1, on: kind, placement: placement, intercept: Intercepting.every(.read, failsWith: errno))
      #expect(source.outcomes[0]?.error?.errno == errno)
      #expect(tally.retries == RetryPolicy.retriesMax)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `every operation has its own retries`(_ kind: EngineUnderTest) throws {
    // More than the bound in all, but never that often for one.
    let attempts = Shared<[Int]>([Int](repeating: 0, count: 4))
    try withScratch { scratch in
      try scratch.write("file", Array(repeating: 7, count: 4))
      let file = try scratch.open("file")
      defer { try? file.close() }
      let source = CountingSource(4) { number in
        ScriptedJob { .perform(.read(file, into: $0[0..<1], at: Int64(number))) }
      }
      let engine = try kind.make()
      let tally = try engine.run(source, rooms: [.of(4)]) { operation in
        attempts.update { attempts -> Interception in
          let number = Int(operation.offset!)
          attempts[number] += 1
          return attempts[number] <= 600 ? .fail(.interrupted) : .pass
        }
      }
      try engine.stop()
      #expect(source.successCount == 4)
      #expect(tally.retries == 2_400)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a failure is told to its job alone, and the others finish`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      let (source, _) = try readingJobs(
        200, on: kind, depth: 8, placement: placement,
        intercept: Intercepting.number(50, of: .read, failsWith: .ioError))
      #expect(source.finishedEachOnce(200))
      let errors = source.outcomes.values.compactMap(\.error)
      #expect(errors.map(\.errno) == [.ioError])
      #expect(source.successCount == 199)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what no retry helps is not asked again`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      let count = Shared(0)
      let (source, tally) = try readingJobs(1, on: kind, placement: placement) { _ in
        count.update { $0 += 1 }
        return .fail(.noSpace)
      }
      #expect(count.value == 1)
      #expect(tally.retries == 0)
      #expect(source.outcomes[0]?.error?.errno == .noSpace)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the kernel's own errors arrive`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      let source = CountingSource(3) { number in
        ScriptedJob { buffer in
          number == 0
            ? .perform(.read(FileDescriptor(rawValue: 1 << 20), into: buffer, at: 0))
            : .perform(.synchronize(FileDescriptor(rawValue: 1 << 20), dataOnly: false))
        }
      }
      let engine = try kind.make()
      try engine.run(source, rooms: [.of(2, placement: placement)])
      try engine.stop()
      #expect(source.outcomes.values.allSatisfy { $0.error?.errno == .badFileDescriptor })
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `EAGAIN on a stream is the job's business`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    try pipe.writeEnd.writeAll([1])
    for placement in [PlacementTable.streaming, .buffered] {
      let source = CountingSource(1) { _ in ScriptedJob { .perform(.read(pipe.readEnd, into: $0, at: nil)) } }
      let engine = try kind.make()
      let tally = try engine.run(
        source, rooms: [.of(1, placement: placement)],
        intercept: Intercepting.first(1, of: .read, failWith: .resourceTemporarilyUnavailable))
      try engine.stop()
      #expect(source.outcomes[0]?.error?.errno == .resourceTemporarilyUnavailable)
      #expect(tally.retries == 0)
    }
  }
}
