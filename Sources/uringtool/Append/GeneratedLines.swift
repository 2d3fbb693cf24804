import Synchronization
import UringIO

/// Lines made by many tasks, each of which appends its own one after another: "task 17 line 5".
struct GeneratedLines: Sendable {
  var count: Int
  var taskCount: Int
  var hasRandomLengths: Bool
  /// Whether a task waits for each line before it makes the next. Otherwise it only hands them over, as a program
  /// does that writes to a buffered file; closing the appender tells what failed.
  var awaitsEach: Bool

  /// - Returns: why a line could not be appended; a task that waits for its lines stops at its first such.
  func append(to appender: Appender) async -> (any Error)? {
    let failure = FirstFailure()
    await withDiscardingTaskGroup { group in
      for task in 0..<taskCount {
        group.addTask {
          do throws(FileIOError) {
            try await appendLines(of: task, to: appender)
          } catch {
            failure.note(error)
          }
        }
      }
    }
    return failure.error
  }

  private func appendLines(of task: Int, to appender: Appender) async throws(FileIOError) {
    var line = Line(task: task, hasRandomLength: hasRandomLengths)
    for index in 0..<(count / taskCount + (task < count % taskCount ? 1 : 0)) {
      line.fill(index)
      if !awaitsEach, try handOver(line.bytes, to: appender) { continue }
      _ = try await appender.append(line.bytes)
    }
  }

  /// - Returns: false where the buffer is full.
  private func handOver(_ line: [UInt8], to appender: Appender) throws(FileIOError) -> Bool {
    if Task.isCancelled { throw FileIOError(.canceled, during: .append) }
    do throws(FileIOError) {
      try appender.enqueue(line)
      return true
    } catch {
      guard error.errno == .resourceTemporarilyUnavailable else { throw error }
      return false
    }
  }

  private final class FirstFailure: Sendable {
    private let state = Mutex<FileIOError?>(nil)

    func note(_ error: FileIOError) { state.withLock { $0 = $0 ?? error } }
    var error: FileIOError? { state.withLock { $0 } }
  }

  /// A task's lines, made in one piece of memory: text of this kind is otherwise dearer than appending it.
  private struct Line {
    private(set) var bytes: [UInt8] = []
    private let prefixCount: Int
    private let hasRandomLength: Bool
    private var random: UInt64

    init(task: Int, hasRandomLength: Bool) {
      self.hasRandomLength = hasRandomLength
      bytes.reserveCapacity(hasRandomLength ? 256 : 48)
      bytes.append(contentsOf: "task ".utf8)
      random = UInt64(task) &* 0x9e37_79b9_7f4a_7c15 | 1
      Self.append(task, to: &bytes)
      bytes.append(contentsOf: " line ".utf8)
      prefixCount = bytes.count
    }

    mutating func fill(_ index: Int) {
      bytes.removeSubrange(prefixCount...)
      Self.append(index, to: &bytes)
      if hasRandomLength {
        // Marsaglia's xorshift: what matters is that lengths differ.
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        let length = Int(random % 200) + 1
        bytes.append(UInt8(ascii: " "))
        while bytes.count < length - 1 { bytes.append(UInt8(ascii: "a") + UInt8(bytes.count % 26)) }
      }
      bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
      var divisor = 1
      while number / divisor >= 10 { divisor *= 10 }
      while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
        divisor /= 10
      }
    }
  }
}
