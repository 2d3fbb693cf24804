import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What small files have.
private let fileByteCount = 4096

/// Loads small cached files.
struct LoadWork: Work {
  private let engine: FileEngine
  private let names: [FilePath]

  init(_ place: Place, _ engine: FileEngine) throws {
    self.engine = engine
    try place.makeDirectory("source")
    names = Place.names(in: "source", count: Piece.step)
    for name in names { try place.write(name, byteCount: fileByteCount) }
  }

  func perform(_ count: Int) async throws {
    for _ in 0..<count / names.count {
      let files = engine.load(names)
      for try await file in files where file.byteCount != fileByteCount { throw Unexpected("\(file.path)") }
    }
  }

  func end() async { await engine.shutdown() }
}

/// Loads one empty file at a time: the cost of a call, and of a run of the engine.
struct EmptyLoadWork: Work {
  private let engine: FileEngine
  private let name: FilePath = "empty"

  init(_ place: Place, _ engine: FileEngine) throws {
    self.engine = engine
    try place.write(name, byteCount: 0)
  }

  func perform(_ count: Int) async throws {
    for _ in 0..<count {
      for try await file in engine.load([name]) where file.error != nil { throw file.error! }
    }
  }

  func end() async { await engine.shutdown() }
}

/// Saves small new files.
struct SaveWork: Work {
  private let engine: FileEngine
  private let names: [FilePath]
  private let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: fileByteCount)

  init(_ place: Place, _ engine: FileEngine) throws {
    self.engine = engine
    try place.makeDirectory("made")
    names = Place.names(in: "made", count: madeMax)
  }

  func perform(_ count: Int) async throws {
    precondition(count <= names.count, "each file is a new one")
    let report = try await engine.save(names[..<count].map { FileToSave($0, .bytes(bytes)) })
    try report.throwFirstFailure()
  }

  func tidy() { removeAll(names) }
  func end() async { await engine.shutdown() }
}

/// Copies a small cached file to new ones, one call each.
struct CopyWork: Work {
  private let engine: FileEngine
  private let source: FilePath = "source"
  private let names: [FilePath]
  private var options = CopyOptions()

  init(_ place: Place, _ engine: FileEngine) throws {
    self.engine = engine
    // Where blocks can be shared there is nothing to copy.
    options.cloning = .never
    try place.write(source, byteCount: fileByteCount)
    try place.makeDirectory("made")
    names = Place.names(in: "made", count: madeMax)
  }

  func perform(_ count: Int) async throws {
    precondition(count <= names.count, "each file is a new one")
    for name in names[..<count] { _ = try await engine.copyFile(from: source, to: name, options: options) }
  }

  func tidy() { removeAll(names) }
  func end() async { await engine.shutdown() }
}

/// Copies a large cached file's chunks. The copy before, which is truncated for the next, is part of it.
struct ChunkWork: Work {
  private let engine: FileEngine
  private let source: FilePath = "source"
  private let destination: FilePath = "destination"
  private let chunkCount: Int
  private var options = CopyOptions()

  init(_ place: Place, _ engine: FileEngine, chunkByteCount: Int) throws {
    self.engine = engine
    options.cloning = .never
    options.chunkByteCount = chunkByteCount
    // Few large chunks, for the memory they take; many small ones, for a file that is copied in chunks at all.
    chunkCount = chunkByteCount < 1 << 20 ? Piece.step : 50
    try place.write(source, byteCount: chunkCount * chunkByteCount)
  }

  func perform(_ count: Int) async throws {
    for _ in 0..<count / chunkCount {
      _ = try await engine.copyFile(from: source, to: destination, options: options)
    }
  }

  func end() async { await engine.shutdown() }
}

/// The most new files that are made before they are removed.
private let madeMax = 5 * Piece.step

private func removeAll(_ names: [FilePath]) {
  for name in names { _ = name.withPlatformString { unlink($0) } }
}

/// Something was not as the measurement takes for granted.
struct Unexpected: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
