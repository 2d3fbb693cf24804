import SystemPackage
import Testing

@testable import UringIO

/// `save` as a user calls it: from sequences, and from asynchronous ones.
struct SaveAsyncTests {
  private struct Broken: Error {}

  @Test(arguments: EngineUnderTest.available)
  func `pairs of path and bytes, or producer, are saved`(engine: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      let records = ["a": "one", "b": "two"]
      let report = try await fileEngine.save(records.map { (scratch.filePath($0.key), Array($0.value.utf8)) })
      #expect(report.fileCount == 2)
      #expect(try scratch.text("a") == "one")
      let made: [(FilePath, @Sendable () throws -> [UInt8])] = [
        (scratch.filePath("c"), { @Sendable in Array("three".utf8) }),
        (scratch.filePath("d"), { @Sendable in throw Broken() }),
      ]
      let producers = try await fileEngine.save(made)
      #expect(producers.fileCount == 1)
      #expect(producers.failures.map(\.index) == [1])
      #expect(try scratch.text("c") == "three")
      #expect(!scratch.exists("d"))
      await fileEngine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an asynchronous sequence is asked for little more than is saved`(engine: EngineUnderTest) async throws
  {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      let made = Shared(0)
      let aheadMax = Shared(0)
      let saved = Shared(0)
      let files = AsyncStream<FileToSave> {
        let number = made.update { made -> Int in
          defer { made += 1 }
          return made
        }
        aheadMax.update { $0 = max($0, number - saved.value) }
        return number < 300 ? scratch.file("\(number)", "file \(number)") : nil
      }
      let report = try await fileEngine.save(
        files, progress: { progress in saved.update { $0 = progress.fileCount } })
      #expect(report.fileCount == 300)
      // 16 on their way, and as many as are in flight.
      #expect(aheadMax.value <= 16 + 64)
      for number in 0..<300 { #expect(try scratch.text("\(number)") == "file \(number)") }
      await fileEngine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `files that come late are waited for`(engine: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      let (files, continuation) = AsyncStream<FileToSave>.makeStream()
      let saving = Task {
        try await fileEngine.save(files) { progress in
          // Each file is brought once the one before is saved.
          if progress.fileCount < 5 {
            continuation.yield(scratch.file("\(progress.fileCount)", "late"))
          } else {
            continuation.finish()
          }
        }
      }
      continuation.yield(scratch.file("first", "early"))
      let report = try await saving.value
      #expect(report.fileCount >= 5)
      #expect(report.failures.isEmpty)
      await fileEngine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a sequence that throws ends the save after what it brought`(engine: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      let made = Shared(0)
      let files = AsyncThrowingStream<FileToSave, any Error> {
        let number = made.update { made -> Int in
          defer { made += 1 }
          return made
        }
        if number == 30 { throw Broken() }
        return scratch.file("\(number)", "1")
      }
      let error = await #expect(throws: FileIOError.self) { try await fileEngine.save(files) }
      #expect(error?.cause == .thrown("\(Broken())"))
      #expect(error?.note == "30 files were saved, 0 failed")
      #expect(try scratch.names().count == 30)
      await fileEngine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the first error ends an endless sequence where that was asked for`(
    engine: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      let files = AsyncStream<FileToSave> { scratch.file("missing/file", "1") }
      var options = SaveOptions()
      options.stopsAtFirstError = true
      let report = try await fileEngine.save(files, options: options)
      #expect(!report.failures.isEmpty)
      #expect(report.fileCount == 0)
      await fileEngine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled task ends an endless save`(engine: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      let made = Shared(0)
      let files = AsyncStream<FileToSave> {
        let number = made.update { made -> Int in
          defer { made += 1 }
          return made
        }
        return scratch.file("\(number % 50)", "1")
      }
      let begun = Shared(false)
      let saving = Task { try await fileEngine.save(files) { _ in begun.update { $0 = true } } }
      while !begun.value { await Task.yield() }
      saving.cancel()
      let error = await #expect(throws: FileIOError.self) { try await saving.value }
      #expect(error?.isCancellation == true)
      await fileEngine.shutdown()
    }
  }
}
