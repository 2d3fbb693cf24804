import SystemPackage
import Testing

@testable import UringIO

/// What an appender promises, on every engine.
@Suite struct AppenderTests {
  /// Appends each task's lines one after another and checks everything.
  private func run(
    _ kind: EngineUnderTest, taskCount: Int, lineCount: Int, _ options: AppendOptions = AppendOptions(),
    intercept: Interceptor? = nil
  ) async throws -> AppendReport {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, options, intercept: intercept)
      let offsets = Shared([[Int64]](repeating: [], count: taskCount))
      try await withThrowingDiscardingTaskGroup { group in
        for task in 0..<taskCount {
          group.addTask {
            var own: [Int64] = []
            for index in 0..<lineCount { own.append(try await log.append(Lines.line(task, index))) }
            let all = own
            offsets.update { $0[task] = all }
          }
        }
      }
      try await log.close()
      Lines.check(
        try scratch.read("log"), taskCount: taskCount, lineCount: lineCount, offsets: offsets.value)
      return log.report
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a thousand tasks append ten thousand lines, whole, once and in order`(
    _ kind: EngineUnderTest
  ) async throws {
    let report = try await run(kind, taskCount: 1000, lineCount: 10)
    #expect(report.recordCount == 10_000 && report.failedRecordCount == 0)
    #expect(report.writeCount == report.batchCount && report.batchCount < 10_000)
    #expect(report.syncCount == 0)
  }

  @Test(arguments: EngineUnderTest.available)
  func `a hundred thousand lines through a small buffer, which makes many wait`(
    _ kind: EngineUnderTest
  ) async throws {
    var options = AppendOptions()
    options.bufferByteCount = 4096
    let report = try await run(kind, taskCount: 1000, lineCount: 100, options)
    #expect(report.recordCount == 100_000)
  }

  @Test(arguments: EngineUnderTest.available)
  func `writes that are always short make no difference`(_ kind: EngineUnderTest) async throws {
    let report = try await run(
      kind, taskCount: 20, lineCount: 20, intercept: Intercepting.transfersAtMost(7))
    #expect(report.recordCount == 400)
    #expect(report.writeCount > report.batchCount)
  }

  @Test(arguments: EngineUnderTest.available)
  func `durable lines share their syncs`(_ kind: EngineUnderTest) async throws {
    // A sync that takes a while, as on a disk.
    let report = try await run(kind, taskCount: 256, lineCount: 40, .durable) { operation in
      if operation.kind == .synchronize { pause(milliseconds: 10) }
      return .pass
    }
    #expect(report.recordCount == 10_240)
    #expect(report.syncCount == report.batchCount)
    #expect(report.syncCount * 50 <= report.recordCount, "\(report.syncCount) syncs")
  }

  @Test(arguments: EngineUnderTest.available)
  func `what is there stays, and offsets count from its start`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.write("log", Array("before\n".utf8))
      let log = try kind.appender(in: scratch)
      #expect(try await log.append("one\n") == 7)
      #expect(try await log.append(Array("two\n".utf8)) == 11)
      #expect(try await log.append(Array("three\n".utf8)[...]) == 15)
      #expect(try await log.append(repeatElement(0x34, count: 3)) == 21)
      try await log.close()
      #expect(try scratch.read("log") == Array("before\none\ntwo\nthree\n444".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `several records keep their order, and more than the buffer holds`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      var options = AppendOptions()
      options.bufferByteCount = 4096
      let log = try kind.appender(in: scratch, options)
      let lines = (0..<2000).map { Lines.line(0, $0) }
      let offsets = try await log.append(contentsOf: lines)
      try await log.close()
      Lines.check(try scratch.read("log"), taskCount: 1, lineCount: 2000, offsets: [offsets])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a record larger than the buffer goes alone`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      var options = AppendOptions()
      options.bufferByteCount = 4096
      let log = try kind.appender(in: scratch, options)
      let large = [UInt8](repeating: 0x61, count: 1_000_003)
      #expect(try await log.append("a") == 0)
      #expect(try await log.append(large) == 1)
      #expect(try await log.append("b") == 1_000_004)
      try await log.close()
      #expect(try scratch.read("log") == [0x61] + large + [0x62])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `enqueued records are ordered with appended ones, and tell their offsets`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      let first = try log.enqueue("a")
      let second = try log.enqueue([0x62])
      #expect(try await log.append("c") == 2)
      let third = try log.enqueue("d".utf8)
      #expect(try await first.offset == 0)
      #expect(try await second.offset == 1)
      #expect(try await third.offset == 3)
      #expect(try await third.offset == 3)
      log.enqueue("e".utf8.map { $0 }, expecting: nil)
      try await log.flush()
      #expect(try scratch.read("log") == Array("abcde".utf8))
      try await log.close()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a full buffer refuses to enqueue, and goes on once there is room`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let gate = Gate()
      var options = AppendOptions()
      options.bufferByteCount = 4096
      let log = try kind.appender(in: scratch, options) { operation in
        if operation.kind == .write { gate.wait() }
        return .pass
      }
      let record = [UInt8](repeating: 0x61, count: 1000)
      var accepted = 0
      var refusal: FileIOError?
      while refusal == nil {
        try #require(accepted < 10, "the buffer has no end")
        do throws(FileIOError) {
          try log.enqueue(record)
          accepted += 1
        } catch {
          refusal = error
        }
      }
      // One batch under way and one that gathers; the first may have left with fewer records.
      #expect((4...8).contains(accepted))
      #expect(refusal?.errno == .resourceTemporarilyUnavailable)
      gate.open()
      let offset = try await log.append(record)
      #expect(offset == Int64(accepted * 1000))
      try await log.close()
      #expect(try scratch.size("log") == (accepted + 1) * 1000)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `flushing returns whenever it is asked, and everything before is there`(_ kind: EngineUnderTest)
    async throws
  {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      for index in 0..<2000 {
        try log.enqueue("\(index % 10)")
        if index % 3 == 0 { _ = try await log.append("-") }
        try await log.flush()
        if index % 100 == 0 { #expect(try scratch.size("log") == index + index / 3 + 2) }
      }
      try await log.close()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `two appenders to one file lose nothing`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let logs = [try kind.appender(in: scratch), try kind.appender(in: scratch)]
      let offsets = Shared([[Int64]](repeating: [], count: 100))
      try await withThrowingDiscardingTaskGroup { group in
        for task in 0..<100 {
          group.addTask {
            let own = try await logs[task % 2].append(contentsOf: (0..<50).map { Lines.line(task, $0) })
            offsets.update { $0[task] = own }
          }
        }
      }
      for log in logs { try await log.close() }
      Lines.check(try scratch.read("log"), taskCount: 100, lineCount: 50, offsets: offsets.value)
    }
  }
}

extension Appender {
  /// Enqueues what nobody asks about.
  fileprivate func enqueue(_ bytes: [UInt8], expecting errno: Errno?) {
    do throws(FileIOError) {
      try enqueue(bytes)
      #expect(errno == nil)
    } catch {
      #expect(error.errno == errno)
    }
  }
}
