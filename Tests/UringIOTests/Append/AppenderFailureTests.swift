import SystemPackage
import Testing

@testable import UringIO

/// What becomes of records that cannot be appended.
@Suite struct AppenderFailureTests {
  /// From byte `limit` of the file on nothing can be written: writes are cut short there, then fail.
  static func diskThatIsFull(at limit: Int, _ errno: Errno = .noSpace) -> Interceptor {
    let size = Shared(0)
    return { operation in
      switch operation {
      case .write(_, let slice, _, _):
        size.update { size -> Interception in
          let room = limit - size
          guard room > 0 else { return .fail(errno) }
          size += min(room, slice.count)
          return room < slice.count ? .shorten(to: room) : .pass
        }
      case .truncate(_, let end):
        size.update { size -> Interception in
          size = Int(end)
          return .pass
        }
      default: .pass
      }
    }
  }

  @Test(arguments: EngineUnderTest.available, [Errno.noSpace, .fileTooLarge, .diskQuotaExceeded])
  func `what does not fit fails whole, what fits later is appended`(
    _ kind: EngineUnderTest, _ errno: Errno
  ) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, intercept: Self.diskThatIsFull(at: 25, errno))
      #expect(try await log.append("0123456789") == 0)
      let error = try await appendError { _ = try await log.append("abcdefghijklmnopqrst") }
      #expect(error.errno == errno && error.activity == .append && error.offset == nil)
      #expect(error.path == scratch.bytes("log"))
      #expect(try scratch.read("log") == Array("0123456789".utf8))
      #expect(try await log.append("ABCDEFGHIJ") == 10)
      try await log.close()
      #expect(try scratch.read("log") == Array("0123456789ABCDEFGHIJ".utf8))
      #expect(log.report.recordCount == 2 && log.report.failedRecordCount == 1)
      #expect(log.report.byteCount == 20)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `many tasks on a disk that fills: every record is whole or absent`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, intercept: Self.diskThatIsFull(at: 10_007))
      let appended = Shared<Set<String>>([])
      let failed = Shared(0)
      await withDiscardingTaskGroup { group in
        for task in 0..<50 {
          group.addTask {
            for index in 0..<20 {
              let line = Lines.line(task, index)
              do throws(FileIOError) {
                _ = try await log.append(line)
                appended.update { _ = $0.insert(line) }
              } catch {
                #expect(error.errno == .noSpace && error.offset == nil)
                failed.update { $0 += 1 }
              }
            }
          }
        }
      }
      try await log.close()
      let bytes = try scratch.read("log")
      #expect(bytes.last == UInt8(ascii: "\n") && !bytes.contains(0))
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0 + "\n" }
      #expect(Set(lines) == Set(appended.value.map { $0[...] }))
      #expect(lines.count == appended.value.count)
      #expect(appended.value.count + failed.value == 1000 && failed.value > 0)
      #expect(log.report.recordCount == appended.value.count)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a torn record behind which somebody appended stays, and the error says where`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let full = Self.diskThatIsFull(at: 15)
      let log = try kind.appender(in: scratch) { operation in
        if operation.kind == .status {
          // A program that takes no lock.
          let other = try? scratch.open("log", .writeOnly, options: [.append])
          _ = try? other?.writeAll(Array("other\n".utf8))
          try? other?.close()
        }
        return full(operation)
      }
      _ = try await log.append("0123456789")
      let error = try await appendError { _ = try await log.append("abcdefghij") }
      #expect(error.errno == .noSpace && error.offset == 10)
      #expect(error.note?.contains("another writer") == true, "\(error)")
      try await log.close()
      #expect(try scratch.read("log") == Array("0123456789abcdeother\n".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an interrupted call is made again, and a lock that cannot be had is counted`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let interrupted = Intercepting.first(3, of: .write, failWith: .interrupted)
      let log = try kind.appender(in: scratch) { operation in
        operation.kind == .lock ? .fail(.noLocks) : interrupted(operation)
      }
      #expect(try await log.append("a\n") == 0)
      try await log.close()
      #expect(log.report.operations.retries == 3)
      #expect(log.report.unlockedBatchCount == 1 && log.report.operations[.unlock] == 0)
      #expect(try scratch.read("log") == Array("a\n".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a sync that fails fails its records, and the next ones go on`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(
        in: scratch, .durable, intercept: Intercepting.first(1, of: .synchronize, failWith: .ioError))
      let error = try await appendError { _ = try await log.append("a\n") }
      #expect(error.activity == .synchronize && error.errno == .ioError)
      #expect(error.note?.contains("may not be on the disk") == true)
      #expect(try await log.append("b\n") == 2)
      try await log.close()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what was only enqueued and failed is told by flush, once`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch, intercept: Intercepting.every(.write, failsWith: .ioError))
      try log.enqueue("a")
      let error = try await appendError { try await log.flush() }
      #expect(error.errno == .ioError)
      try await log.flush()
      // Who asked about the record has heard of it.
      let record = try log.enqueue("b")
      let own = try await appendError { _ = try await record.offset }
      #expect(own.errno == .ioError)
      try await log.flush()
      try log.enqueue("c")
      let last = try await appendError { try await log.close() }
      #expect(last.errno == .ioError)
      try await log.close()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `failures nobody asked about are logged once for each batch`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let recorder = LogRecorder()
      let log = try kind.appender(
        in: scratch, intercept: Intercepting.every(.write, failsWith: .ioError), logger: recorder.logger)
      let heard = try log.enqueue("a")
      _ = try await appendError { _ = try await heard.offset }
      #expect(recorder.messages.value == [])
      try log.enqueue("b")
      let message = try await recorder.waitForMessage()
      #expect(message.contains("error:") && message.contains("nobody waited for"), "\(message)")
      _ = try await appendError { try await log.close() }
      #expect(recorder.messages.value.count == 1)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a dropped appender writes what it was given, and logs what fails`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      do {
        let log = try kind.appender(in: scratch)
        for index in 0..<1000 { try log.enqueue(Lines.line(0, index)) }
      }
      let expected = (0..<1000).reduce(0) { $0 + Lines.line(0, $1).utf8.count }
      try await eventually("all is written") { try scratch.size("log") == expected }
      Lines.check(try scratch.read("log"), taskCount: 1, lineCount: 1000)

      let recorder = LogRecorder()
      do {
        let log = try kind.appender(
          in: scratch, intercept: Intercepting.every(.write, failsWith: .noSpace), logger: recorder.logger)
        try log.enqueue("a")
      }
      #expect(try await recorder.waitForMessage().contains("No space left on device"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled append that waits for room is not appended, one in the buffer is`(
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
      // The first leaves alone or with the others; together they leave no room for the last.
      let record = [UInt8](repeating: 0x61, count: 4000)
      let inFlight = Task { try await log.append([0x62]) }
      let tickets = Shared(0)
      while tickets.value < 2 {
        do throws(FileIOError) {
          try log.enqueue(record)
          tickets.update { $0 += 1 }
        } catch { break }
      }
      let waiting = Task { try await log.append(record) }
      waiting.cancel()
      inFlight.cancel()
      let error = try await appendError { _ = try await waiting.value }
      #expect(error.isCancellation && error.note?.contains("not appended") == true)
      gate.open()
      // Cancelled before it began, or appended: it tells which.
      let first = try? await inFlight.value
      try await log.close()
      #expect(try scratch.size("log") == tickets.value * 4000 + (first == nil ? 0 : 1))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a task that is cancelled already appends nothing`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        do throws(FileIOError) {
          _ = try await log.append("a")
          return nil as FileIOError?
        } catch {
          return error
        }
      }
      #expect(await task.value?.isCancellation == true)
      try await log.close()
      #expect(try scratch.size("log") == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a closed appender and an empty record are refused`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let log = try kind.appender(in: scratch)
      for body in [
        { _ = try await log.append("") }, { try log.enqueue([UInt8]()) },
        { try await log.append(contentsOf: ["a", ""]) },
      ] as [() async throws -> Void] {
        #expect(try await appendError(body).errno == .invalidArgument)
      }
      try await log.close()
      try await log.close()
      try await log.flush()
      #expect(try await appendError { _ = try await log.append("b") }.errno == .badFileDescriptor)
      #expect(try await appendError { try log.enqueue("b") }.errno == .badFileDescriptor)
      #expect(try scratch.read("log") == Array("a".utf8))
    }
  }
}
