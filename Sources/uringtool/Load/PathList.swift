import Synchronization
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Paths from a file or standard input, one a line or each ended by a zero byte, read as they are needed.
///
/// Reading ends early once the cancellation was asked for, also while nothing arrives.
final class PathList: Sequence, Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var next = 0
    var isAtEnd = false
    var complaints: [String] = []
  }

  private let descriptor: CInt
  private let displayedName: String
  private let separator: UInt8
  private let cancellation: Cancellation
  private let state = Mutex(State())

  /// - Parameter path: a file, or `-` for standard input.
  init(_ path: PathBytes, endsWithZero: Bool, cancellation: Cancellation) throws(ToolError) {
    separator = endsWithZero ? 0 : UInt8(ascii: "\n")
    self.cancellation = cancellation
    guard path.bytes != [UInt8(ascii: "-")] else {
      descriptor = STDIN_FILENO
      displayedName = "standard input"
      return
    }
    // Not waiting for a writer where it is a FIFO: the reading waits, and can be interrupted.
    descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) }
    displayedName = "'\(path.displayed)'"
    guard descriptor >= 0 else {
      throw ToolError(message: "cannot open \(displayedName): \(String(cString: strerror(errno)))")
    }
  }

  deinit { if descriptor > STDIN_FILENO { close(descriptor) } }

  /// What was wrong with the list, one line each.
  var complaints: [String] { state.withLock { $0.complaints } }

  /// There is one pass over a list: who takes a path has it alone.
  func makeIterator() -> AnyIterator<PathBytes> { AnyIterator { self.next() } }

  private func next() -> PathBytes? {
    state.withLock { state in
      while let name = nextName(&state) {
        // A path ends at a zero byte: what follows would be ignored, and another file loaded.
        guard separator != 0, name.contains(0) else { return PathBytes(name) }
        state.complaints.append(
          "a line of \(displayedName) has a zero byte; for names that end with one there is --0")
      }
      return nil
    }
  }

  private func nextName(_ state: inout State) -> [UInt8]? {
    var searched = state.next
    while true {
      if let end = Self.firstIndex(of: separator, in: state.bytes, from: searched) {
        defer { state.next = end + 1 }
        return Array(state.bytes[state.next..<end])
      }
      searched = state.bytes.count - state.next
      state.bytes.removeFirst(state.next)
      state.next = 0
      guard !state.isAtEnd, readMore(&state) else {
        // The last one need not have an end.
        defer { state.bytes = [] }
        return state.bytes.isEmpty || cancellation.isCancelled ? nil : state.bytes
      }
    }
  }

  private static func firstIndex(of byte: UInt8, in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { bytes in
      guard start < bytes.count else { return nil }
      let rest = bytes.baseAddress! + start
      return memchr(rest, CInt(byte), bytes.count - start).map { start + rest.distance(to: $0) }
    }
  }

  private func readMore(_ state: inout State) -> Bool {
    var polled = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: cancellation.wakeUpDescriptor() ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let ready = poll(&polled, 2, -1)
      if cancellation.isCancelled { break }
      if ready < 0 && errno == EINTR { continue }
      let old = state.bytes.count
      state.bytes.append(contentsOf: repeatElement(0, count: 1 << 16))
      let count = state.bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + old, $0.count - old)
      }
      let error = errno
      state.bytes.removeLast(state.bytes.count - old - Swift.max(count, 0))
      if count > 0 { return true }
      if count < 0 && (error == EINTR || error == EAGAIN) { continue }
      if count < 0 {
        state.complaints.append("error reading \(displayedName): \(String(cString: strerror(error)))")
      }
      break
    }
    state.isAtEnd = true
    return false
  }
}
