import SystemPackage
import Testing

@testable import UringIO

/// An engine that is shut down while something of it is still held.
@Suite struct ShutdownTests {
  private func withEngine(
    _ kind: EngineUnderTest, intercept: Interceptor? = nil, logger: LogRecorder? = nil,
    _ body: (FileEngine, Scratch) async throws -> Void
  ) async throws {
    try await withScratch(inMemory: true) { scratch in
      var configuration = FileEngine.Configuration()
      configuration.engine = kind.choice
      configuration.intercept = intercept.map(Intercepting.withoutPages)
      if let logger { configuration.logger = logger.logger }
      try await body(try FileEngine(configuration), scratch)
    }
  }

  private func shutDown(_ engine: FileEngine) async throws {
    let hasEnded = Shared(false)
    Task.detached {
      await engine.shutdown()
      hasEnded.update { $0 = true }
    }
    try await eventually("the shutdown returns") { hasEnded.value }
  }

  @Test(arguments: LoadSetting.all)
  func `an iteration that is held is ended, and what it gave stays`(_ setting: LoadSetting) async throws {
    try await withEngine(setting.engine) { engine, scratch in
      let paths = try scratch.makeLoadFiles((0..<500).map { _ in 3000 })
      var options = setting.options
      options.maxBytesInFlight = 64 << 10
      var held: [LoadedFile] = []
      var iterator = engine.load(paths, options: options).makeAsyncIterator()
      var untouched = engine.load(paths, options: options).makeAsyncIterator()
      for _ in 0..<3 { held.append(try #require(try await iterator.next())) }
      try await shutDown(engine)
      #expect(scratch.descriptorCount == 0)
      for file in held { #expect(try file.isPattern(count: 3000)) }
      var error: FileIOError?
      do {
        // What was handed over together with those that were taken may still come.
        for _ in 0..<paths.count where try await iterator.next() == nil { break }
      } catch let thrown as FileIOError { error = thrown }
      #expect(error?.isCancellation == true && error?.note == "the engine was shut down")
      #expect(try await iterator.next() == nil)
      do {
        _ = try await untouched.next()
        Issue.record("it began after the end")
      } catch let thrown as FileIOError { #expect(thrown.errno == .badFileDescriptor) }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a loop over loaded files may shut the engine down itself`(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine, scratch in
      let paths = try scratch.makeLoadFiles((0..<500).map { _ in 3000 })
      var options = LoadOptions()
      options.maxBytesInFlight = 64 << 10
      var error: FileIOError?
      do {
        for try await file in engine.load(paths, options: options) {
          try await shutDown(engine)
          #expect(try file.isPattern(count: 3000))
        }
      } catch let thrown as FileIOError { error = thrown }
      #expect(error?.isCancellation == true)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an appender that is held goes on`(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine, scratch in
      let appender = try await engine.appender(to: scratch.filePath("log"))
      _ = try await appender.append("before\n")
      try await shutDown(engine)
      #expect(try await appender.append("after\n") == 7)
      try appender.enqueue("at the end\n")
      try await appender.close()
      #expect(try scratch.read("log") == Array("before\nafter\nat the end\n".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a tree that is under way is copied to its end, large files too`(_ kind: EngineUnderTest) async throws
  {
    // Its large files ask for the engine long after the shutdown has begun.
    let hasBegun = Shared(false)
    let isShuttingDown = Gate()
    let intercept: Interceptor = { operation in
      guard case .makeDirectory = operation else { return .pass }
      hasBegun.update { $0 = true }
      isShuttingDown.wait()
      return .pass
    }
    try await withEngine(kind, intercept: intercept) { engine, scratch in
      try scratch.makeFlat("source", count: 50)
      for number in 0..<6 { try scratch.makePattern("source/large \(number)", size: 9 << 20) }
      let copying = engine.background {
        try await $0.copyTree(
          from: scratch.filePath("source"), to: scratch.filePath("destination"), options: .inChunks)
      }
      try await eventually("the copy has begun") { hasBegun.value }
      async let end: Void = shutDown(engine)
      try await eventually("the shutdown has begun") { engine.selection.isShutDown }
      isShuttingDown.open()
      try await end
      let report = try await copying.value
      #expect(report.fileCount == 56 && report.largeFileCount == 6 && report.failureCount == 0)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what is asked afterwards is refused, in the background too`(_ kind: EngineUnderTest) async throws {
    let recorder = LogRecorder()
    try await withEngine(kind, logger: recorder) { engine, scratch in
      try scratch.makeFlat("source", count: 3)
      try scratch.makeLink("link", to: "source")
      let mayGoOn = Shared(false)
      let (source, copy) = (scratch.filePath("source"), scratch.filePath("copy"))
      engine.background { engine in
        try await eventually("the shutdown") { mayGoOn.value }
        _ = try await engine.copyTree(from: source, to: copy)
      }
      try await shutDown(engine)
      try await shutDown(engine)
      mayGoOn.update { $0 = true }
      try await eventually("the logger is told") { !recorder.messages.value.isEmpty }
      #expect(recorder.messages.value.count == 1)
      #expect(recorder.messages.value.first?.contains("the engine was shut down") == true)
      func refused(_ call: () async throws -> Void) async {
        let error = await #expect(throws: FileIOError.self) { try await call() }
        #expect(error?.errno == .badFileDescriptor && error?.isCancellation == false)
      }
      await refused { _ = try await engine.copyTree(from: source, to: copy) }
      await refused { _ = try await engine.copyTree(from: scratch.filePath("link"), to: copy) }
      await refused { _ = try await engine.copyFile(from: scratch.filePath("source/file-0"), to: copy) }
      await refused {
        _ = try await engine.copyFile(from: scratch.filePath("source/file-0"), to: copy) { _, _ in }
      }
      await refused { _ = try await engine.save([FileToSave(scratch.bytes("copy"), .bytes([1]))]) }
      await refused { for try await _ in engine.load([source]) {} }
      await refused { _ = try await engine.perform { $0.truncate(.standardInput, to: 0) } }
      #expect(!scratch.exists("copy"))
    }
  }
}
