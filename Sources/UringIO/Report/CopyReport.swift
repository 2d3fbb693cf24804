/// What a copy did, and why that way.
public struct CopyReport: Sendable, Equatable {
  /// Bytes written, or shared by a clone.
  public var byteCount: Int64 = 0
  /// Bytes of holes that were kept as holes.
  public var holeByteCount: Int64 = 0
  /// The destination's size.
  public var size: Int64 = 0
  public var strategy: CopyStrategy = .buffered
  /// Why that strategy.
  public var reason = ""
  /// The engine that ran; a clone needs none, and small files do not pay for one.
  public var engine: EngineKind = .sequential
  public var engineReason = ""
  public var operations = OperationTally()
  public var fallbacks: [Fallback] = []
  public var seconds = 0.0

  /// Something the kernel refused, for which another way was taken.
  public struct Fallback: Sendable, Equatable {
    public var what: String
    public var reason: String

    package init(what: String, reason: String) {
      self.what = what
      self.reason = reason
    }
  }
}

/// How the bytes of one file among many were copied.
package struct CopyMethod: Sendable {
  package var strategy: CopyStrategy
  /// Whether holes were found, and kept.
  package var hasHoles = false

  static let clone = CopyMethod(strategy: .clone)
  static let small = CopyMethod(strategy: .small)
}

extension CopyMethod {
  package init(_ report: CopyReport) {
    self.init(strategy: report.strategy, hasHoles: report.holeByteCount > 0)
  }
}

/// How a file's bytes get to their destination.
public enum CopyStrategy: String, Sendable, CaseIterable {
  /// Blocks are shared (`FICLONE`).
  case clone
  /// The file system or its server copies (`copy_file_range`).
  case serverSide = "server-side"
  /// Some chunks past the page cache and some through it, at the same time.
  case dual
  /// Past the page cache.
  case direct
  /// Through the page cache, dropped behind (`RWF_DONTCACHE`).
  case dontCache = "dontcache"
  /// Through the page cache; what is not in it may be read past it.
  case buffered
  /// Through the page cache on the calling thread: starting more would take longer than the copy.
  case small
  /// From start to end: FIFOs, devices, files whose size says nothing.
  case stream
  /// From start to end, through a transform of the bytes.
  case transform
  /// Nothing was done: the destination existed and was to be kept.
  case kept
}
