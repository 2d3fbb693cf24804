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
  /// Asked before each line, or some: nobody cancels the tasks themselves.
  var cancellation: Cancellation

  /// - Returns: why a line could not be appended; a task that waits for its lines stops at its first such.
  func append(to appender: Appender) async -> (any Error)? {
    let run = Run(taskCount: taskCount)
    for task in 0..<taskCount {
      let work: @Sendable () async -> Void = {
        do throws(FileIOError) {
          var lines = TaskLines(task: task, hasRandomLengths: hasRandomLengths)
          let enqueued = awaitsEach ? 0 : try enqueueLines(of: task, &lines, to: appender)
          if enqueued < lineCount(of: task) {
            try await appendLines(from: enqueued, of: task, lines, to: appender)
          }
          run.taskEnded(nil)
        } catch {
          run.taskEnded(error)
        }
      }
      // At once: a thousand tasks that first go through the pool's queue take 3 ms, those that begin here 0.3. And
      // not in a group, which takes locks for each.
      if #available(macOS 26, *) {
        Task.immediateDetached(operation: work)
      } else {
        Task.detached(operation: work)
      }
    }
    return await run.end()
  }

  private func lineCount(of task: Int) -> Int { count / taskCount + (task < count % taskCount ? 1 : 0) }

  /// Hands a task's lines over until the buffer is full. No asynchronous call, which costs as much as ten lines.
  ///
  /// - Returns: how many lines were.
  private func enqueueLines(
    of task: Int, _ lines: inout TaskLines, to appender: Appender
  ) throws(FileIOError) -> Int {
    let own = lineCount(of: task)
    var next = 0
    while next < own {
      if cancellation.isCancelled { throw FileIOError(.canceled, during: .append) }
      let made = next..<min(next + TaskLines.countMax, own)
      lines.make(made)
      do throws(FileIOError) {
        try appender.enqueue(recordsIn: lines.bytes, endingAt: lines.ends)
      } catch {
        guard error.errno == .resourceTemporarilyUnavailable else { throw error }
        return next
      }
      next = made.upperBound
    }
    return own
  }

  /// Appends a task's lines from one on, waiting for each, or for some where the buffer was full.
  private func appendLines(
    from first: Int, of task: Int, _ lines: TaskLines, to appender: Appender
  ) async throws(FileIOError) {
    var lines = lines
    let own = lineCount(of: task)
    var next = first
    while next < own {
      if cancellation.isCancelled { throw FileIOError(.canceled, during: .append) }
      let made = next..<min(next + (awaitsEach ? 1 : TaskLines.countMax), own)
      lines.make(made)
      if awaitsEach {
        _ = try await appender.append(lines.bytes)
      } else {
        var start = 0
        try await appender.append(
          contentsOf: lines.ends.map { end in
            defer { start = end }
            return lines.bytes[start..<end]
          })
      }
      next = made.upperBound
    }
  }

  /// Tasks that are waited for.
  private final class Run: Sendable {
    private let left: Atomic<Int>
    private let state = Mutex<(failure: FileIOError?, waiter: CheckedContinuation<Void, Never>?)>((nil, nil))

    /// One more than the tasks: who waits.
    init(taskCount: Int) { left = Atomic(taskCount + 1) }

    func taskEnded(_ error: FileIOError?) {
      if let error { state.withLock { $0.failure = $0.failure ?? error } }
      if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue > 0 { return }
      let waiter = state.withLock { $0.waiter }
      waiter?.resume()
    }

    /// Returns once all have ended: the first failure.
    func end() async -> FileIOError? {
      await withCheckedContinuation { continuation in
        state.withLock { $0.waiter = continuation }
        taskEnded(nil)
      }
      return state.withLock { $0.failure }
    }
  }
}

/// Lines of a task, made one behind the other in one piece of memory: text of this kind is otherwise dearer than
/// appending it.
private struct TaskLines {
  private(set) var bytes: [UInt8] = []
  /// Where each line ends.
  private(set) var ends: [Int] = []
  private let task: Int
  private let hasRandomLengths: Bool
  private var random: UInt64

  /// Lines that are made in one go, at most.
  static let countMax = 64
  /// Of a line: "task ", " line ", a newline and two numbers of 64 bits, or what it is filled up to.
  private static let byteCountMax = 200

  init(task: Int, hasRandomLengths: Bool) {
    self.task = task
    self.hasRandomLengths = hasRandomLengths
    random = UInt64(task) &* 0x9e37_79b9_7f4a_7c15 | 1
  }

  /// Makes these lines, at most ``countMax``, instead of the ones before.
  mutating func make(_ lines: Range<Int>) {
    precondition(lines.count <= Self.countMax, "the lines fit into the memory")
    var random = random
    let hasRandomLengths = hasRandomLengths
    let task = task
    withUnsafeTemporaryAllocation(byteCount: Self.countMax * Self.byteCountMax, alignment: 8) { memory in
      ends = [Int](unsafeUninitializedCapacity: lines.count) { ends, count in
        var text = Text(memory: memory)
        text.add("task ")
        text.add(task)
        text.add(" line ")
        let prefixCount = text.count
        for index in lines {
          // The first line's beginning is there already.
          let start = count == 0 ? 0 : ends[count - 1]
          if count > 0 { text.addAgain(prefixCount) }
          text.add(index)
          if hasRandomLengths {
            // Marsaglia's xorshift: what matters is that lengths differ.
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            text.fillUp(from: start, to: start + Int(random % 200))
          }
          text.add("\n")
          ends[count] = text.count
          count += 1
        }
        bytes = [UInt8](UnsafeRawBufferPointer(rebasing: memory[..<text.count]))
      }
    }
    self.random = random
  }

  /// Bytes that are put one behind the other into memory that is large enough.
  private struct Text {
    let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func add(_ byte: UInt8) {
      memory[count] = byte
      count += 1
    }

    mutating func add(_ text: StaticString) {
      text.withUTF8Buffer { for byte in $0 { add(byte) } }
    }

    mutating func add(_ number: Int) {
      // Divisions are what takes time here, and most numbers are small.
      if number < 10 { return add(UInt8(ascii: "0") + UInt8(number)) }
      var divisor = 10
      while number / divisor >= 10 { divisor *= 10 }
      while divisor > 0 {
        add(UInt8(ascii: "0") + UInt8(number / divisor % 10))
        divisor /= 10
      }
    }

    /// The first bytes once more.
    mutating func addAgain(_ byteCount: Int) {
      for position in 0..<byteCount { add(memory[position]) }
    }

    mutating func fillUp(from start: Int, to end: Int) {
      add(UInt8(ascii: " "))
      while count < end { add(UInt8(ascii: "a") + UInt8((count - start) % 26)) }
    }
  }
}
