import SystemPackage

/// Gives a directory its metadata when everything inside is done: what is made in it later would change its times.
final class TreeFinishJob: Job {
  let node: TreeNode
  private let metadata: MetadataCopy
  private var isAsked = false
  /// What could not be done.
  private(set) var failures: [FileIOError] = []

  init(_ node: TreeNode, route: TreeRoute) {
    self.node = node
    let ending = node.ending!
    let open = node.open!
    let current = EntryPlace(directory: open.source, name: .current)
    metadata = MetadataCopy(
      preserved: route.options.preserved, ignoresPermissions: route.options.ignoresPermissions,
      kind: .directory,
      source: FileMetadata(open.source, at: current), status: ending.status,
      destination: FileMetadata(
        open.destination, at: EntryPlace(directory: open.destination, name: .current)),
      destinationStatus: ending.destinationStatus, isNew: ending.isNew, omitted: ending.omitted,
      surplus: ending.surplus, sourcePath: { node.path(below: route.sourceRoot) },
      path: { node.path(below: route.destinationRoot) })
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    if isAsked { return .finish(.success(0)) }
    isAsked = true
    return .performInline(.entry(EntryWork { self.failures = self.metadata.apply() }))
  }
}
