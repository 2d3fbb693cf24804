#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A pipe from a child process. Whoever makes it closes it.
final class Pipe {
  let reader: CInt
  private(set) var writer: CInt

  /// - Throws: `ToolError` where there are no descriptors left.
  init() throws(ToolError) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw ToolError(message: "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    // Only this thread starts processes, so none can be started between these calls.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reader, writer) = (ends[0], ends[1])
  }

  func closeWriter() {
    if writer >= 0 { systemClose(writer) }
    writer = -1
  }

  func close() {
    closeWriter()
    systemClose(reader)
  }
}

/// Reads several pipes at once, so that none fills up and stops its writer.
struct OutputReader {
  private(set) var outputs: [[UInt8]]
  private var polled: [pollfd]
  private let byteCountMax: Int

  init(descriptors: [CInt], byteCountMax: Int) {
    outputs = descriptors.map { _ in [] }
    polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    self.byteCountMax = byteCountMax
  }

  /// Whether one of the pipes has a writer still.
  var isOpen: Bool { polled.contains { $0.fd >= 0 } }

  /// Waits up to `timeout` milliseconds (-1: without end) and takes what is there.
  mutating func read(timeout: CInt) {
    guard poll(&polled, nfds_t(polled.count), timeout) > 0 else { return }
    for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = systemRead(polled[index].fd, &piece, piece.count)
      if count > 0 {
        outputs[index] += piece[..<min(count, max(0, byteCountMax - outputs[index].count))]
      } else if count == 0 || errno != EINTR {
        // A negative descriptor is one that poll leaves out.
        polled[index].fd = -1
      }
    }
  }
}

private func systemClose(_ descriptor: CInt) { close(descriptor) }
private func systemRead(_ descriptor: CInt, _ address: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, address, count)
}
