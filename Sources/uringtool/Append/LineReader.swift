import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads standard input, as much as there is at a time, and cuts it into lines.
struct LineReader {
  private let cancellation: Cancellation
  /// The beginning of a line whose end has not come yet.
  private var rest: [UInt8] = []
  private var hasEnded = false

  /// Bytes read at once.
  private static let readByteCount = 256 << 10
  /// A line is held in memory: what is longer is no line.
  private static let lineByteCountMax = 1 << 30

  init(cancellation: Cancellation) { self.cancellation = cancellation }

  /// The next lines; waits until there is one. `nil` at the end, and once cancelled.
  mutating func next() throws(ToolError) -> LineBlock? {
    while !hasEnded, !cancellation.isCancelled {
      let before = rest.count
      guard let count = try read() else { return nil }
      if count == 0 {
        hasEnded = true
        break
      }
      // Only what is new can hold the newline.
      guard let newline = rest[before...].lastIndex(of: UInt8(ascii: "\n")) else {
        if rest.count > Self.lineByteCountMax { throw ToolError(message: "a line is longer than 1 GiB") }
        continue
      }
      let block = LineBlock(Array(rest[...newline]))
      rest.removeSubrange(...newline)
      return block
    }
    guard !rest.isEmpty, !cancellation.isCancelled else { return nil }
    defer { rest = [] }
    return LineBlock(rest)
  }

  /// Adds what there is to `rest`. A terminal or a pipe that says nothing is waited for together with a signal.
  ///
  /// - Returns: the bytes read, 0 at the end; `nil` once cancelled.
  private mutating func read() throws(ToolError) -> Int? {
    while true {
      var polled = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: cancellation.wakeUpDescriptor() ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polled, nfds_t(polled.count), -1) < 0, errno != EINTR { throw Self.failure() }
      if cancellation.isCancelled { return nil }
      let before = rest.count
      rest.append(contentsOf: repeatElement(0, count: Self.readByteCount))
      let count = rest.withUnsafeMutableBytes {
        systemRead(STDIN_FILENO, $0.baseAddress! + before, Self.readByteCount)
      }
      let error = errno
      rest.removeSubrange((before + max(count, 0))...)
      if count >= 0 { return count }
      guard error == EINTR || error == EAGAIN else { throw Self.failure(error) }
    }
  }

  private static func failure(_ error: CInt = errno) -> ToolError {
    ToolError(message: "error reading standard input: \(String(cString: strerror(error)))")
  }
}

private func systemRead(_ descriptor: CInt, _ address: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, address, count)
}

/// Some whole lines of the input, with their newlines; the input's last line may have none.
struct LineBlock: Sendable {
  private let bytes: [UInt8]
  private let lines: [Range<Int>]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var lines: [Range<Int>] = []
    bytes.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let found = memchr(bytes.baseAddress! + start, 0x0a, bytes.count - start)
        let end = found.map { UnsafeRawPointer($0) - bytes.baseAddress! + 1 } ?? bytes.count
        lines.append(start..<end)
        start = end
      }
    }
    self.lines = lines
  }

  /// Appends the lines and returns when all are in the file: in their order with one writer, otherwise in turn,
  /// each writer's in their order.
  ///
  /// - Returns: the first failure.
  func append(to appender: Appender, writerCount: Int) async -> (any Error)? {
    await withTaskGroup(of: FileIOError?.self) { group in
      for writer in 0..<min(writerCount, lines.count) {
        group.addTask {
          let own = stride(from: writer, to: lines.count, by: writerCount)
          do throws(FileIOError) {
            if writerCount == 1 {
              try await appender.append(contentsOf: lines.lazy.map { bytes[$0] })
            } else {
              for line in own { _ = try await appender.append(bytes[lines[line]]) }
            }
            return nil
          } catch {
            return error
          }
        }
      }
      var failure: FileIOError?
      for await error in group { failure = failure ?? error }
      return failure
    }
  }
}
