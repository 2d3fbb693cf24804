/// How ``FileEngine/load(_:options:)`` loads files.
public struct LoadOptions: Sendable {
  /// In which order files are delivered.
  public enum Order: String, Sendable, CaseIterable {
    /// Each as soon as it is there.
    case asCompleted
    /// As the paths came. Files that are ready before their turn wait in memory.
    case inOrder
  }

  public var order = Order.asCompleted

  /// Bytes of files that are being loaded, wait to be taken, or are being looked at, at most; 1 and up.
  ///
  /// A file that is larger goes when no other is in flight. In order, files that are ready before their turn
  /// hold at most half of it, so that the earliest missing file always finds room; if it needs more than what
  /// is left it goes beside them all the same. A file that turns out longer than its size said is loaded to
  /// its end, and no other is started until there is room again. Bytes that were taken
  /// (``LoadedFile/take()``) are the taker's and not counted.
  public var maxBytesInFlight = 64 << 20

  /// Files in flight on each ring, 1 to 4096; a thread always has one. `nil`: 64.
  public var depth: Int?

  /// Rings or threads that load, 1 to 256, at most as many as the engine has. `nil`: all rings, or as many
  /// threads as measured best.
  public var workers: Int?

  /// Paths a worker takes at once, at most; 1 to 4096. `nil`: by measurement, as many as last it a third of a
  /// millisecond.
  public var batch: Int?

  static let batchRange = 1...4096

  /// Whether the first file that cannot be loaded ends the iteration: it throws that file's error then.
  public var stopsAtFirstError = false

  public init() {}

  func validate() throws(FileIOError) {
    let isValid =
      maxBytesInFlight >= 1 && depth.map(CopyOptions.depthRange.contains) ?? true
      && workers.map { (1...256).contains($0) } ?? true && batch.map(Self.batchRange.contains) ?? true
    guard isValid else {
      throw FileIOError(
        .invalidArgument, during: .load, note: "workers, depth, batch or the bytes in flight are out of range"
      )
    }
  }
}

/// What an iteration over loaded files came to.
public struct LoadReport: Sendable, Equatable {
  /// Files that were loaded.
  public var fileCount = 0
  /// Their bytes.
  public var byteCount: Int64 = 0
  /// Paths that could not be loaded.
  public var errorCount = 0
  /// From the first file asked for to the last one's end.
  public var seconds = 0.0
  public var engine: EngineKind = .sequential
  public var engineReason = ""
  public var operations = OperationTally()

  public init() {}
}

extension LoadReport {
  /// The report's members, in the commands' JSON.
  package var jsonMembers: [(String, JSON)] {
    [
      ("files", .integer(Int64(fileCount))), ("bytes", .integer(byteCount)),
      ("errors", .integer(Int64(errorCount))), ("seconds", .number(seconds)),
      ("engine", .string(engine.rawValue)), ("engineReason", .string(engineReason)),
    ] + operations.jsonMembers
  }
}
