import SystemPackage
import Testing

@testable import UringIO

/// Work beside the caller: its value, its end, and errors that nobody awaits.
@Suite struct BackgroundTests {
  private struct Failure: Error {}

  private func engine(_ kind: EngineUnderTest, _ recorder: LogRecorder? = nil) throws -> FileEngine {
    var configuration = FileEngine.Configuration()
    configuration.engine = kind.choice
    if let recorder { configuration.logger = recorder.logger }
    return try FileEngine(configuration)
  }

  @Test(arguments: EngineUnderTest.available)
  func `a copy goes on beside its caller and gives its report`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("source", size: 3_000_000)
      let (source, destination) = (scratch.filePath("source"), scratch.filePath("destination"))
      let copying = try engine(kind).background { try await $0.copyFile(from: source, to: destination) }
      #expect(try await copying.value.byteCount == 3_000_000)
      #expect(try await copying.value.byteCount == 3_000_000)
      #expect(try scratch.firstDifference("source", "destination") == nil)
      #expect(copying.progress == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `progress is what the work said last`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("source", size: 3_000_000)
      let (source, destination) = (scratch.filePath("source"), scratch.filePath("destination"))
      let copying = try engine(kind).background { engine, progress in
        _ = try await engine.copyFile(from: source, to: destination, progress: progress.report)
      }
      try await copying.value
      #expect(copying.progress?.copiedByteCount == 3_000_000)
    }
  }

  @Test func `progress can be read while the work goes on`() async throws {
    let mayEnd = Shared(false)
    let task = try engine(.sequential).background { _, progress in
      progress.report(CopyProgress(copiedByteCount: 5, totalByteCount: 10))
      try await eventually("it may end") { mayEnd.value }
    }
    try await eventually("it says something") { task.progress != nil }
    #expect(task.progress == CopyProgress(copiedByteCount: 5, totalByteCount: 10))
    mayEnd.update { $0 = true }
    try await task.value
  }

  @Test(arguments: EngineUnderTest.available)
  func `an awaited error is thrown and not logged`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let recorder = LogRecorder()
      let missing = scratch.filePath("missing")
      do {
        let task = try engine(kind, recorder).background { try await $0.copyFile(from: missing, to: missing) }
        await #expect(throws: FileIOError.self) { try await task.value }
      }
      #expect(recorder.messages.value == [])
    }
  }

  @Test func `an error of work whose handle was dropped is logged once`() async throws {
    let recorder = LogRecorder()
    let mayEnd = Shared(false)
    try engine(.sequential, recorder).background { _ in
      try await eventually("it may end") { mayEnd.value }
      throw Failure()
    }
    #expect(recorder.messages.value == [])
    mayEnd.update { $0 = true }
    let message = try await recorder.waitForMessage()
    #expect(message.hasPrefix("error:") && message.contains("Failure"), "\(message)")
    #expect(recorder.messages.value.count == 1)
  }

  @Test func `an error of work that ended before its handle was dropped is logged once`() async throws {
    let recorder = LogRecorder()
    let fate = BackgroundFate(logger: recorder.logger)
    fate.ended(Failure())
    #expect(recorder.messages.value == [])
    fate.handleDropped()
    fate.handleDropped()
    #expect(recorder.messages.value.count == 1)
  }

  @Test func `neither success nor a cancellation is logged`() throws {
    let recorder = LogRecorder()
    for error in [nil, CancellationError(), FileIOError(.canceled, during: .copy)] as [(any Error)?] {
      let fate = BackgroundFate(logger: recorder.logger)
      fate.handleDropped()
      fate.ended(error)
    }
    #expect(recorder.messages.value == [])
  }

  @Test(arguments: EngineUnderTest.available)
  func `cancelling ends a copy that would never end, and leaves nothing`(_ kind: EngineUnderTest) async throws
  {
    try await withScratch { scratch in
      let recorder = LogRecorder()
      let hasBegun = Shared(false)
      let (source, destination) = (scratch.filePath("source"), scratch.filePath("destination"))
      // No file without an end, which would grow for as long as other tests keep this one waiting.
      try scratch.makeFIFO("source")
      let writer = try scratch.open("source", .readWrite)
      defer { try? writer.close() }
      _ = try writer.writeAll([1, 2, 3])
      let task = try engine(kind, recorder).background { engine in
        _ = try await engine.copyFile(from: source, to: destination) { _ in hasBegun.update { $0 = true } }
      }
      try await eventually("it copies") { hasBegun.value }
      task.cancel()
      #expect(task.isCancelled)
      let error = await #expect(throws: FileIOError.self) { try await task.value }
      #expect(error?.isCancellation == true)
      #expect(!scratch.exists("destination"))
    }
  }

  @Test func `the silent logger is the default`() throws {
    let task = try FileEngine().background { _ in throw Failure() }
    _ = task
  }
}
