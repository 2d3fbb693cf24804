import Synchronization

/// Tells whoever asked how far a save is, one call at a time, on engine threads.
final class SaveProgressCounter: Sendable {
  private let state = Mutex(SaveProgress())
  private let report: (@Sendable (SaveProgress) -> Void)?

  init(_ report: (@Sendable (SaveProgress) -> Void)? = nil) { self.report = report }

  func wrote(_ byteCount: Int) { update { $0.byteCount += Int64(byteCount) } }

  func finishedFile(succeeded: Bool) {
    update { if succeeded { $0.fileCount += 1 } else { $0.failureCount += 1 } }
  }

  private func update(_ change: (inout SaveProgress) -> Void) {
    guard let report else { return }
    state.withLock { progress in
      change(&progress)
      report(progress)
    }
  }
}
