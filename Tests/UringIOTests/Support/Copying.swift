import SystemPackage
import Testing

@testable import UringIO

/// An engine and a way to treat the cache, as a user asks for them.
struct CopySetting: Sendable, CustomTestStringConvertible {
  var engine: EngineUnderTest
  var cache: CopyOptions.CacheMode
  /// Whether files are copied as large ones are, whatever their size.
  var isInChunks = true

  var testDescription: String { "\(engine), cache \(cache)" + (isInChunks ? " in chunks" : "") }

  static let all = EngineUnderTest.available.flatMap { engine in
    CopyOptions.CacheMode.allCases.map { CopySetting(engine: engine, cache: $0) }
      + [CopySetting(engine: engine, cache: .auto, isInChunks: false)]
  }

  var options: CopyOptions {
    var options = isInChunks ? CopyOptions.inChunks : CopyOptions()
    options.cache = cache
    return options
  }
}

extension CopyOptions {
  /// As large files are copied, whatever their size.
  static var inChunks: CopyOptions {
    var options = CopyOptions()
    options.chunkByteCount = CopyPlan.directChunkByteCount
    return options
  }
}

extension EngineUnderTest {
  /// A front door with this engine.
  func makeFileEngine(
    workers: Int? = nil, intercept: Interceptor? = nil, descriptorBudget: DescriptorBudget = .process
  ) throws -> FileEngine {
    var configuration = FileEngine.Configuration()
    configuration.engine = choice
    configuration.workers = workers
    configuration.intercept = intercept
    configuration.descriptorBudget = descriptorBudget
    return try FileEngine(configuration)
  }
}

/// Copies a scratch directory's "source" to its "destination" on the calling thread, with an engine of its
/// own, and fails where that hangs.
///
/// - Parameter movesPages: whether an interceptor hears of pages that go from file to file, which are refused otherwise.
@discardableResult
func copy(
  in scratch: Scratch, _ engine: EngineUnderTest, _ options: CopyOptions = .inChunks,
  cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil, movesPages: Bool = false,
  from source: String = "source", to destination: String = "destination",
  progress: (@Sendable (CopyProgress) -> Void)? = nil
) throws -> CopyReport {
  try withoutHanging(onHang: cancellation.cancel) {
    let fileEngine = try engine.makeFileEngine(
      intercept: movesPages ? intercept : intercept.map(Intercepting.withoutPages))
    defer { fileEngine.shutdownBlocking() }
    return try fileEngine.copyFileBlocking(
      from: scratch.bytes(source), to: scratch.bytes(destination), options: options,
      cancellation: cancellation, progress: progress)
  }
}

/// The error of a copy that is expected to fail.
func copyError(
  in scratch: Scratch, _ engine: EngineUnderTest, _ options: CopyOptions = .inChunks,
  cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil, movesPages: Bool = false,
  from source: String = "source", to destination: String = "destination",
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> FileIOError {
  let error = #expect(throws: FileIOError.self, sourceLocation: sourceLocation) {
    try copy(
      in: scratch, engine, options, cancellation: cancellation, intercept: intercept, movesPages: movesPages,
      from: source, to: destination)
  }
  return try #require(error, sourceLocation: sourceLocation)
}
