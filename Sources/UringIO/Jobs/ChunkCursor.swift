import Synchronization
import SystemPackage

/// Deals a file's data out in chunks, to whichever job is free.
///
/// A chunk starts and ends at multiples of the alignment (but for the file's end), so that no page belongs
/// to two: one of them may be written past the page cache while the other is written through it.
package final class ChunkCursor: JobSource {
  private struct State {
    var extents: [Range<Int64>]
    var nextExtent = 0
    var position: Int64
    /// Starts of the chunks that are being copied.
    var inFlight: [Int64] = []
    /// Where a read found the file to end, if that was early.
    var sourceEnd: Int64?
    var failure: FileIOError?
  }

  let route: ChunkRoute
  private let chunkByteCount: Int64
  private let cancellation: Cancellation
  private let progress: CopyProgressCounter
  private let state: Mutex<State>

  /// - Parameters:
  ///   - extents: what is to be copied, in order, not overlapping; each starts at a multiple of the
  ///     route's alignment, and only the last may end elsewhere.
  ///   - chunkByteCount: a multiple of the route's alignment; chunks end at multiples of it.
  package init(
    extents: [Range<Int64>], route: ChunkRoute, chunkByteCount: Int, cancellation: Cancellation,
    progress: CopyProgressCounter
  ) {
    precondition(
      chunkByteCount >= route.alignment && chunkByteCount % route.alignment == 0,
      "a chunk is a multiple of the alignment")
    self.route = route
    self.chunkByteCount = Int64(chunkByteCount)
    self.cancellation = cancellation
    self.progress = progress
    state = Mutex(State(extents: extents, position: extents.first?.lowerBound ?? 0))
  }

  // MARK: As a source

  package func next(for lane: Lane) -> Pull {
    state.withLock { hasMore($0) } ? .job(ChunkCopyJob(cursor: self, lane: lane)) : .end
  }

  package func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
    guard case .failure(let error) = outcome else { return }
    // The first failure is the copy's; the other jobs finish the chunk they have and get no more.
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }

  // MARK: For the jobs

  /// The next chunk; `nil` when there is none, or the copy is over early.
  func take() -> Range<Int64>? {
    state.withLock { state in
      guard hasMore(state) else { return nil }
      let extent = state.extents[state.nextExtent]
      let start = state.position
      let boundary = (start / chunkByteCount + 1) * chunkByteCount
      let end = min(boundary, extent.upperBound)
      state.position = end
      if end == extent.upperBound {
        state.nextExtent += 1
        if state.nextExtent < state.extents.count {
          state.position = state.extents[state.nextExtent].lowerBound
        }
      }
      state.inFlight.append(start)
      return start..<end
    }
  }

  private func hasMore(_ state: State) -> Bool {
    guard state.nextExtent < state.extents.count, state.failure == nil, !cancellation.isCancelled else {
      return false
    }
    // Beyond the end there is nothing to read.
    guard let end = state.sourceEnd else { return true }
    return state.position < end
  }

  /// Which of the file's chunks one is, counted from its start.
  func index(of chunk: Range<Int64>) -> Int64 { chunk.lowerBound / chunkByteCount }

  func moved(_ byteCount: Int) { progress.add(byteCount) }

  /// Every byte of the chunk that starts there is written.
  func completed(chunkAt start: Int64) {
    state.withLock { state in
      if let index = state.inFlight.firstIndex(of: start) {
        state.inFlight.swapAt(index, state.inFlight.count - 1)
      }
      state.inFlight.removeLast()
    }
  }

  /// A read found the end of the file there.
  func sourceEnded(at offset: Int64) {
    state.withLock { $0.sourceEnd = min($0.sourceEnd ?? offset, offset) }
  }

  // MARK: Afterwards

  package var failure: FileIOError? { state.withLock { $0.failure } }
  package var sourceEnd: Int64? { state.withLock { $0.sourceEnd } }

  /// Every byte before this offset is copied, or belongs to a hole.
  package var completePrefix: Int64 {
    state.withLock { state in
      let next = state.nextExtent < state.extents.count ? state.position : nil
      return state.inFlight.min() ?? next ?? state.extents.last?.upperBound ?? 0
    }
  }
}
