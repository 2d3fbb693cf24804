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
  private let cancellation: Cancellation
  private let destinationRootIdentity = Mutex<FileIdentity?>(nil)
  /// A read of a file would have waited for a device: files are opened and read many at a time.
  private let cold = Atomic<Bool>(false)
  private let coldReads = Atomic<Int>(0)
  private let missScore = Atomic<Int>(0)
  private let clones: Atomic<Bool>

  init(
    sourceRoot: PathBytes, destinationRoot: PathBytes, options: TreeOptions, progress: TreeProgressCounter,
    cancellation: Cancellation = Cancellation(), tellsCopied: Bool = true, followsDestinationLink: Bool = true
  ) {
    self.sourceRoot = sourceRoot
    self.destinationRoot = destinationRoot
    self.options = options
    self.progress = progress
    self.cancellation = cancellation
    self.tellsCopied = tellsCopied
    self.followsDestinationLink = followsDestinationLink
    clones = Atomic(false)
  }

  /// The destination's root, in which nothing is looked for to be copied.
  var destinationIdentity: FileIdentity? {
    get { destinationRootIdentity.withLock { $0 } }
    set { destinationRootIdentity.withLock { $0 = newValue } }
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// Whether cloning is worth a try: until the first refusal.
  var triesCloning: Bool {
    get { clones.load(ordering: .relaxed) }
    set { clones.store(newValue, ordering: .relaxed) }
  }

  // MARK: The page cache

  var isCold: Bool { cold.load(ordering: .relaxed) }

  /// One file in so many is asked about while others are read as uncached ones.
  private static let coldRun = 16
  /// What a file that was not cached counts, and from where on all are taken for such. Single ones, which the
  /// kernel gave up among many that it kept, do not change the way of the others.
  private static let missWeight = 8
  private static let coldScore = 24

  /// Whether a file is to be read only if it is cached, to find out.
  func asksCacheFirst() -> Bool {
    guard isCold else { return true }
    return coldReads.add(1, ordering: .relaxed).newValue % Self.coldRun == 0
  }

  func foundCached() {
    guard missScore.load(ordering: .relaxed) > 0 else { return }
    let step = isCold ? Self.missWeight : 1
    if missScore.subtract(step, ordering: .relaxed).newValue < Self.missWeight {
      cold.store(false, ordering: .relaxed)
    }
  }

  /// - Returns: whether that made the tree a cold one.
  func foundUncached() -> Bool {
    guard missScore.add(Self.missWeight, ordering: .relaxed).newValue >= Self.coldScore else { return false }
    missScore.store(Self.coldScore, ordering: .relaxed)
    return !cold.exchange(true, ordering: .relaxed)
  }
}
