import Synchronization
import SystemPackage

/// Which descriptors and ways the chunks of one copy take, shared by all its jobs. What the kernel refuses
/// once is not tried again for this file, and no chunk is started over because of it.
package final class ChunkRoute: Sendable {
  /// How chunks are read.
  package enum Reading: Sendable, Equatable {
    /// Through the page cache, leaving it as reading leaves it.
    case cache
    /// Through the page cache, for want of direct reads; chunks of which nothing was in it are dropped behind
    /// (the kernel reads ahead into the next chunk, so most stay: nothing of somebody's is dropped on a guess).
    case cacheDroppingBehind
    /// From the page cache where the chunk is there, past it otherwise.
    case pastCache
    /// From the page cache, where all of the file is, but every `interval`th chunk past it: copying out of the
    /// cache is a core's work, and reading is the device's.
    case sparingTheCore(interval: Int)

    /// Whether the source is needed opened for direct transfers.
    var wantsDirect: Bool {
      switch self {
      case .cache, .cacheDroppingBehind: false
      case .pastCache, .sparingTheCore: true
      }
    }
  }

  package let source: FileDescriptor
  package let destination: FileDescriptor
  /// The same files opened for direct transfers, where that was allowed.
  package let sourceDirect: FileDescriptor?
  package let destinationDirect: FileDescriptor?
  let sourcePath: PathBytes
  let destinationPath: PathBytes
  let reading: Reading
  /// Direct transfers start and end at multiples of this many bytes.
  package let alignment: Int
  let dropsWrittenBehind: Bool
  /// Blocks of so many bytes that are all zeros are not written; `nil`: all are.
  let zeroBlockByteCount: Int?
  /// What chunks that are read and written through the cache go through instead of a buffer, where that is faster.
  private let pipes: PagePipes?

  private struct Refusals {
    var directRead = false
    var directWrite = false
    var dropBehind = false
    var pages = false
    var fallbacks: [CopyReport.Fallback] = []
  }
  private let refusals = Mutex(Refusals())

  package init(
    source: FileDescriptor, destination: FileDescriptor, sourceDirect: FileDescriptor? = nil,
    destinationDirect: FileDescriptor? = nil, sourcePath: PathBytes, destinationPath: PathBytes,
    reading: Reading, alignment: Int, dropsWrittenBehind: Bool = false, zeroBlockByteCount: Int? = nil,
    movesPages: Bool = false
  ) {
    precondition(alignment > 0 && alignment & (alignment - 1) == 0, "an alignment is a power of two")
    self.source = source
    self.destination = destination
    self.sourceDirect = sourceDirect
    self.destinationDirect = destinationDirect
    self.sourcePath = sourcePath
    self.destinationPath = destinationPath
    self.reading = reading
    self.alignment = alignment
    self.dropsWrittenBehind = dropsWrittenBehind
    self.zeroBlockByteCount = zeroBlockByteCount
    let goesWhole = zeroBlockByteCount == nil && !dropsWrittenBehind
    pipes = movesPages && goesWhole ? PagePipes() : nil
  }

  /// The descriptor for direct reads, unless they were refused.
  var directSource: FileDescriptor? { refusals.withLock { $0.directRead ? nil : sourceDirect } }
  var directDestination: FileDescriptor? { refusals.withLock { $0.directWrite ? nil : destinationDirect } }
  var writeOptions: TransferOptions {
    dropsWrittenBehind && refusals.withLock({ !$0.dropBehind }) ? .dropBehind : []
  }

  /// The pipes, unless pages were refused.
  var pagePipes: PagePipes? {
    guard let pipes else { return nil }
    return refusals.withLock { $0.pages ? nil : pipes }
  }
  /// No fallback to tell of: reading and writing do the same, or tell why not.
  func refusePages() { refusals.withLock { $0.pages = true } }

  func refuseDirectReads(_ errno: Errno) {
    refuse(\.directRead, "direct read", errno)
  }
  func refuseDirectWrites(_ errno: Errno) {
    refuse(\.directWrite, "direct write", errno)
  }
  func refuseDropBehind(_ errno: Errno) {
    refuse(\.dropBehind, "write with RWF_DONTCACHE", errno)
  }

  private func refuse(_ flag: WritableKeyPath<Refusals, Bool>, _ what: String, _ errno: Errno) {
    refusals.withLock { refusals in
      // Several chunks may hear the same refusal; it is one fallback.
      guard !refusals[keyPath: flag] else { return }
      refusals[keyPath: flag] = true
      refusals.fallbacks.append(.init(what: what, reason: "\(errno)"))
    }
  }

  package var fallbacks: [CopyReport.Fallback] { refusals.withLock { $0.fallbacks } }

  /// Whether an answer to a direct transfer means "not like this" rather than "it failed".
  static func isRefusal(_ errno: Errno) -> Bool {
    errno == .invalidArgument || errno == .notSupported || errno == .noFunction
  }

  func roundedDown(_ count: Int) -> Int { count & ~(alignment - 1) }
  func roundedUp(_ count: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }
  func isAligned(_ offset: Int64) -> Bool { offset & Int64(alignment - 1) == 0 }
}
