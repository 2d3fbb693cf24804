import Foundation
import Testing

@testable import UringIO

#if LINUX
  import CLinux

  /// Growing shows in `/proc/self/status`, which all tests of the process share: a table never shrinks.
  @Suite(.serialized) struct DescriptorTableTests {
    /// Places in the table.
    private func size() throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("FDSize:") })
      return try #require(Int(line.dropFirst(7).trimmingCharacters(in: .whitespaces)))
    }

    private func limit() -> Int {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      return Int(min(limit.rlim_cur, 1 << 20))
    }

    /// What makes it larger than it is, where that may be.
    private func larger() throws -> Int? {
      let count = try size() + 1
      guard count <= limit() else {
        print("not tested: the table is as large as it may be (ulimit -n)")
        return nil
      }
      return count
    }

    @Test func `the table has as many places as were asked for`() throws {
      guard let count = try larger() else { return }
      #expect(linuxGrowDescriptorTable(CInt(count)) == 0)
      #expect(try size() >= count)
    }

    @Test func `beside what the caller does it grows as well`() async throws {
      guard let count = try larger() else { return }
      #expect(linuxGrowDescriptorTableMeanwhile(CInt(count)) == 0)
      while try size() < count { try await Task.sleep(for: .milliseconds(1)) }
    }
  }
#endif
