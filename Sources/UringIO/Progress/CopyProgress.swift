import Synchronization

/// How far a copy is.
public struct CopyProgress: Sendable, Equatable {
  /// Bytes written so far.
  public var copiedByteCount: Int64
  /// Bytes to be written in all, holes not counted; `nil` where nobody knows (a FIFO).
  public var totalByteCount: Int64?

  public init(copiedByteCount: Int64, totalByteCount: Int64?) {
    self.copiedByteCount = copiedByteCount
    self.totalByteCount = totalByteCount
  }
}

/// Counts a copy's bytes and tells whoever asked. The callback runs on engine threads, one at a time.
package final class CopyProgressCounter: Sendable {
  private struct State {
    var copied: Int64 = 0
    var total: Int64?
  }
  private let state = Mutex(State())
  private let report: (@Sendable (CopyProgress) -> Void)?

  package init(_ report: (@Sendable (CopyProgress) -> Void)? = nil) { self.report = report }

  /// Sets or raises the total.
  func expect(_ total: Int64) { state.withLock { $0.total = total } }

  func add(_ byteCount: Int) {
    state.withLock { state in
      state.copied += Int64(byteCount)
      report?(CopyProgress(copiedByteCount: state.copied, totalByteCount: state.total))
    }
  }

  package var copiedByteCount: Int64 { state.withLock { $0.copied } }
}
