/// Decides how a large file's bytes get to their destination: pure, from facts and a table.
///
/// The file system decides, not one rule: each row of ``Way`` stands for a measurement (bench/README.md).
struct CopyPlan: Sendable, Equatable {
  var strategy: CopyStrategy
  var reason: String
  var rooms: [Room]
  var reading: ChunkRoute.Reading
  var chunkByteCount: Int
  /// Whether the destination is also opened for direct transfers.
  var writesDirect: Bool
  var dropsWrittenBehind = false
  /// Whether chunks arrive in order, on one worker: then the file has its full size only when complete,
  /// without being made longer first.
  var isInOrder: Bool

  struct Facts: Sendable {
    var size: Int64
    /// Bytes of the source in the page cache; `nil` where the kernel cannot tell.
    var cachedByteCount: Int64?
    /// The destination is this run's own: nobody else has it open or mapped.
    var isCreated: Bool
    var destinationFileSystem: FileSystemKind
    var canWriteDirect: Bool
    var engine: EngineKind
    var workerCount: Int

    /// For the most part; where nobody knows, it is taken for that.
    var isCached: Bool { cachedByteCount.map { $0 * 2 >= size } ?? true }
  }

  /// One transfer past the cache: 1 MiB reaches the device's rate with eight in flight; 512 KiB and
  /// 256 KiB cost more CPU for the same rate, and the dual path is slower (bench/README.md, "chunk and depth").
  static let directChunkByteCount = 1 << 20
  static let directDepth = 8
  /// Threads that wait for a device each need to be so many to keep it busy.
  static let deepWorkerCountMin = 4
  /// Where the least work of a core is wanted, one chunk in so many is read from the device though the cache
  /// has it, and fewer are in flight, for smaller buffers are sooner found in a core's caches
  /// (bench/README.md, "a fraction from the device").
  static let sparingInterval = 4
  static let sparingDepth = 6
  /// One transfer through the cache: the piece and the pages it is copied to stay in the L2 cache.
  static let bufferedPieceByteCount = 256 << 10

  /// From this size on what is written goes past the cache, or some of it; below, the program is done sooner through
  /// the cache, and the disk has the file at about the same time (bench/README.md, "one file of some megabytes"). A
  /// pool's direct writes have another price: its threads' AIO contexts take 30 ms to go when the program ends. Whoever
  /// says how large chunks are to be has large files in mind, whatever their size.
  static func pastCacheByteCountMin(isCached: Bool, _ engine: EngineKind) -> Int64 {
    isCached && engine == .uring ? 64 << 20 : 512 << 20
  }

  private static func isForPastCache(_ facts: Facts, _ options: CopyOptions) -> Bool {
    facts.size >= pastCacheByteCountMin(isCached: facts.isCached, facts.engine)
      || options.chunkByteCount != nil
  }

  /// Whether the destination is to be opened for direct transfers, too: only then the plan may want them.
  static func mayWriteDirect(_ facts: Facts, _ options: CopyOptions) -> Bool {
    switch options.cache {
    case .bypass: true
    case .auto: facts.isCreated && isForPastCache(facts, options)
    case .keep: false
    }
  }

  static func make(_ facts: Facts, _ options: CopyOptions) -> CopyPlan {
    let isFullyCached = facts.cachedByteCount.map { $0 >= facts.size } ?? true
    let reading: ChunkRoute.Reading =
      switch options.cache {
      case .keep: .cache
      // Where nothing is known, nothing is risked.
      case .bypass: facts.cachedByteCount.map { $0 >= facts.size } ?? false ? .cache : .pastCache
      // What is not cached is read past the cache, deep: 1.55 x cp to disk and a fourteenth of its CPU, where
      // reading ahead through the cache came to 1.30 x and two fifths (bench/README.md, "uncached").
      case .auto: isFullyCached ? .cache : .pastCache
      }
    let builder = Builder(facts: facts, options: options, reading: reading)
    switch options.cache {
    case .keep:
      return builder.buffered(reason: "--cache keep")
    case .bypass:
      return facts.canWriteDirect
        ? builder.bypassing(reason: "--cache bypass")
        : builder.dontCache(reason: "--cache bypass, and direct writes are refused here")
    case .auto: break
    }
    guard options.sparseness != .always else {
      return builder.buffered(reason: "blocks of zeros are left out")
    }
    guard facts.isCreated else {
      return builder.buffered(
        reason: "the destination existed, and somebody may have it mapped")
    }
    guard isForPastCache(facts, options) else {
      let limit = pastCacheByteCountMin(isCached: facts.isCached, facts.engine) >> 20
      return builder.buffered(reason: "under \(limit) MiB: the cache takes it sooner than the disk")
    }
    let way = Way.of(facts.destinationFileSystem)
    guard facts.canWriteDirect, way != .buffered else {
      return builder.buffered(
        reason: facts.canWriteDirect
          ? "measures best on \(facts.destinationFileSystem.rawValue)" : "direct writes are refused here")
    }
    guard facts.isCached else {
      return builder.direct(reason: "the source is not cached: the device is the limit, not a core")
    }
    switch facts.engine {
    case .sequential:
      return builder.buffered(reason: "one thread: a direct write would keep it waiting")
    case .threads where facts.workerCount < Self.deepWorkerCountMin:
      // Too few threads to keep a device busy: each waits for its own write.
      return builder.buffered(reason: "fewer than four threads do not keep a device busy")
    case .uring where facts.workerCount == 1:
      return builder.direct(reason: "one worker: the best single path")
    case .uring, .threads:
      return builder.dual(
        reason: "the source is cached and the destination new: neither the device nor a core waits")
    }
  }

  /// The plan with chunks and buffers that are multiples of an alignment the device or file system names.
  func roundedUp(to alignment: Int) -> CopyPlan {
    func rounded(_ byteCount: Int) -> Int { (byteCount + alignment - 1) / alignment * alignment }
    var plan = self
    plan.chunkByteCount = rounded(chunkByteCount)
    for index in plan.rooms.indices {
      plan.rooms[index].bufferByteCount = rounded(plan.rooms[index].bufferByteCount)
    }
    return plan
  }

  /// What writing measures best on a file system when the destination is new.
  fileprivate enum Way {
    /// Direct writes gain.
    case direct
    /// Checksums, compression or memory: only the cache gains.
    case buffered

    static func of(_ fileSystem: FileSystemKind) -> Way {
      switch fileSystem {
      case .ext4, .xfs, .f2fs: .direct
      default: .buffered
      }
    }
  }
}

/// Builds the rooms of each strategy.
private struct Builder {
  var facts: CopyPlan.Facts
  var options: CopyOptions
  var reading: ChunkRoute.Reading

  private var chunkByteCount: Int {
    let wanted = options.chunkByteCount ?? CopyPlan.directChunkByteCount
    return max(4096, (wanted + 4095) / 4096 * 4096)
  }

  private var pieceByteCount: Int {
    min(chunkByteCount, options.chunkByteCount ?? CopyPlan.bufferedPieceByteCount)
  }

  private func directRoom(depth: Int) -> Room {
    Room(
      lane: .direct, depth: depth, bufferByteCount: chunkByteCount,
      placement: reading == .pastCache ? .direct : .directFromCache)
  }

  private func bufferedRoom(depth: Int) -> Room {
    Room(lane: .buffered, depth: depth, bufferByteCount: pieceByteCount, placement: .buffered)
  }

  private var depth: Int { options.depth ?? CopyPlan.directDepth }

  func dual(reason: String) -> CopyPlan {
    // The buffered room first: on the pool it gets the first worker, the direct room all others.
    let depth = facts.engine == .threads ? min(depth, facts.workerCount - 1) : depth
    return plan(
      .dual, reason, rooms: [bufferedRoom(depth: 1), directRoom(depth: depth)], writesDirect: true)
  }

  func direct(reason: String) -> CopyPlan {
    let depth = facts.engine == .uring ? depth : min(depth, facts.workerCount)
    return plan(.direct, reason, rooms: [directRoom(depth: depth)], writesDirect: true)
  }

  func bypassing(reason: String) -> CopyPlan {
    var builder = self
    guard reading == .cache, facts.engine != .sequential else { return direct(reason: reason) }
    builder.options.depth = options.depth ?? CopyPlan.sparingDepth
    builder.reading = .sparingTheCore(interval: CopyPlan.sparingInterval)
    return builder.direct(reason: reason)
  }

  func buffered(reason: String) -> CopyPlan {
    guard options.cache == .auto, reading == .pastCache else {
      return plan(.buffered, reason, rooms: bufferedRooms, writesDirect: false)
    }
    if CopyPlan.Way.of(facts.destinationFileSystem) == .direct,
      facts.engine == .uring || facts.workerCount >= CopyPlan.deepWorkerCountMin
    {
      // Deep, past the cache, while one piece at a time is written to it. Not gained on btrfs.
      let depth = facts.engine == .uring ? depth : min(depth, facts.workerCount)
      let room = Room(lane: .buffered, depth: depth, bufferByteCount: chunkByteCount, placement: .buffered)
      return plan(.buffered, reason, rooms: [room], writesDirect: false)
    }
    var plan = plan(.buffered, reason, rooms: bufferedRooms, writesDirect: false)
    // A thread or two with a small piece each would wait for every direct read: readahead keeps the device busy.
    plan.reading = .cacheDroppingBehind
    return plan
  }

  func dontCache(reason: String) -> CopyPlan {
    var plan = plan(.dontCache, reason, rooms: bufferedRooms, writesDirect: false)
    plan.dropsWrittenBehind = true
    return plan
  }

  /// Two at a time: one inode's buffered writes are serial, but reading overlaps with writing. Not on btrfs, where
  /// writing takes so much longer that the second one waits for the inode's lock, spinning (bench/README.md, "btrfs").
  private var bufferedRooms: [Room] {
    let count = facts.destinationFileSystem == .btrfs ? 1 : min(2, facts.workerCount)
    return switch facts.engine {
    case .sequential: [bufferedRoom(depth: 1)]
    case .threads: [bufferedRoom(depth: count)]
    case .uring: (0..<count).map { _ in bufferedRoom(depth: 1) }
    }
  }

  private func plan(
    _ strategy: CopyStrategy, _ reason: String, rooms: [Room], writesDirect: Bool
  ) -> CopyPlan {
    CopyPlan(
      strategy: strategy, reason: reason, rooms: rooms, reading: reading, chunkByteCount: chunkByteCount,
      writesDirect: writesDirect,
      isInOrder: rooms.count == 1 && rooms[0].depth == 1)
  }
}
