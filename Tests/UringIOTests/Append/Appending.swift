import Logging
import SystemPackage
import Testing

@testable import UringIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

extension EngineUnderTest {
  /// An appender to a scratch directory's "log".
  func appender(
    in scratch: Scratch, _ options: AppendOptions = AppendOptions(), intercept: Interceptor? = nil,
    logger: Logger? = nil
  ) throws -> Appender {
    var configuration = FileEngine.Configuration()
    configuration.engine = choice
    configuration.intercept = intercept
    if let logger { configuration.logger = logger }
    return try FileEngine(configuration).appenderBlocking(to: scratch.bytes("log"), options: options)
  }
}

/// What was logged.
final class LogRecorder: Sendable {
  let messages = Shared<[String]>([])

  var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      recorder.messages.update { $0.append("\(event.level): \(event.message)") }
    }
  }

  /// Waits for a message: it comes from another thread.
  func waitForMessage() async throws -> String {
    try await eventually("something is logged") { !messages.value.isEmpty }
    return messages.value[0]
  }
}

/// Waits for something that other threads bring about, without keeping one of theirs.
func eventually(_ what: String, _ condition: () throws -> Bool) async throws {
  for _ in 0..<HangLimit.task * 1000 {
    if try condition() { return }
    try await Task.sleep(for: .milliseconds(1))
  }
  throw TestFailure("it never comes about that \(what)")
}

/// Lines that tell who wrote them: "task 3 line 7 " and letters, of a length that only looks random.
struct Lines {
  static func line(_ task: Int, _ index: Int) -> String {
    let length = (task &* 7919 &+ index &* 104_729) % 150
    return "task \(task) line \(index) " + String(repeating: "x", count: length) + "\n"
  }

  /// Checks that a file holds exactly each task's lines, whole and in order, and that the offsets are true.
  static func check(
    _ bytes: [UInt8], taskCount: Int, lineCount: Int, offsets: [[Int64]]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var next = [Int](repeating: 0, count: taskCount)
    var wrong = 0
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
      let line = String(decoding: bytes[start..<end], as: UTF8.self)
      let words = line.split(separator: " ")
      if words.count >= 4, let task = Int(words[1]), (0..<taskCount).contains(task),
        line == Self.line(task, next[task])
      {
        if let offsets, offsets[task][next[task]] != Int64(start) { wrong += 1 }
        next[task] += 1
      } else {
        wrong += 1
      }
      start = end
    }
    #expect(wrong == 0, sourceLocation: sourceLocation)
    #expect(next.allSatisfy { $0 == lineCount }, sourceLocation: sourceLocation)
  }
}

/// The error an append is expected to end with.
func appendError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws -> FileIOError {
  do {
    try await body()
  } catch let error as FileIOError {
    return error
  }
  throw TestFailure("it was appended")
}
