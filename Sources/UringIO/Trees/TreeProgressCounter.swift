import Synchronization

/// Counts what a tree's copy has done and tells whoever asked, one call at a time.
final class TreeProgressCounter: Sendable {
  private let state = Mutex(TreeProgress())
  private let report: (@Sendable (TreeProgress) -> Void)?

  init(_ report: (@Sendable (TreeProgress) -> Void)?) { self.report = report }

  func add(files: Int, bytes: Int) {
    guard let report else { return }
    state.withLock { progress in
      progress.fileCount += files
      progress.byteCount += Int64(bytes)
      report(progress)
    }
  }
}
