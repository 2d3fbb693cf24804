/// How a tree is to be copied. The defaults are what measures best.
public struct TreeOptions: Sendable, Equatable {
  /// What to do with files that exist; directories are gone on in.
  public var existing = CopyOptions.Existing.overwrite
  /// Whether blocks are shared where the file system can.
  public var cloning = CopyOptions.Cloning.auto
  /// For files that are copied in chunks: what may be done with the page cache, and with what.
  public var cache = CopyOptions.CacheMode.auto
  public var chunkByteCount: Int?
  /// Files in flight on each ring where they are not cached, 1 to 4096. `nil`: by measurement.
  public var depth: Int?
  /// Files of one directory that a worker takes at once while they are cached, 1 to 4096. `nil`: by measurement.
  public var batch: Int?
  /// Rings or threads to use, where not all of the engine's. `nil`: by measurement.
  public var workers: Int?

  public init() {}

  /// For a single large file of the tree.
  var forLargeFiles: CopyOptions {
    var options = CopyOptions()
    options.existing = existing
    options.cloning = cloning
    options.cache = cache
    options.chunkByteCount = chunkByteCount
    return options
  }
}

/// What a copy of a tree did.
public struct TreeReport: Sendable, Equatable {
  public var fileCount = 0
  public var directoryCount = 0
  public var linkCount = 0
  /// FIFOs, devices and sockets.
  public var specialCount = 0
  /// Files that existed and were kept.
  public var keptCount = 0
  /// Files copied in chunks by several workers at once.
  public var largeFileCount = 0
  public var byteCount: Int64 = 0
  /// Entries that could not be copied, or not completely.
  public var failureCount = 0
  /// The first of them, at most ``failuresMax``.
  public var failures: [FileIOError] = []
  public var engine = EngineKind.sequential
  public var engineReason = ""
  public var operations = OperationTally()
  public var seconds = 0.0

  public static let failuresMax = 1_000

  public init() {}

  /// Of an operand that was a single file.
  init(file report: CopyReport) {
    fileCount = report.strategy == .kept ? 0 : 1
    keptCount = report.strategy == .kept ? 1 : 0
    byteCount = report.byteCount
    engine = report.engine
    engineReason = report.engineReason
    operations = report.operations
    seconds = report.seconds
  }
}

/// How far a copy of a tree is; what is still to come is not known before it is listed.
public struct TreeProgress: Sendable, Equatable {
  public var fileCount = 0
  public var byteCount: Int64 = 0
}

/// What happens while a tree is copied, in no particular order.
package enum TreeEvent: Sendable {
  /// An entry's copy is complete, or a directory was made for one.
  case copied(from: PathBytes, to: PathBytes)
  case failed(FileIOError)
}
