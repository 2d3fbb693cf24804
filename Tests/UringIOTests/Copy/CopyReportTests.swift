import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// What a copy tells about itself, and the attributes a copy gets.
@Suite struct CopyReportTests {
  @Test(arguments: CopySetting.all)
  func `progress grows to the whole and its total stays`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      let size: Int64 = (5 << 20) + 77
      try scratch.makePattern("source", size: Int(size))
      let seen = Shared<[CopyProgress]>([])
      try copy(
        in: scratch, setting.engine, setting.options,
        progress: { progress in seen.update { $0.append(progress) } })
      let counts = seen.value.map(\.copiedByteCount)
      #expect(counts == counts.sorted())
      #expect(Set(counts).count == counts.count)
      #expect(counts.last == size)
      #expect(counts.count >= 6, "one for each chunk at least")
      #expect(seen.value.allSatisfy { $0.totalByteCount == size })
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `progress reaches its total where there are holes`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 2 << 20)
      scratch.resize("source", to: 64 << 20)
      let last = Shared<CopyProgress?>(nil)
      try copy(in: scratch, kind, progress: { progress in last.update { $0 = progress } })
      #expect(last.value == CopyProgress(copiedByteCount: 2 << 20, totalByteCount: 2 << 20))
    }
  }

  @Test func `progress of a stream has no total`() throws {
    try withScratch { scratch in
      try scratch.makeFIFO("source")
      let path = scratch.filePath("source")
      Thread.detachNewThread {
        guard let fifo = try? FileDescriptor.open(path, .writeOnly) else { return }
        _ = try? fifo.writeAll([1, 2, 3])
        try? fifo.close()
      }
      let last = Shared<CopyProgress?>(nil)
      try copy(in: scratch, .sequential, progress: { progress in last.update { $0 = progress } })
      #expect(last.value == CopyProgress(copiedByteCount: 3, totalByteCount: nil))
    }
  }

  @Test(arguments: CopySetting.all)
  func `a report adds up and says which engine ran, which way, and why`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: (3 << 20) + 1)
      let report = try copy(in: scratch, setting.engine, setting.options)
      #expect(report.engine == setting.engine.kind)
      #expect(report.engineReason == "asked for")
      #expect(!report.reason.isEmpty)
      #expect(report.byteCount + report.holeByteCount == report.size)
      #expect(report.seconds > 0)
      #expect(report.operations.retries == 0)
      // Every byte is read and written by operations of at most 1 MiB.
      let moved = report.operations[.movePages]
      #expect(moved + report.operations[.read] >= 4)
      #expect(moved + report.operations[.write] >= 4)
      if setting.cache == .keep { #expect(report.strategy == .buffered) }
    }
  }

  @Test func `a small file does not pay for an engine that nobody asked for`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 4096)
      let engine = try FileEngine()
      let report = try engine.copyFileBlocking(
        from: scratch.bytes("source"), to: scratch.bytes("destination"), options: .inChunks,
        cancellation: Cancellation())
      #expect(report.engine == .sequential)
      #expect(report.strategy == .small)
      engine.shutdownBlocking()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `nothing is left in the page cache by a copy that bypasses it`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 4 << 20)
      try scratch.dropFromCache("source")
      var options = CopyOptions.inChunks
      options.cache = .bypass
      let report = try copy(in: scratch, kind, options)
      guard report.strategy == .direct, report.fallbacks.isEmpty else { return }
      #expect(scratch.cachedByteCount("source") == 0)
      #expect(scratch.cachedByteCount("destination") == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a copy that is to be kept in the page cache is there`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 4 << 20)
      var options = CopyOptions.inChunks
      options.cache = .keep
      try copy(in: scratch, kind, options)
      #expect(scratch.cachedByteCount("destination") == 4 << 20)
    }
  }

  @Test(arguments: CopySetting.all)
  func `a new copy has its source's permissions, also where they forbid writing`(
    _ setting: CopySetting
  ) throws {
    try withScratch { scratch in
      for mode in [0o600, 0o444, 0o555] as [mode_t] {
        let name = String(mode, radix: 8)
        try scratch.makePattern(name, size: 2 << 20)
        chmod(scratch.path(name), mode)
        try copy(in: scratch, setting.engine, setting.options, from: name, to: name + "-copy")
        #expect(try scratch.status(name + "-copy").st_mode & 0o777 == mode)
        #expect(try scratch.firstDifference(name, name + "-copy") == nil)
      }
    }
  }

  @Test func `an existing destination keeps its own permissions`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      try scratch.write("destination", [1])
      chmod(scratch.path("destination"), 0o640)
      try copy(in: scratch, .sequential)
      #expect(try scratch.status("destination").st_mode & 0o777 == 0o640)
    }
  }
}
