import UringIO

/// One thing that the library does, to be timed or counted.
public struct Piece: Sendable {
  /// What is done, then by which engine where that matters: `load-uring`.
  public let name: String
  private let prepare: @Sendable (Place) async throws -> any Work

  init(_ name: String, _ prepare: @escaping @Sendable (Place) async throws -> any Work) {
    self.name = name
    self.prepare = prepare
  }

  /// Makes the files and the engine that it takes, which does not belong to the measurement.
  public func makeWork(in place: Place) async throws -> any Work { try await prepare(place) }
}

/// A piece that is ready to be done.
public protocol Work: Sendable {
  /// Does it so many times; a multiple of ``Piece/step``.
  func perform(_ count: Int) async throws
  /// Removes what that left behind, so that it can be done again as if for the first time.
  func tidy() throws
  /// Lets go of the engine.
  func end() async
}

extension Work {
  public func tidy() throws {}
  public func end() async {}
}

extension Piece {
  /// Batches, and the chunks of a file that is copied, divide this.
  public static let step = 1_000

  /// What takes time: each engine that works here, the bridge to async, and the state machines alone.
  public static var timed: [Piece] {
    EngineKind.allCases.filter(isAvailable).flatMap { ofEngine($0, chunkByteCount: 1 << 20) } + ofNoEngine
      + ofStateMachines
  }

  /// What can be counted. The kernel's work is not, so that chunks may be small, and valgrind does not know
  /// io_uring. A pool of one thread hands on as much as one of many, and always in the same order.
  public static var counted: [Piece] {
    ([.sequential, .threads] as [EngineKind]).flatMap { ofEngine($0, workers: 1, chunkByteCount: 4096) }
      + ofNoEngine + ofStateMachines
  }

  private static func isAvailable(_ engine: EngineKind) -> Bool { (try? FileEngine(engine)) != nil }

  private static func ofEngine(
    _ kind: EngineKind, workers: Int? = nil, chunkByteCount: Int
  ) -> [Piece] {
    let suffix = "-\(kind.rawValue)"
    let engine: @Sendable () throws -> FileEngine = { try FileEngine(kind, workers: workers) }
    return [
      Piece("operation" + suffix) { try ReadWork($0, engine(), batch: 50) },
      Piece("call" + suffix) { try ReadWork($0, engine(), batch: 1) },
      Piece("empty-load" + suffix) { try EmptyLoadWork($0, engine()) },
      Piece("load" + suffix) { try LoadWork($0, engine()) },
      Piece("save" + suffix) { try SaveWork($0, engine()) },
      Piece("copy" + suffix) { try CopyWork($0, engine()) },
      Piece("chunk" + suffix) { try ChunkWork($0, engine(), chunkByteCount: chunkByteCount) },
    ]
  }

  /// These use threads of their own, whichever the engine.
  private static var ofNoEngine: [Piece] {
    [
      Piece("background") { _ in BackgroundWork(try FileEngine(.sequential)) },
      Piece("append") { try await AppendWork($0, FileEngine(.sequential)) },
      Piece("enqueue") { try await EnqueueWork($0, FileEngine(.sequential)) },
    ]
  }

  private static var ofStateMachines: [Piece] {
    [
      Piece("chunk-job") { _ in try ChunkJobWork() },
      Piece("stream-job") { _ in try StreamJobWork() },
      Piece("append-job") { _ in try AppendJobWork() },
    ]
  }
}

extension FileEngine {
  /// An engine of that kind or an error, never another one instead.
  convenience init(_ kind: EngineKind, workers: Int? = nil) throws(FileIOError) {
    var configuration = Configuration()
    configuration.workers = workers
    configuration.engine = EngineChoice(rawValue: kind.rawValue)!
    try self.init(configuration)
  }
}
