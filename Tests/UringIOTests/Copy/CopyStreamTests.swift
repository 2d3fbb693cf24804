import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Sources and destinations that are no regular files, or whose size says nothing.
@Suite struct CopyStreamTests {
  @Test(arguments: EngineUnderTest.available)
  func `a FIFO is copied to its end`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("source")
      try scratch.makePattern("contents", size: 700_000)
      let bytes = try scratch.read("contents")
      let path = scratch.filePath("source")
      Thread.detachNewThread {
        guard let fifo = try? FileDescriptor.open(path, .writeOnly) else { return }
        _ = try? fifo.writeAll(bytes)
        try? fifo.close()
      }
      let report = try copy(in: scratch, kind)
      #expect(report.strategy == .stream)
      #expect(report.byteCount == 700_000)
      #expect(try scratch.firstDifference("contents", "destination") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a FIFO is written to once somebody reads it`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("destination")
      try scratch.makePattern("source", size: 700_000)
      let path = scratch.filePath("destination")
      let received = Shared<[UInt8]>([])
      let ended = Gate()
      Thread.detachNewThread {
        defer { ended.open() }
        guard let fifo = try? FileDescriptor.open(path, .readOnly) else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while let count = try? buffer.withUnsafeMutableBytes({ try fifo.read(into: $0) }), count > 0 {
          let part = buffer[..<count]
          received.update { $0 += part }
        }
        try? fifo.close()
      }
      let report = try copy(in: scratch, kind)
      try ended.waitOrFail()
      #expect(report.byteCount == 700_000)
      #expect(try received.value == scratch.read("source"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `files of procfs, whose size is 0, are read to their end`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try withoutHanging {
        let engine = try kind.makeFileEngine()
        defer { engine.shutdownBlocking() }
        let report = try engine.copyFileBlocking(
          from: PathBytes(Array("/proc/filesystems".utf8)), to: scratch.bytes("destination"),
          options: CopyOptions(), cancellation: Cancellation())
        #expect(report.strategy == .stream)
        #expect(report.size == report.byteCount)
      }
      let text = String(decoding: try scratch.read("destination"), as: UTF8.self)
      #expect(try text == String(contentsOfFile: "/proc/filesystems", encoding: .utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file of sysfs, whose size is a page, is copied with its real length`(
    _ kind: EngineUnderTest
  ) throws {
    let path = "/sys/kernel/mm/transparent_hugepage/enabled"
    guard let contents = try? String(contentsOfFile: path, encoding: .utf8) else { return }
    try withScratch { scratch in
      try withoutHanging {
        let engine = try kind.makeFileEngine()
        defer { engine.shutdownBlocking() }
        _ = try engine.copyFileBlocking(
          from: PathBytes(Array(path.utf8)), to: scratch.bytes("destination"), options: CopyOptions(),
          cancellation: Cancellation())
      }
      #expect(try scratch.read("destination") == Array(contents.utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a device takes the bytes and stays what it is`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 300_000)
      try withoutHanging {
        let engine = try kind.makeFileEngine()
        defer { engine.shutdownBlocking() }
        let report = try engine.copyFileBlocking(
          from: scratch.bytes("source"), to: PathBytes(Array("/dev/null".utf8)), options: CopyOptions(),
          cancellation: Cancellation())
        #expect(report.byteCount == 300_000)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a stream over an existing longer file leaves nothing of it`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("source")
      try scratch.makePattern("destination", size: 100_000)
      let path = scratch.filePath("source")
      Thread.detachNewThread {
        guard let fifo = try? FileDescriptor.open(path, .writeOnly) else { return }
        _ = try? fifo.writeAll([1, 2, 3])
        try? fifo.close()
      }
      try copy(in: scratch, kind)
      #expect(try scratch.read("destination") == [1, 2, 3])
    }
  }
}
