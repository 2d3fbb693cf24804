import Synchronization
import SystemPackage

/// What all jobs of one tree's copy share: the two roots, the options, and what was learned on the way.
final class TreeRoute: Sendable {
  let sourceRoot: PathBytes
  let destinationRoot: PathBytes
  let rules: EntryRules
  let progress: TreeProgressCounter
  let tells: TreeTelling
  /// Whether the destination may be a symbolic link to a directory.
  let followsDestinationLink: Bool
  private let cancellation: Cancellation
  private let destinationRootIdentity = Mutex<FileIdentity?>(nil)
  private let sourceRootDevice = Mutex<UInt64?>(nil)
  let temperature: CacheTemperature
  private let clones: Atomic<Bool>
  private let moves = Atomic<Bool>(false)
  let pipes = PagePipes()
  private let locks = Mutex(CreationLocks(for: .other, workerCount: 1))
  /// Whether there is one operation for all that a small file's copy is to get.
  private let takesSmallFiles: Bool

  init(
    sourceRoot: PathBytes, destinationRoot: PathBytes, rules: EntryRules, progress: TreeProgressCounter,
    cancellation: Cancellation = Cancellation(), tells: TreeTelling = .names,
    followsDestinationLink: Bool = true, isOnRing: Bool = false
  ) {
    self.sourceRoot = sourceRoot
    self.destinationRoot = destinationRoot
    self.rules = rules
    self.progress = progress
    self.cancellation = cancellation
    self.tells = tells
    self.followsDestinationLink = followsDestinationLink
    temperature = CacheTemperature(waitsOnRing: isOnRing)
    clones = Atomic(false)
    let options = rules.options
    takesSmallFiles =
      SmallFileCopies.isOffered && rules.copiesFreely && !options.ignoresPermissions
      && options.sparseness != .always
      && (options.preserved.contains(.permissions) || !options.preserved.contains(.ownership))
  }

  var options: TreeOptions { rules.options }

  /// The file system that the source's root is on.
  var sourceDevice: UInt64? {
    get { sourceRootDevice.withLock { $0 } }
    set { sourceRootDevice.withLock { $0 = newValue } }
  }

  /// The destination's root, in which nothing is looked for to be copied.
  var destinationIdentity: FileIdentity? {
    get { destinationRootIdentity.withLock { $0 } }
    set { destinationRootIdentity.withLock { $0 = newValue } }
  }

  /// What is held while small files are created together.
  var creationLocks: CreationLocks {
    get { locks.withLock { $0 } }
    set { locks.withLock { $0 = newValue } }
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// Whether small regular files are copied by one operation: while they are cached, or may be.
  var copiesSmallFiles: Bool {
    takesSmallFiles && !temperature.isCold && !temperature.hasMute && !triesCloning
  }

  /// From which size on a file is a ``TreeLargeFile``.
  var largeByteCountMin: Int64 {
    let isUpToUs = options.cache == .auto && options.chunkByteCount == nil && !temperature.hasMute
    return isUpToUs ? TreeLargeFile.byteCountMin : TreeLargeFile.lowestByteCountMin
  }

  /// Whether cached files are copied from page to page: where that is faster, until the first refusal.
  var movesPages: Bool {
    get { moves.load(ordering: .relaxed) }
    set { moves.store(newValue, ordering: .relaxed) }
  }

  /// Whether cloning is worth a try: until the first refusal.
  var triesCloning: Bool {
    get { clones.load(ordering: .relaxed) }
    set { clones.store(newValue, ordering: .relaxed) }
  }
}
