/// Copies some entries of one directory, one after another: what a worker takes at once, so that it asks the walk,
/// which has a lock, once for all of them.
final class TreeFilesJob: Job {
  let node: TreeNode
  private let offsets: ArraySlice<UInt32>
  private let route: TreeRoute
  private let box = StatusBox()
  private var next: Int
  private var current: TreeFileJob?
  /// What the entries came to, in their order; those that were not begun before the copy was cancelled are missing.
  private(set) var results: [(entry: TreeFileJob, outcome: Result<Int, FileIOError>)] = []

  init(node: TreeNode, offsets: ArraySlice<UInt32>, route: TreeRoute) {
    self.node = node
    self.offsets = offsets
    self.route = route
    next = offsets.startIndex
    results.reserveCapacity(offsets.count)
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    var completions = completions
    while let entry = current ?? begin() {
      let step = entry.next(after: completions, buffer: buffer)
      guard case .finish(let outcome) = step else { return step }
      results.append((entry, outcome))
      current = nil
      completions = Completions()
    }
    return .finish(.success(0))
  }

  private func begin() -> TreeFileJob? {
    guard next < offsets.endIndex, !route.isCancelled else { return nil }
    current = TreeFileJob(node: node, nameOffset: offsets[next], route: route, box: box)
    next += 1
    return current
  }
}
