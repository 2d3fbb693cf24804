import SystemPackage

@testable import UringIO

/// Saves on the calling thread, with an engine of its own, and fails where that hangs. A cancelled save
/// returns what it came to.
@discardableResult
func save(
  _ files: [FileToSave], _ engine: EngineUnderTest, workers: Int? = nil,
  cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil,
  progress: (@Sendable (SaveProgress) -> Void)? = nil, _ change: (inout SaveOptions) -> Void
) throws -> SaveReport {
  var options = SaveOptions()
  change(&options)
  return try withoutHanging(onHang: cancellation.cancel) { [options] in
    let fileEngine = try engine.makeFileEngine(workers: workers, intercept: intercept)
    defer { fileEngine.shutdownBlocking() }
    return try fileEngine.saveBlocking(
      files, options: options, cancellation: cancellation, progress: progress)
  }
}

@discardableResult
func save(
  _ files: [FileToSave], _ engine: EngineUnderTest, intercept: Interceptor? = nil,
  cancellation: Cancellation = Cancellation(), progress: (@Sendable (SaveProgress) -> Void)? = nil
) throws -> SaveReport {
  try save(files, engine, cancellation: cancellation, intercept: intercept, progress: progress, { _ in })
}

extension Scratch {
  func file(_ name: String, _ text: String) -> FileToSave {
    FileToSave(bytes(name), .bytes(Array(text.utf8)))
  }
  func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  /// The names that are there, temporary ones included, are just these.
  func holdsOnly(_ names: String...) throws -> Bool { try self.names() == names.sorted() }
}

// Not Foundation, which has an `Operation` of its own.
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
