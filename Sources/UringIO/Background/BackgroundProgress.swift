import Synchronization

/// Where background work says how far it is.
///
///     let copying = engine.background { engine, progress in
///       try await engine.copyFile(from: "big.dat", to: "copy.dat", progress: progress.report)
///     }
///     print(copying.progress?.copiedByteCount ?? 0)
public final class BackgroundProgress: Sendable {
  private let state = Mutex<CopyProgress?>(nil)

  init() {}

  /// Replaces what was said before. Cheap, and safe from every thread.
  public func report(_ progress: CopyProgress) { state.withLock { $0 = progress } }

  /// What was said last.
  public var latest: CopyProgress? { state.withLock { $0 } }
}
