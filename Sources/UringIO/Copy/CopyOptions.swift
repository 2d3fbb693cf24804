/// How a copy is to be made. The defaults are what measures best for the files at hand.
public struct CopyOptions: Sendable, Equatable {
  /// What the copy may do with the page cache.
  public enum CacheMode: String, Sendable, CaseIterable {
    /// Whatever is fastest; what was not cached before is not left behind.
    case auto
    /// Leave the copy in the page cache, for whoever reads it next.
    case keep
    /// Add nothing to the page cache.
    case bypass
  }

  public enum Cloning: String, Sendable, CaseIterable {
    /// Share blocks where the file system can.
    case auto
    /// Share blocks or fail.
    case always
    case never
  }

  /// What to do with a destination that exists.
  public enum Existing: Sendable {
    /// Truncate it and write into it.
    case overwrite
    /// As `overwrite`, but remove it first if it cannot be opened.
    case replaceIfNeeded
    /// Leave it alone.
    case keep
  }

  public var cache = CacheMode.auto
  public var cloning = Cloning.auto
  public var existing = Existing.overwrite
  public var sparseness = TreeOptions.Sparseness.auto
  /// Bytes of one transfer, 4096 to 1 GiB; rounded up to a multiple of 4096. `nil`: by measurement.
  public var chunkByteCount: Int?
  /// Chunks in flight past the cache, 1 to 4096. `nil`: by measurement.
  public var depth: Int?

  public init() {}

  /// The bounds of ``chunkByteCount``, and of all chunks in flight together.
  public static let chunkByteCountRange = 4096...(1 << 30)
  public static let depthRange = 1...4096
}
