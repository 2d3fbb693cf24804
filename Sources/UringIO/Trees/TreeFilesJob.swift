/// Copies some entries of one directory, one after another: what a worker takes at once, so that it asks the walk,
/// which has a lock, once for all of them.
///
/// A small cached file is one operation. What that leaves undone, and everything else, is a ``TreeFileJob``.
final class TreeFilesJob: Job {
  let node: TreeNode
  private let offsets: ArraySlice<UInt32>
  private let route: TreeRoute
  private let directories: TreeNode.Pair
  private let box = StatusBox()
  private let small = SmallFileCopy()
  private var next: Int
  /// The file that is copied by one operation.
  private var smallOffset: UInt32?
  private var current: TreeFileJob?
  /// The files that were copied by one operation each, and their bytes.
  private(set) var smallFiles: [UInt32] = []
  private(set) var smallByteCount = 0
  /// What the other entries came to, in their order; those that were not begun before the copy was cancelled are
  /// missing.
  private(set) var results: [(entry: TreeFileJob, outcome: Result<Int, FileIOError>)] = []

  init(node: TreeNode, offsets: ArraySlice<UInt32>, route: TreeRoute) {
    self.node = node
    self.offsets = offsets
    self.route = route
    directories = node.open!
    next = offsets.startIndex
    smallFiles.reserveCapacity(offsets.count)
  }

  var entryCount: Int { offsets.count }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    var completions = completions
    if let offset = smallOffset {
      smallOffset = nil
      if case .count(1) = completions.first {
        copied(offset)
      } else {
        current = TreeFileJob(node: node, nameOffset: offset, route: route, box: box, begun: small.rest)
      }
      completions = Completions()
    }
    while true {
      if let entry = current {
        let step = entry.next(after: completions, buffer: buffer)
        guard case .finish(let outcome) = step else { return step }
        results.append((entry, outcome))
        current = nil
        completions = Completions()
      }
      guard next < offsets.endIndex, !route.isCancelled else { return .finish(.success(0)) }
      let offset = offsets[next]
      next += 1
      if isForOneOperation(offset) { return copySmall(offset, buffer) }
      current = TreeFileJob(node: node, nameOffset: offset, route: route, box: box)
    }
  }

  // MARK: By one operation

  private func isForOneOperation(_ offset: UInt32) -> Bool {
    route.copiesSmallFiles && !node.givesLists && node.listing.kind(ofFileAt: offset) == .regular
  }

  private func copySmall(_ offset: UInt32, _ buffer: BufferSlice) -> Step {
    smallOffset = offset
    let name = node.listing.name(at: offset)
    small.prepare(
      name, from: directories.source, to: directories.destination, named: name, buffer: buffer,
      sparseByteCountMin: TreeLargeFile.sparseByteCountMin, preserved: route.options.preserved,
      memoryDevice: route.temperature.memoryDevice)
    return .performInline(.copySmallFile(small))
  }

  private func copied(_ offset: UInt32) {
    route.temperature.foundCached()
    smallFiles.append(offset)
    smallByteCount += small.byteCount
  }
}
