import SystemPackage
import Testing

@testable import UringIO

@Suite struct RetryPolicyTests {
  private func operations(at offset: Int64?) throws -> [Operation] {
    let slice = try AlignedBuffer(byteCount: 1).whole
    return [
      .read(.standardInput, into: slice, at: offset), .write(.standardOutput, from: slice, at: offset),
      .readVector(.standardInput, into: [slice], at: offset),
      .writeVector(.standardOutput, from: [slice], at: offset),
    ]
  }

  @Test func `EINTR is asked again for every operation`() throws {
    for operation in try operations(at: nil) + [
      .poll(.standardInput, .readable), .synchronize(.standardInput, dataOnly: true),
      .truncate(.standardInput, to: 0), .allocate(.standardInput, 0..<1),
    ] {
      #expect(RetryPolicy.asksAgain(operation, after: .interrupted, retries: 0))
    }
  }

  @Test func `EAGAIN is asked again at an offset, and told on a stream`() throws {
    for operation in try operations(at: 0) {
      #expect(RetryPolicy.asksAgain(operation, after: .resourceTemporarilyUnavailable, retries: 0))
    }
    for operation in try operations(at: nil) + [.poll(.standardInput, .readable)] {
      #expect(!RetryPolicy.asksAgain(operation, after: .resourceTemporarilyUnavailable, retries: 0))
    }
  }

  @Test func `asking again has a bound`() throws {
    for operation in try operations(at: 0) {
      #expect(RetryPolicy.asksAgain(operation, after: .interrupted, retries: RetryPolicy.retriesMax - 1))
      #expect(!RetryPolicy.asksAgain(operation, after: .interrupted, retries: RetryPolicy.retriesMax))
    }
  }

  @Test(arguments: [Errno.ioError, .noSpace, .invalidArgument, .canceled, .badFileDescriptor])
  func `other errors are not asked again`(errno: Errno) throws {
    for operation in try operations(at: 0) {
      #expect(!RetryPolicy.asksAgain(operation, after: errno, retries: 0))
    }
  }
}
