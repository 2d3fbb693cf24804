import Testing

@testable import UringIO

/// Which way a copy takes, as a table.
@Suite struct CopyPlanTests {
  private func plan(
    _ engine: EngineKind, _ cache: CopyOptions.CacheMode = .auto, workers: Int = 2, created: Bool = true,
    fileSystem: FileSystemKind = .ext4, size: Int64 = 1 << 30, cached: Int64? = 1 << 30, direct: Bool = true,
    change: (inout CopyOptions) -> Void = { _ in }
  ) -> CopyPlan {
    var options = CopyOptions()
    options.cache = cache
    change(&options)
    return CopyPlan.make(
      CopyPlan.Facts(
        size: size, cachedByteCount: cached, isCreated: created, destinationFileSystem: fileSystem,
        canWriteDirect: direct, engine: engine, workerCount: workers), options)
  }

  private static let engines = EngineKind.allCases

  @Test(arguments: engines, [true, false])
  func `keep is always buffered, reading as reading leaves the cache`(_ engine: EngineKind, created: Bool) {
    for cached in [0, 1 << 30, nil] as [Int64?] {
      let plan = plan(engine, .keep, created: created, cached: cached)
      #expect(plan.strategy == .buffered)
      #expect(plan.reading == .cache)
      #expect(!plan.writesDirect)
      #expect(plan.rooms.allSatisfy { $0.lane == .buffered })
    }
  }

  @Test(arguments: engines, [true, false])
  func `bypass is direct, or drops behind where direct writes are refused`(
    _ engine: EngineKind, created: Bool
  ) {
    let direct = plan(engine, .bypass, created: created, cached: nil)
    #expect(direct.strategy == .direct)
    #expect(direct.writesDirect)
    #expect(direct.reading == .pastCache)
    #expect(!direct.dropsWrittenBehind)
    #expect(direct.rooms.allSatisfy { $0.lane == .direct })
    let dropping = plan(engine, .bypass, created: created, cached: nil, direct: false)
    #expect(dropping.strategy == .dontCache)
    #expect(dropping.dropsWrittenBehind)
    #expect(!dropping.writesDirect)
    #expect(dropping.reading == .pastCache)
  }

  @Test(arguments: engines)
  func `auto never writes directly to what existed`(_ engine: EngineKind) {
    for cached in [0, 1 << 30] as [Int64?] {
      let plan = plan(engine, created: false, cached: cached)
      #expect(plan.strategy == .buffered)
      #expect(!plan.writesDirect)
    }
  }

  @Test(arguments: engines, [FileSystemKind.tmpfs, .btrfs, .nfs, .fuse, .overlay, .other])
  func `auto is buffered on file systems where only the cache gains`(
    _ engine: EngineKind, fileSystem: FileSystemKind
  ) {
    for cached in [0, 1 << 30] as [Int64?] {
      #expect(plan(engine, fileSystem: fileSystem, cached: cached).strategy == .buffered)
    }
  }

  @Test(arguments: engines)
  func `auto is buffered where direct writes are refused`(_ engine: EngineKind) {
    #expect(plan(engine, direct: false).strategy == .buffered)
  }

  @Test(arguments: engines, [FileSystemKind.ext4, .xfs, .f2fs])
  func `auto writes an uncached source directly`(_ engine: EngineKind, fileSystem: FileSystemKind) {
    #expect(plan(engine, fileSystem: fileSystem, cached: 0).strategy == .direct)
  }

  @Test(arguments: [FileSystemKind.ext4, .xfs, .f2fs])
  func `auto takes the dual path for a cached source on two rings`(fileSystem: FileSystemKind) {
    let plan = plan(.uring, fileSystem: fileSystem)
    #expect(plan.strategy == .dual)
    #expect(plan.writesDirect)
    #expect(plan.rooms.map(\.lane) == [.buffered, .direct])
    #expect(!plan.isInOrder)
  }

  @Test func `a pool gives the buffered half one worker, and the direct half those that are left`() {
    let plan = plan(.threads, workers: 5)
    #expect(plan.strategy == .dual)
    #expect(plan.rooms.map(\.lane) == [.buffered, .direct])
    #expect(plan.rooms.map(\.depth) == [1, 4])
  }

  @Test func `what is wholly cached is read mostly from the cache even where the copy bypasses it`() {
    #expect(plan(.uring, .bypass).reading == .sparingTheCore(interval: CopyPlan.sparingInterval))
    #expect(plan(.threads, .bypass).reading == .sparingTheCore(interval: CopyPlan.sparingInterval))
    #expect(plan(.sequential, .bypass).reading == .cache, "one thread would only wait")
    #expect(plan(.uring, .bypass, cached: (1 << 30) - 4096).reading == .pastCache)
    #expect(plan(.uring, .bypass).rooms[0].placement == .directFromCache)
    #expect(plan(.uring, .bypass, cached: 0).rooms[0].placement == .direct)
  }

  @Test func `one ring takes the best single path, and engines with few threads the cache`() {
    #expect(plan(.uring, workers: 1).strategy == .direct)
    #expect(plan(.threads, workers: 1).strategy == .buffered)
    #expect(plan(.threads, workers: 3).strategy == .buffered)
    #expect(plan(.sequential, workers: 1).strategy == .buffered)
  }

  @Test func `auto reads past the cache what was not wholly in it`() {
    #expect(plan(.uring).reading == .cache)
    #expect(plan(.uring, cached: (1 << 30) - 4096).reading == .pastCache)
    #expect(plan(.uring, cached: 0).reading == .pastCache)
    #expect(plan(.uring, cached: nil).reading == .cache, "nothing of somebody's is dropped on a guess")
  }

  @Test(arguments: engines) func `a buffered copy of an uncached source has it read ahead`(
    _ engine: EngineKind
  ) {
    #expect(plan(engine, created: false, cached: 0, direct: false).strategy == .buffered)
    #expect(plan(engine, fileSystem: .btrfs, cached: 0).reading == .cacheDroppingBehind)
  }

  @Test(arguments: engines, [true, false])
  func `what is written through the cache is read past it, deep, where there is somebody to wait`(
    _ engine: EngineKind, created: Bool
  ) {
    for workers in [1, CopyPlan.deepWorkerCountMin] {
      let plan = plan(engine, workers: workers, created: created, size: 100 << 20, cached: 0)
      let isDeep = engine == .uring || workers > 1 && engine != .sequential
      guard engine != .sequential || workers == 1 else { continue }
      #expect(plan.strategy == .buffered && !plan.writesDirect)
      #expect(plan.reading == (isDeep ? .pastCache : .cacheDroppingBehind))
      let depth = engine == .uring ? CopyPlan.directDepth : workers
      #expect(plan.rooms.map(\.depth) == (isDeep ? [depth] : [1]))
      // Writing through the cache never goes on the ring: it would be handed to a thread of the kernel's.
      #expect(plan.rooms.allSatisfy { $0.placement == .buffered })
    }
  }

  @Test(arguments: engines)
  func `smaller files are written through the cache, unless chunks are spoken of`(_ engine: EngineKind) {
    for cached in [0, 1 << 30] as [Int64] {
      let least = CopyPlan.pastCacheByteCountMin(isCached: cached > 0, engine)
      let below = plan(engine, workers: 9, size: least - 1, cached: cached)
      #expect(below.strategy == .buffered && below.reason.contains("MiB"))
      let from = plan(engine, workers: 9, size: least, cached: cached)
      let spoken = plan(engine, workers: 9, size: 1 << 20, cached: cached) { $0.chunkByteCount = 4096 }
      let strategy: CopyStrategy =
        cached == 0 ? .direct : engine == .sequential ? .buffered : .dual
      #expect(from.strategy == strategy && spoken.strategy == strategy)
    }
  }

  @Test(arguments: engines, CopyOptions.CacheMode.allCases)
  func `the destination is opened for direct transfers where the plan may want them`(
    _ engine: EngineKind, cache: CopyOptions.CacheMode
  ) {
    for size in [1 << 20, 100 << 20, 1 << 30] as [Int64] {
      for (created, cached) in [(true, size), (true, 0), (false, size), (false, 0)] {
        var options = CopyOptions()
        options.cache = cache
        let facts = CopyPlan.Facts(
          size: size, cachedByteCount: cached, isCreated: created, destinationFileSystem: .ext4,
          canWriteDirect: true, engine: engine, workerCount: 4)
        let mayWrite = CopyPlan.mayWriteDirect(facts, options)
        #expect(mayWrite || !CopyPlan.make(facts, options).writesDirect)
        #expect(
          mayWrite
            == (cache == .bypass || cache == .auto && created && size > 512 << 20
              || cache == .auto && created && cached > 0 && size >= 64 << 20 && engine == .uring))
      }
    }
  }

  @Test(arguments: engines) func `on btrfs one at a time writes through the cache`(_ engine: EngineKind) {
    for cached in [0, 1 << 30] as [Int64] {
      let plan = plan(engine, workers: 4, fileSystem: .btrfs, cached: cached)
      #expect(plan.rooms.map(\.depth) == [1] && plan.isInOrder)
    }
  }

  @Test func `half cached counts as cached`() {
    #expect(plan(.uring, cached: 1 << 29).strategy == .dual)
    #expect(plan(.uring, cached: (1 << 29) - 1).strategy == .direct)
  }

  @Test func `depth and chunk size are taken from the options, the chunk in whole pages`() {
    let asked = plan(.uring, .bypass) {
      $0.depth = 33
      $0.chunkByteCount = 5_000
    }
    #expect(asked.rooms.map(\.depth) == [33])
    #expect(asked.chunkByteCount == 8_192)
    #expect(asked.rooms.map(\.bufferByteCount) == [8_192])
    let standard = plan(.uring, .bypass)
    #expect(standard.rooms.map(\.depth) == [CopyPlan.sparingDepth])
    #expect(standard.chunkByteCount == CopyPlan.directChunkByteCount)
  }

  @Test(arguments: engines, CopyOptions.CacheMode.allCases)
  func `chunks are whole pages and every room has depth and memory`(
    _ engine: EngineKind, cache: CopyOptions.CacheMode
  ) {
    for (chunk, depth) in [(4096, 1), (4097, 4096), (1 << 30, 7)] {
      let plan = plan(engine, cache, workers: engine == .sequential ? 1 : 3) {
        $0.depth = depth
        $0.chunkByteCount = chunk
      }
      #expect(plan.chunkByteCount % 4096 == 0 && plan.chunkByteCount >= chunk)
      #expect(plan.rooms.allSatisfy { $0.depth >= 1 && $0.bufferByteCount >= 4096 })
      if engine != .uring {
        #expect(plan.rooms.allSatisfy { $0.depth <= 3 }, "a blocking worker has one job")
      }
    }
  }

  @Test func `a device's larger alignment is kept by chunks and buffers, however small they were asked for`()
  {
    let rounded = plan(.uring) { $0.chunkByteCount = 4096 }.roundedUp(to: 65_536)
    #expect(rounded.chunkByteCount == 65_536)
    #expect(rounded.rooms.map(\.bufferByteCount) == [65_536, 65_536])
    #expect(plan(.uring).roundedUp(to: 4096) == plan(.uring))
  }

  @Test func `only one job at a time copies in order`() {
    #expect(plan(.sequential, .keep, workers: 1).isInOrder)
    #expect(plan(.uring, .bypass) { $0.depth = 1 }.isInOrder)
    #expect(!plan(.uring, .keep).isInOrder)
    #expect(!plan(.threads, .keep).isInOrder)
    #expect(plan(.threads, .keep, workers: 1).isInOrder)
  }

  @Test func `every plan says why`() {
    for engine in Self.engines {
      for cache in CopyOptions.CacheMode.allCases { #expect(!plan(engine, cache).reason.isEmpty) }
    }
  }
}
