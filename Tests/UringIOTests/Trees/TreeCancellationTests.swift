import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Trees whose copy is cancelled, or shares its engine with others.
@Suite struct TreeCancellationTests {
  private func makeSource(_ scratch: Scratch) throws {
    try scratch.makeDirectory("source")
    for number in 0..<10 {
      try scratch.makeFlat("source/\(number)", count: 80, size: 20_000)
      try scratch.makePattern("source/\(number)/large", size: 12 << 20)
      try scratch.makePattern("source/\(number)/middle", size: 3 << 20)
    }
  }

  @Test(
    arguments: EngineUnderTest.available,
    [
      (1, UringIO.Operation.Kind.makeDirectory), (300, .createFile), (40, .write), (300, .closeFile),
      (500, .read), (30, .read),
    ])
  func `leaves complete files, and no descriptor`(
    _ kind: EngineUnderTest, _ moment: (number: Int, kind: UringIO.Operation.Kind)
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let cancellation = Cancellation()
      let error = try copyTreeError(
        in: scratch, kind, .inChunks, cancellation: cancellation,
        intercept: Intercepting.before(moment.number, of: moment.kind, do: cancellation.cancel))
      #expect(error.isCancellation)
      #expect(scratch.descriptorCount == 0)
      #expect(try scratch.treeDifference("destination", "source", isPart: true) == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled task ends its copy`(_ kind: EngineUnderTest) async throws {
    try await withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let (writes, writing) = AsyncStream.makeStream(of: Void.self)
      let cancelled = Gate()
      let engine = try kind.makeFileEngine { operation in
        guard operation.kind == .write else { return .pass }
        writing.yield()
        cancelled.wait()
        return .pass
      }
      let task = Task {
        try await engine.copyTree(
          from: scratch.filePath("source"), to: scratch.filePath("destination"), options: .inChunks)
      }
      for await _ in writes { break }
      task.cancel()
      cancelled.open()
      let error = await #expect(throws: FileIOError.self) { try await task.value }
      #expect(error?.isCancellation == true)
      #expect(scratch.descriptorCount == 0)
      #expect(try scratch.treeDifference("destination", "source", isPart: true) == nil)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `two trees and a file at once on one engine`(_ kind: EngineUnderTest) async throws {
    try await withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      try scratch.makePattern("file", size: 30 << 20)
      let engine = try kind.makeFileEngine()
      async let first = engine.copyTree(
        from: scratch.filePath("source"), to: scratch.filePath("first"), options: .inChunks)
      async let second = engine.copyTree(
        from: scratch.filePath("source"), to: scratch.filePath("second"), options: .inChunks)
      async let third = engine.copyFile(from: scratch.filePath("file"), to: scratch.filePath("third"))
      let reports = try await [first, second]
      _ = try await third
      for report in reports {
        #expect(report.fileCount == 820 && report.largeFileCount == 10 && report.failureCount == 0)
      }
      #expect(try scratch.treeDifference("source", "first") == nil)
      #expect(try scratch.treeDifference("source", "second") == nil)
      #expect(try scratch.firstDifference("file", "third") == nil)
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an engine that nobody holds any more finishes its tree`(_ kind: EngineUnderTest) async throws {
    try await withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let report = try await kind.makeFileEngine().copyTree(
        from: scratch.filePath("source"), to: scratch.filePath("destination"), options: .inChunks)
      #expect(report.failureCount == 0)
      #expect(try scratch.treeDifference() == nil)
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `again and again: the last file of a tree is never lost`(_ kind: EngineUnderTest) throws {
    // A large file ends on another thread than the rooms', which ask at the same time whether all is over.
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDirectory("source")
      try scratch.makeDirectory("source/inner", mode: 0o755)
      try scratch.makePattern("source/inner/sparse", size: 4096)
      scratch.resize("source/inner/sparse", to: 64 << 10)
      try scratch.changeMode("source/inner", 0o555)
      for round in 0..<100 {
        let report = try copyTree(in: scratch, kind, to: "copy \(round)")
        #expect(report.largeFileCount == 1 && report.fileCount == 1, "\(round)")
        #expect(try scratch.treeDifference("source", "copy \(round)") == nil, "\(round)")
      }
    }
  }
}
