import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Copies that fail in the middle: what is reported, and what is left.
@Suite struct CopyFailureTests {
  private static let size = (6 << 20) + 1234

  @Test(arguments: CopySetting.all, [Errno.noSpace, .ioError])
  func `a destination this run created is removed when a write fails`(
    _ setting: CopySetting, errno: Errno
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: Self.size)
      let error = try copyError(
        in: scratch, setting.engine, setting.options,
        intercept: Intercepting.number(3, of: .write, failsWith: errno, andLater: true))
      #expect(error.errno == errno)
      #expect(error.activity == .write)
      #expect(error.path == scratch.bytes("destination"))
      #expect(error.offset != nil)
      #expect(error.note == "the unfinished destination was removed")
      #expect(try scratch.names() == ["source"])
      #expect(try scratch.firstDifferenceFromPattern("source", 0..<Self.size) == nil)
    }
  }

  @Test(arguments: CopySetting.all)
  func `a destination that existed is reported as damaged, and its first bytes are as reported`(
    _ setting: CopySetting
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: Self.size)
      try scratch.makePattern("destination", size: Self.size, seed: 8)
      let error = try copyError(
        in: scratch, setting.engine, setting.options,
        intercept: Intercepting.every(.write, failsWith: .noSpace) { $0.offset! >= 3 << 20 })
      #expect(error.errno == .noSpace)
      let note = try #require(error.note)
      #expect(note.hasPrefix("the destination existed and is damaged: its first "))
      let count = try #require(Int(note.split(separator: " ")[8]))
      #expect(count == 3 << 20)
      #expect(try scratch.firstDifference("source", "destination", limit: count) == nil)
      #expect(try scratch.size("destination") != Self.size)
    }
  }

  @Test(arguments: CopySetting.all)
  func `a read error is reported with the source's name and offset`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: Self.size)
      let error = try copyError(
        in: scratch, setting.engine, setting.options,
        intercept: { operation in
          guard operation.kind == .read, let offset = operation.offset, offset >= 3 << 20 else {
            return .pass
          }
          return .fail(.ioError)
        })
      #expect(error.errno == .ioError)
      #expect(error.activity == .read)
      #expect(error.path == scratch.bytes("source"))
      #expect(try #require(error.offset) >= 3 << 20)
      #expect(!scratch.exists("destination"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `space that cannot be preallocated is known before a byte is copied`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: Self.size)
      let writeCount = Shared(0)
      let allocateCount = Shared(0)
      var options = CopyOptions.inChunks
      options.cache = .bypass
      _ = try? copy(
        in: scratch, kind, options,
        intercept: { operation in
          if operation.kind == .write { writeCount.update { $0 += 1 } }
          guard operation.kind == .allocate else { return .pass }
          allocateCount.update { $0 += 1 }
          return .fail(.noSpace)
        })
      // One job at a time needs no preallocation, nor do some file systems.
      if allocateCount.value > 0 {
        #expect(writeCount.value == 0)
        #expect(try scratch.names() == ["source"])
      }
    }
  }

  @Test func `a small copy that fails is removed too`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 5)
      let error = try copyError(
        in: scratch, .sequential, intercept: Intercepting.every(.write, failsWith: .noSpace))
      #expect(error.errno == .noSpace)
      #expect(try scratch.names() == ["source"])
    }
  }

  @Test func `a destination that was replaced meanwhile is not removed`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 5)
      let error = try copyError(
        in: scratch, .sequential,
        intercept: { operation in
          guard operation.kind == .write else { return .pass }
          try? scratch.write("other", [7])
          rename(scratch.path("other"), scratch.path("destination"))
          return .fail(.noSpace)
        })
      #expect(error.note == "the unfinished destination was moved or replaced meanwhile")
      #expect(try scratch.read("destination") == [7])
    }
  }

  @Test func `a copy that is under way never has the source's size`() throws {
    for setting in CopySetting.all {
      try withScratch { scratch in
        try scratch.makePattern("source", size: 4 << 20)
        let completeSizeCount = Shared(0)
        try copy(
          in: scratch, setting.engine, setting.options,
          intercept: { operation in
            guard operation.kind == .write else { return .pass }
            let size = try? scratch.size("destination")
            if size == 4 << 20 { completeSizeCount.update { $0 += 1 } }
            return .pass
          })
        #expect(completeSizeCount.value == 0, "\(setting.testDescription)")
      }
    }
  }

  @Test func `no descriptor is left open, whether copies succeed or fail`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 2 << 20)
      // Far more than a process may have open.
      for number in 0..<400 {
        let isFailing = number % 2 == 0
        let report = try? copy(
          in: scratch, .sequential,
          intercept: isFailing ? Intercepting.every(.write, failsWith: .ioError) : nil)
        #expect((report == nil) == isFailing)
      }
    }
  }
}
