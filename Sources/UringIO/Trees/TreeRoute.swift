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
  let temperature = CacheTemperature()
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

  /// Whether small regular files are copied by one operation: while they are cached, or may be.
  var copiesSmallFiles: Bool {
    SmallFileCopy.isOffered && !temperature.isCold && !temperature.hasMute && !triesCloning
  }

  /// Whether cloning is worth a try: until the first refusal.
  var triesCloning: Bool {
    get { clones.load(ordering: .relaxed) }
    set { clones.store(newValue, ordering: .relaxed) }
  }
}
