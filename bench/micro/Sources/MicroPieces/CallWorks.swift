import SystemPackage
import UringIO

/// Reads a cached byte, so many operations in one awaited call. With one in each call, the call is what costs.
struct ReadWork: Work {
  private let engine: FileEngine
  private let batch: Int
  private let file: FileDescriptor
  private let slices: [BufferSlice]

  init(_ place: Place, _ engine: FileEngine, batch: Int) throws {
    self.engine = engine
    self.batch = batch
    try place.write("byte", byteCount: 1)
    file = try FileDescriptor.open("byte", .readOnly)
    slices = try AlignedBuffer(byteCount: batch * 64).slices(byteCount: 64).map { $0[0..<1] }
  }

  func perform(_ count: Int) async throws {
    for _ in 0..<count / batch {
      let completions = try await engine.perform { operations in
        for slice in slices { operations.read(file, into: slice, at: 0) }
      }
      for case .failed(let errno) in completions { throw errno }
    }
  }

  func end() async {
    await engine.shutdown()
    try? file.close()
  }
}

/// Starts work that does nothing beside the caller, and waits for it.
struct BackgroundWork: Work {
  private let engine: FileEngine

  init(_ engine: FileEngine) { self.engine = engine }

  func perform(_ count: Int) async throws {
    for _ in 0..<count { try await engine.background { _ in }.value }
  }

  func end() async { await engine.shutdown() }
}
