import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Sources that somebody changes while they are copied.
@Suite struct CopyChangedSourceTests {
  private static let size = 8 << 20

  /// A source that was last written long ago, so that a change is seen whatever the clock's steps.
  private func makeSource(_ scratch: Scratch) throws {
    try scratch.makePattern("source", size: Self.size)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: scratch.path("source"))
  }

  private func changedSizes(_ error: FileIOError) throws -> (before: Int64, after: Int64, copied: Int64) {
    guard case .sourceChanged(let before, let after, let copied) = error.cause else {
      throw TestFailure("not reported as changed: \(error)")
    }
    return (before, after, copied)
  }

  @Test(arguments: CopySetting.all)
  func `a source that shrinks is reported, and its copy has what was read and no padding`(
    _ setting: CopySetting
  ) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      let error = try copyError(
        in: scratch, setting.engine, setting.options,
        intercept: Intercepting.before(2, of: .read) { scratch.resize("source", to: 5 << 19) })
      let (before, after, copied) = try changedSizes(error)
      #expect(before == Self.size)
      #expect(after == 5 << 19)
      #expect(error.path == scratch.bytes("source"))
      #expect(copied >= after && copied <= before)
      #expect(try scratch.size("destination") == Int(copied))
      #expect(try scratch.firstDifferenceFromPattern("destination", 0..<Int(copied)) == nil)
    }
  }

  @Test(arguments: CopySetting.all)
  func `a source that shrinks to nothing ends the copy`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      let error = try copyError(
        in: scratch, setting.engine, setting.options,
        intercept: Intercepting.before(0, of: .read) { scratch.resize("source", to: 0) })
      #expect(try changedSizes(error).after == 0)
      let copied = try changedSizes(error).copied
      #expect(try scratch.size("destination") == Int(copied))
      #expect(try scratch.firstDifferenceFromPattern("destination", 0..<Int(copied)) == nil)
    }
  }

  @Test(arguments: CopySetting.all)
  func `a source that grows is reported, and its copy has the size it had`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      let error = try copyError(
        in: scratch, setting.engine, setting.options,
        intercept: Intercepting.before(2, of: .read) {
          try? scratch.fill("source", Int64(Self.size)..<Int64(Self.size) + 100_000)
        })
      let (before, after, copied) = try changedSizes(error)
      #expect(before == Self.size)
      #expect(after == Self.size + 100_000)
      #expect(copied == Self.size)
      #expect(try scratch.size("destination") == Self.size)
      #expect(try scratch.firstDifferenceFromPattern("destination", 0..<Self.size) == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a source that is written to without changing its size is reported`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      let error = try copyError(
        in: scratch, kind,
        intercept: Intercepting.before(1, of: .read) { try? scratch.fill("source", 0..<10, seed: 3) })
      let (before, after, copied) = try changedSizes(error)
      #expect(before == after)
      #expect(copied == Self.size)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a source that is only read by others meanwhile is not reported`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try copy(
        in: scratch, kind,
        intercept: Intercepting.before(1, of: .read) { _ = try? scratch.read("source") })
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }
}
