import SystemPackage
import Testing

@testable import UringIO

/// Records that are handed over many at once, and appenders that gather what nobody waits for.
@Suite struct AppenderEnqueueTests {
  private static let buffered: AppendOptions = {
    var options = AppendOptions()
    options.isBuffered = true
    return options
  }()

  // MARK: Many at once

  @Test(arguments: EngineUnderTest.available)
  func `records of many tasks are whole, in order and beside each other, and tell their offsets`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      let offsets = Shared([[Int64]](repeating: [], count: 500))
      try await withThrowingDiscardingTaskGroup { group in
        for task in 0..<500 {
          group.addTask {
            let lines = (0..<20).map { Lines.line(task, $0) }
            let own = try await log.enqueue(contentsOf: lines).offsets
            offsets.update { $0[task] = own }
          }
        }
      }
      try await log.close()
      Lines.check(try scratch.read("log"), taskCount: 500, lineCount: 20, offsets: offsets.value)
      for (task, own) in offsets.value.enumerated() {
        let size = (0..<20).reduce(0) { $0 + Lines.line(task, $1).utf8.count }
        #expect(own.last == own[0] + Int64(size - Lines.line(task, 19).utf8.count))
      }
      #expect(log.report.recordCount == 10_000)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `every form gives the same, in the order of the calls`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      let texts = try log.enqueue(contentsOf: ["a", "bc"])
      let bytes = try log.enqueue(contentsOf: [[0x64], [0x65, 0x66]] as [[UInt8]])
      let single = try log.enqueue("g")
      let lent = try log.enqueue(recordsIn: Array("hijk".utf8), endingAt: [1, 4])
      #expect(try await log.append("l") == 11)
      #expect(try await texts.offsets == [0, 1])
      #expect(try await bytes.offsets == [3, 4])
      #expect(try await single.offset == 6)
      #expect(try await lent.offsets == [7, 8])
      #expect(try await lent[1].offset == 8 && lent.count == 2)
      #expect(try await lent.offsets == [7, 8])
      try await log.close()
      #expect(try scratch.read("log") == Array("abcdefghijkl".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `no records are nothing, and what is no records is refused whole`(_ kind: EngineUnderTest) async throws
  {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      let none = try log.enqueue(contentsOf: [] as [String])
      #expect(none.count == 0)
      #expect(try await none.offsets == [])
      for body in [
        { try log.enqueue(contentsOf: ["a", "", "b"]) }, { try log.enqueue(contentsOf: [""]) },
        { try log.enqueue(recordsIn: [1, 2], endingAt: []) },
        { try log.enqueue(recordsIn: [1, 2], endingAt: [1]) },
        { try log.enqueue(recordsIn: [1, 2], endingAt: [3]) },
        { try log.enqueue(recordsIn: [1, 2], endingAt: [2, 1]) },
        { try log.enqueue(recordsIn: [1, 2], endingAt: [-1, 2]) },
      ] as [() throws -> AppendedRecords] {
        #expect(try await appendError { _ = try body() }.errno == .invalidArgument)
      }
      try await log.close()
      #expect(try await appendError { try log.enqueue(contentsOf: ["a"]) }.errno == .badFileDescriptor)
      #expect(try scratch.size("log") == 0)
      #expect(log.report == AppendReport())
    }
  }

  @Test(arguments: EngineUnderTest.available, [false, true])
  func `where not all fit none is taken, and what is larger than the buffer goes alone`(
    _ kind: EngineUnderTest, _ isBuffered: Bool
  ) async throws {
    try await withScratch { scratch in
      let gate = Gate()
      var options = AppendOptions()
      options.bufferByteCount = 4096
      options.isBuffered = isBuffered
      let log = try kind.appender(in: scratch, options) { operation in
        if operation.kind == .write { gate.wait() }
        return .pass
      }
      let records = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 500), count: 3)
      var accepted = 0
      var refusal: FileIOError?
      while refusal == nil {
        try #require(accepted < 10, "the buffer has no end")
        do throws(FileIOError) {
          try log.enqueue(contentsOf: records)
          accepted += 1
        } catch {
          refusal = error
        }
      }
      #expect(refusal?.errno == .resourceTemporarilyUnavailable)
      gate.open()
      try await log.flush()
      #expect(try scratch.size("log") == accepted * 1500)
      let large = try log.enqueue(contentsOf: [[UInt8](repeating: 0x62, count: 10_000), [0x63]])
      let start = Int64(accepted * 1500)
      #expect(try await large.offsets == [start, start + 10_000])
      try await log.close()
      #expect(try scratch.size("log") == Int(start) + 10_001)
      #expect(log.report.recordCount == accepted * 3 + 2)
    }
  }

  @Test(arguments: EngineUnderTest.available, [false, true])
  func `a disk that is full in the middle fails what does not fit, and each record tells`(
    _ kind: EngineUnderTest, _ isBuffered: Bool
  ) async throws {
    try await withScratch { scratch in
      var options = AppendOptions()
      options.isBuffered = isBuffered
      let log = try kind.appender(
        in: scratch, options, intercept: AppenderFailureTests.diskThatIsFull(at: 25))
      let records = try log.enqueue(contentsOf: ["0123456789", "abcdefghijklmnopqrst", "ABCDEFGHIJ"])
      let error = try await appendError { _ = try await records.offsets }
      #expect(error.errno == .noSpace && error.activity == .append && error.offset == nil)
      #expect(try await records[0].offset == 0)
      #expect(try await appendError { _ = try await records[1].offset }.errno == .noSpace)
      #expect(try await records[2].offset == 10)
      // It was heard of.
      try await log.close()
      #expect(try scratch.read("log") == Array("0123456789ABCDEFGHIJ".utf8))
      #expect(log.report.recordCount == 2 && log.report.failedRecordCount == 1)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a failure among them that nobody asked about is told by closing`(_ kind: EngineUnderTest) async throws
  {
    try await withScratch { scratch in
      for blocks in [false, true] {
        let log = try kind.appender(
          in: scratch, Self.buffered, intercept: Intercepting.every(.write, failsWith: .ioError))
        try log.enqueue(contentsOf: ["a", "b"])
        let error = try await appendError {
          if blocks { try log.closeBlocking() } else { try await log.close() }
        }
        #expect(error.errno == .ioError)
        #expect(log.report.failedRecordCount == 2)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `durable records handed over at once share a sync`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      for options in [AppendOptions.durable, Self.buffered.with { $0.isDurable = true }] {
        let log = try kind.appender(in: scratch, options)
        let before = Int64(try scratch.size("log"))
        let offsets = try await log.enqueue(contentsOf: [String](repeating: "1234", count: 1000)).offsets
        #expect(offsets == (0..<1000).map { before + $0 * 4 })
        #expect(log.report.syncCount == 1 && log.report.batchCount == 1)
        try await log.close()
      }
    }
  }

  // MARK: Buffered

  @Test(arguments: EngineUnderTest.available)
  func `a buffered appender writes when somebody waits, and not before`(_ kind: EngineUnderTest) async throws
  {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, Self.buffered)
      func expectSize(_ size: Int, batches: Int) throws {
        #expect(try scratch.size("log") == size)
        #expect(log.report.batchCount == batches)
      }
      let first = try log.enqueue("ab")
      try log.enqueue(contentsOf: ["c", "d"])
      try expectSize(0, batches: 0)
      #expect(try await first.offset == 0)
      try expectSize(4, batches: 1)
      try log.enqueue("e")
      try expectSize(4, batches: 1)
      #expect(try await log.append("f") == 5)
      try expectSize(6, batches: 2)
      let many = try log.enqueue(contentsOf: ["g", "h"])
      try expectSize(6, batches: 2)
      try await log.flush()
      try expectSize(8, batches: 3)
      #expect(try await many.offsets == [6, 7])
      try log.enqueue("i")
      try await log.close()
      try expectSize(9, batches: 4)
      #expect(try scratch.read("log") == Array("abcdefghi".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `half a buffer leaves by itself, and a dropped appender writes the rest`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      do {
        let log = try kind.appender(in: scratch, Self.buffered.with { $0.bufferByteCount = 4096 })
        try log.enqueue([UInt8](repeating: 0x61, count: 2047))
        #expect(try scratch.size("log") == 0)
        try log.enqueue("b")
        try await eventually("half a buffer is written") { try scratch.size("log") == 2048 }
        try log.enqueue("c")
      }
      try await eventually("the rest is written") { try scratch.size("log") == 2049 }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `many tasks through a small buffer lose nothing, whoever waits`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, Self.buffered.with { $0.bufferByteCount = 4096 })
      try await withThrowingDiscardingTaskGroup { group in
        for task in 0..<200 {
          group.addTask {
            for index in 0..<50 {
              let line = Lines.line(task, index)
              do throws(FileIOError) { try log.enqueue(line) } catch {
                guard error.errno == .resourceTemporarilyUnavailable else { throw error }
                _ = try await log.append(line)
              }
            }
          }
        }
      }
      try log.closeBlocking()
      Lines.check(try scratch.read("log"), taskCount: 200, lineCount: 50)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled task is refused a record, and what it enqueued before is written`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, Self.buffered)
      let task = Task {
        let records = try log.enqueue(contentsOf: ["a", "b"])
        withUnsafeCurrentTask { $0?.cancel() }
        let error = try await appendError { _ = try await log.append("c") }
        return (error, try await records.offsets)
      }
      let (error, offsets) = try await task.value
      #expect(error.isCancellation && offsets == [0, 1])
      try await log.close()
      #expect(try scratch.read("log") == Array("ab".utf8))
    }
  }

  // MARK: Closing by the caller's thread

  @Test(arguments: EngineUnderTest.available, [false, true])
  func `closing on the caller's thread writes what is left, whoever is writing`(
    _ kind: EngineUnderTest, _ isBuffered: Bool
  ) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, Self.buffered.with { $0.isBuffered = isBuffered })
      for index in 0..<1000 { try log.enqueue(Lines.line(0, index)) }
      try log.closeBlocking()
      Lines.check(try scratch.read("log"), taskCount: 1, lineCount: 1000)
      #expect(log.report.recordCount == 1000)
      if isBuffered { #expect(log.report.batchCount == 1) }
      try log.closeBlocking()
      try await log.close()
      #expect(try await appendError { try log.enqueue("a") }.errno == .badFileDescriptor)
    }
  }
}

extension AppendOptions {
  fileprivate func with(_ change: (inout AppendOptions) -> Void) -> AppendOptions {
    var options = self
    change(&options)
    return options
  }
}
