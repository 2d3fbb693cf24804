import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Copies that are cancelled.
@Suite struct CopyCancellationTests {
  @Test(arguments: EngineUnderTest.available)
  func `a cancelled task ends a copy that waits for a FIFO's writer`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.makeFIFO("source")
      // Cancelled when the copy waits: the interceptor sees the poll.
      let (polls, polling) = AsyncStream.makeStream(of: Void.self)
      let engine = try kind.makeFileEngine { operation in
        if operation.kind == .poll { polling.yield() }
        return .pass
      }
      let task = Task {
        try await engine.copyFile(from: scratch.filePath("source"), to: scratch.filePath("destination"))
      }
      for await _ in polls { break }
      task.cancel()
      let error = await #expect(throws: FileIOError.self) { try await task.value }
      #expect(error?.isCancellation == true)
      #expect(error?.note == "the unfinished destination was removed")
      #expect(try scratch.names() == ["source"])
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a task that was cancelled before copies nothing`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("source", size: 3 << 20)
      let engine = try kind.makeFileEngine()
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await engine.copyFile(
          from: scratch.filePath("source"), to: scratch.filePath("destination"))
      }
      let error = await #expect(throws: FileIOError.self) { try await task.value }
      #expect(error?.isCancellation == true)
      #expect(try scratch.names() == ["source"])
      await engine.shutdown()
    }
  }

  @Test(arguments: CopySetting.all)
  func `a copy that is cancelled between two writes is removed`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 24 << 20)
      let cancellation = Cancellation()
      let error = try copyError(
        in: scratch, setting.engine, setting.options, cancellation: cancellation,
        intercept: Intercepting.before(1, of: .write, do: cancellation.cancel))
      #expect(error.isCancellation)
      #expect(try scratch.names() == ["source"])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled copy over an existing destination says how much of it is new`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 24 << 20)
      try scratch.makePattern("destination", size: 24 << 20, seed: 2)
      let cancellation = Cancellation()
      let error = try copyError(
        in: scratch, kind, cancellation: cancellation,
        intercept: Intercepting.before(12, of: .write, do: cancellation.cancel))
      #expect(error.isCancellation)
      let note = try #require(error.note)
      let count = try #require(Int(note.split(separator: " ")[8]))
      #expect(count > 0 && count < 24 << 20)
      #expect(try scratch.firstDifference("source", "destination", limit: count) == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a wait for a FIFO's reader can be cancelled`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      try scratch.makeFIFO("destination")
      let cancellation = Cancellation()
      Thread.detachNewThread { cancellation.cancel() }
      let error = try copyError(in: scratch, kind, cancellation: cancellation)
      #expect(error.isCancellation)
      #expect(scratch.exists("destination"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an endless source ends with its cancellation`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      let cancellation = Cancellation()
      let error = #expect(throws: FileIOError.self) {
        try withoutHanging(onHang: cancellation.cancel) {
          let engine = try kind.makeFileEngine(
            intercept: Intercepting.before(5, of: .write, do: cancellation.cancel))
          defer { engine.shutdownBlocking() }
          _ = try engine.copyFileBlocking(
            from: PathBytes(Array("/dev/zero".utf8)), to: scratch.bytes("destination"),
            options: .inChunks, cancellation: cancellation)
        }
      }
      let names = try scratch.names()
      #expect(error?.isCancellation == true)
      #expect(names.isEmpty)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `shutdown waits for a copy that is under way`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("source", size: 5 << 20)
      let (writes, writing) = AsyncStream.makeStream(of: Void.self)
      let engine = try kind.makeFileEngine { operation in
        if [.write, .movePages].contains(operation.kind) { writing.yield() }
        return .pass
      }
      let task = Task {
        try await engine.copyFile(from: scratch.filePath("source"), to: scratch.filePath("destination"))
      }
      for await _ in writes { break }
      await engine.shutdown()
      let report = try await task.value
      #expect(report.size == 5 << 20)
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a front door that is dropped finishes its copies`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("source", size: 3 << 20)
      // Nothing but the call itself holds the engine.
      let report = try await kind.makeFileEngine().copyFile(
        from: scratch.filePath("source"), to: scratch.filePath("destination"))
      #expect(report.size == 3 << 20)
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }
}
