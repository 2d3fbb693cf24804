import Synchronization
import SystemPackage

/// What all jobs of one tree's copy share: the two roots, the options, and what was learned on the way.
final class TreeRoute: Sendable {
  let sourceRoot: PathBytes
  let destinationRoot: PathBytes
  let options: TreeOptions
  let progress: TreeProgressCounter
  /// Whether somebody wants to hear of each entry that was copied.
  let tellsCopied: Bool
  /// Whether the destination may be a symbolic link to a directory.
  let followsDestinationLink: Bool
  private let destinationRootIdentity = Mutex<FileIdentity?>(nil)
  /// A read of a file would have waited for a device: files are opened and read many at a time.
  private let cold = Atomic<Bool>(false)
  private let coldReads = Atomic<Int>(0)
  private let clones: Atomic<Bool>

  init(
    sourceRoot: PathBytes, destinationRoot: PathBytes, options: TreeOptions, progress: TreeProgressCounter,
    tellsCopied: Bool = true, followsDestinationLink: Bool = true
  ) {
    self.sourceRoot = sourceRoot
    self.destinationRoot = destinationRoot
    self.options = options
    self.progress = progress
    self.tellsCopied = tellsCopied
    self.followsDestinationLink = followsDestinationLink
    clones = Atomic(false)
  }

  /// The destination's root, in which nothing is looked for to be copied.
  var destinationIdentity: FileIdentity? {
    get { destinationRootIdentity.withLock { $0 } }
    set { destinationRootIdentity.withLock { $0 = newValue } }
  }

  /// Whether cloning is worth a try: until the first refusal.
  var triesCloning: Bool {
    get { clones.load(ordering: .relaxed) }
    set { clones.store(newValue, ordering: .relaxed) }
  }

  // MARK: The page cache

  var isCold: Bool { cold.load(ordering: .relaxed) }

  /// How many files are read as uncached ones before one is asked about again.
  private static let coldRun = 64

  /// Whether a file is to be read only if it is cached, to find out.
  func asksCacheFirst() -> Bool {
    guard isCold else { return true }
    return coldReads.add(1, ordering: .relaxed).newValue % Self.coldRun == 0
  }

  func foundCached() { if isCold { cold.store(false, ordering: .relaxed) } }

  /// - Returns: whether this is news.
  func foundUncached() -> Bool { !cold.exchange(true, ordering: .relaxed) }
}
