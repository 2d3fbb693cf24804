import SystemPackage

/// Copies some entries of one directory: what a worker takes at once, so that it asks the walk, which has a lock, once for
/// all of them.
///
/// Small cached files that follow each other are one operation. What that leaves undone, and everything else, is a
/// ``TreeFileJob``.
final class TreeFilesJob: Job {
  let node: TreeNode
  private let offsets: ArraySlice<UInt32>
  private let route: TreeRoute
  private let box = StatusBox()
  private lazy var small = SmallFileCopies(
    from: node.open!.source, to: node.open!.destination,
    sparseByteCountMin: TreeLargeFile.sparseByteCountMin, preserved: route.options.preserved,
    creation: route.creationLocks[node.destinationIdentity])
  private var next: Int
  /// The files that are copied by one operation.
  private var together: ArraySlice<UInt32> = []
  /// What that left, the next one last.
  private var left: [(offset: UInt32, rest: SmallFileCopies.Rest)] = []
  private var current: TreeFileJob?
  /// The files that were copied by such operations, and their bytes.
  private(set) var smallFiles: [UInt32] = []
  private(set) var smallByteCount = 0
  /// What the other entries came to; those that were not begun before the copy was cancelled are missing.
  private(set) var results: [(entry: TreeFileJob, outcome: Result<Int, FileIOError>)] = []

  init(node: TreeNode, offsets: ArraySlice<UInt32>, route: TreeRoute) {
    self.node = node
    self.offsets = offsets
    self.route = route
    next = offsets.startIndex
    smallFiles.reserveCapacity(offsets.count)
  }

  var entryCount: Int { offsets.count }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    var completions = completions
    if !together.isEmpty {
      didCopyTogether()
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
      // Those that were begun are gone on with, cancelled or not: they have files open.
      if let (offset, rest) = left.popLast() {
        current = TreeFileJob(node: node, nameOffset: offset, route: route, box: box, begun: rest)
        continue
      }
      guard next < offsets.endIndex, !route.isCancelled else { return .finish(.success(0)) }
      if isForOneOperation(offsets[next]) { return copyTogether(buffer) }
      current = TreeFileJob(node: node, nameOffset: offsets[next], route: route, box: box)
      next += 1
    }
  }

  // MARK: By one operation

  private func isForOneOperation(_ offset: UInt32) -> Bool {
    route.copiesSmallFiles && !node.givesLists && node.listing.kind(ofFileAt: offset) == .regular
  }

  private func copyTogether(_ buffer: BufferSlice) -> Step {
    together = offsets[next...].prefix(SmallFileCopies.fileCountMax).prefix { isForOneOperation($0) }
    next = together.endIndex
    small.prepare(buffer: buffer, memoryDevice: route.temperature.memoryDevice)
    for offset in together {
      let name = node.listing.name(at: offset)
      small.add(name, named: name)
    }
    return .performInline(.copySmallFiles(small))
  }

  private func didCopyTogether() {
    for (index, offset) in together.enumerated() {
      switch small.outcome(at: index) {
      case .copied(let byteCount):
        route.temperature.foundCached()
        smallFiles.append(offset)
        smallByteCount += byteCount
      case .left(let rest): left.append((offset, rest))
      }
    }
    left.reverse()
    together = []
  }
}
