import SystemPackage
import Testing

@testable import UringIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can be appended to.
@Suite struct AppenderOpeningTests {
  private func refusal(
    of path: FilePath, _ options: AppendOptions = AppendOptions()
  ) async throws -> FileIOError {
    try await appendError { _ = try await FileEngine().appender(to: path, options: options) }
  }

  @Test func `a file that is missing is created with the permissions asked for`() async throws {
    try await withScratch { scratch in
      for options in [AppendOptions(), .durable] {
        var options = options
        options.permissions = [.ownerReadWrite]
        let log = try await FileEngine().appender(to: scratch.filePath("log"), options: options)
        try await log.close()
        #expect(try scratch.status("log").st_mode & 0o777 == 0o600)
        #expect(try scratch.size("log") == 0)
        unlink(scratch.path("log"))
      }
    }
  }

  @Test func `a symbolic link to nothing creates what it leads to`() async throws {
    try await withScratch { scratch in
      symlink(scratch.path("target"), scratch.path("link"))
      let log = try await FileEngine().appender(to: scratch.filePath("link"), options: .durable)
      _ = try await log.append("a")
      try await log.close()
      #expect(try scratch.read("target") == [0x61])
    }
  }

  @Test func `directories and names that lead nowhere are refused`() async throws {
    try await withScratch { scratch in
      #expect(try await refusal(of: FilePath(scratch.directory)).errno == .isDirectory)
      #expect(try await refusal(of: scratch.filePath("missing/log")).errno == .noSuchFileOrDirectory)
      try scratch.write("file", [])
      #expect(try await refusal(of: scratch.filePath("file/log")).errno == .notDirectory)
      symlink("loop", scratch.path("loop"))
      #expect(try await refusal(of: scratch.filePath("loop")).errno == .tooManySymbolicLinkLevels)
    }
  }

  @Test func `a FIFO is refused, and not opened: its reader sees no end`() async throws {
    try await withScratch { scratch in
      try scratch.makeFIFO("fifo")
      let reader = open(scratch.path("fifo"), O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      let error = try await refusal(of: scratch.filePath("fifo"))
      #expect(error.errno == .illegalSeek && error.note?.contains("FIFO") == true)
      var polled = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
      #expect(poll(&polled, 1, 0) == 0)
    }
  }

  @Test func `a socket is refused`() async throws {
    try await withScratch { scratch in
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let path = Array(scratch.path("socket").utf8)
      try #require(path.count < MemoryLayout.size(ofValue: address.sun_path))
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
      #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
      #endif
      defer { close(descriptor) }
      let answer = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(answer == 0)
      #expect(try await refusal(of: scratch.filePath("socket")).errno == .illegalSeek)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a device takes records and counts its bytes`(_ kind: EngineUnderTest) async throws {
    var configuration = FileEngine.Configuration()
    configuration.engine = kind.choice
    let log = try await FileEngine(configuration).appender(to: "/dev/null", options: .durable)
    #expect(try await log.append("abc") == 0)
    #expect(try await log.append("def") == 3)
    try await log.close()
    #expect(log.report.byteCount == 6 && log.report.syncCount == 0)
  }

  @Test func `a buffer size out of range is refused`() async throws {
    try await withScratch { scratch in
      for size in [0, -1, 4095, 1 << 30 + 1] {
        var options = AppendOptions()
        options.bufferByteCount = size
        let error = try await refusal(of: scratch.filePath("log"), options)
        #expect(error.errno == .invalidArgument)
        #expect(!scratch.exists("log"))
      }
    }
  }
}
