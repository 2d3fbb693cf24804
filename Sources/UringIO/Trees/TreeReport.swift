/// What a copy of a tree did.
public struct TreeReport: Sendable, Equatable {
  public var fileCount = 0
  public var directoryCount = 0
  public var linkCount = 0
  /// Further names of files that were copied, and with ``TreeOptions/Product/hardLink`` of files of the source.
  public var hardLinkCount = 0
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

extension TreeReport {
  mutating func count(_ kind: EntryCopy.Kind) {
    switch kind {
    case .file: fileCount += 1
    case .link: linkCount += 1
    case .hardLink: hardLinkCount += 1
    case .special: specialCount += 1
    case .kept: keptCount += 1
    }
  }

  mutating func add(_ error: FileIOError) {
    guard !error.isWarning else { return }
    failureCount += 1
    if failures.count < Self.failuresMax { failures.append(error) }
  }
}

/// How far a copy of a tree is; what is still to come is not known before it is listed.
public struct TreeProgress: Sendable, Equatable {
  public var fileCount = 0
  public var byteCount: Int64 = 0
}

/// What of a tree's copy is told beside its failures. Each name costs two paths.
package enum TreeTelling: Sendable {
  case failures, names
  /// The names, and how the contents of files were copied.
  case methods
}

/// What happens while a tree is copied, in no particular order.
package enum TreeEvent: Sendable {
  /// An entry is copied, or a directory was made for one: told before its contents are there, unless it is to be told
  /// how they were copied.
  case copied(from: PathBytes, to: PathBytes, backup: PathBytes?, method: CopyMethod? = nil)
  /// What has the name stays as it is.
  case kept(PathBytes)
  /// Something that existed was removed, to be replaced.
  case removed(PathBytes)
  /// A copy could not be made, or something was put aside for it back in its place.
  case restored(backup: PathBytes, to: PathBytes)
  case failed(FileIOError)
}
