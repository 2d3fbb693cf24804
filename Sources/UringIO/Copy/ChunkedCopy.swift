import SystemPackage

/// The copy of a regular file by extents and chunks, through an engine.
final class ChunkedCopy {
  /// Below this size a second thread or a ring takes longer to start than it would save (bench/README.md, "one file of
  /// some megabytes"): where they would go past the cache or are transformed on the way, and through the cache.
  static let smallByteCount: Int64 = 1 << 20
  private static let smallCachedByteCount: Int64 = 16 << 20

  /// From this size on the space of a sparse file's data is reserved, with that of blocks of zeros in it.
  private static let sparsePreallocationMin: Int64 = 64 << 20

  private let engine: any Engine
  private let plan: CopyPlan
  private let route: ChunkRoute
  private let directDescriptors: [FileDescriptor]
  /// Whether holes of the source are holes of the copy.
  private let keepsHoles: Bool
  /// Whether blocks of zeros become holes in a file that has none.
  private let skipsZeros: Bool

  init(
    source: OpenedFile, destination: OpenedFile, copy: inout FileCopy
  ) throws(FileIOError) {
    let takesCache = copy.options.cache != .bypass && copy.options.chunkByteCount == nil
    let smallMax = takesCache ? Self.smallCachedByteCount : Self.smallByteCount
    let isSmall = source.status.size < smallMax
    let (engine, engineReason) =
      isSmall ? try copy.engines.forSmallFiles() : try copy.engines.forLargeFiles()
    self.engine = engine
    let whole = 0..<source.status.size
    var facts = CopyPlan.Facts(
      size: source.status.size, cachedByteCount: source.status.size, isCreated: destination.isCreated,
      destinationFileSystem: destination.fileSystem, canWriteDirect: false, engine: engine.kind,
      workerCount: engine.workerCount)
    var destinationDirect: FileDescriptor?
    var sourceDirect: FileDescriptor?
    // Blocks of zeros are looked for in buffers, and left out of the file.
    let skipsZeros = copy.options.sparseness == .always
    // Of a file that has holes, those that were filled since may become holes again.
    let looksForZeros = skipsZeros || copy.options.sparseness == .auto && source.status.hasHoles
    if !skipsZeros, !isSmall || copy.options.cache == .bypass {
      if copy.options.cache != .keep {
        if case .count(let count) = copy.perform(.cacheStatus(source.descriptor, whole)) {
          facts.cachedByteCount = Int64(count)
        } else {
          facts.cachedByteCount = nil
        }
      }
      // Opened where it may be used, so that a refusal is known before the plan is made.
      if CopyPlan.mayWriteDirect(facts, copy.options) {
        switch destination.openDirect(writing: true) {
        case .success(let opened): destinationDirect = opened
        case .failure(let errno):
          copy.update {
            $0.fallbacks.append(.init(what: "opening the destination with O_DIRECT", reason: "\(errno)"))
          }
        }
      }
      facts.canWriteDirect = destinationDirect != nil
    }
    let alignment = Self.alignment(source.status, destination.status)
    var plan = CopyPlan.make(facts, copy.options).roundedUp(to: alignment)
    if isSmall, engine.kind == .sequential, copy.options.cache == .auto {
      plan.strategy = .small
      plan.reason = "under \(smallMax >> 20) MiB"
    }
    if plan.reading.wantsDirect {
      switch source.openDirect(writing: false) {
      case .success(let opened): sourceDirect = opened
      case .failure(let errno):
        copy.update {
          $0.fallbacks.append(.init(what: "opening the source with O_DIRECT", reason: "\(errno)"))
        }
        plan.reading = plan.reading == .pastCache ? .cacheDroppingBehind : .cache
      }
    }
    if !plan.writesDirect, let unused = destinationDirect {
      _ = SystemCall.close(unused)
      destinationDirect = nil
    }
    self.plan = plan
    directDescriptors = [sourceDirect, destinationDirect].compactMap { $0 }
    route = ChunkRoute(
      source: source.descriptor, destination: destination.descriptor, sourceDirect: sourceDirect,
      destinationDirect: destinationDirect, sourcePath: source.path, destinationPath: destination.path,
      reading: plan.reading, alignment: alignment,
      dropsWrittenBehind: plan.dropsWrittenBehind,
      zeroBlockByteCount: looksForZeros ? max(512, destination.status.blockByteCount) : nil,
      movesPages: plan.strategy == .small && source.status.size >= PagePipes.fileByteCountMin
        && source.fileSystem.takesManyPages && destination.fileSystem.takesManyPages)
    keepsHoles = copy.options.sparseness != .never
    self.skipsZeros = skipsZeros
    copy.update {
      $0.strategy = plan.strategy
      $0.reason = plan.reason
      $0.engine = engine.kind
      $0.engineReason = engineReason
    }
  }

  deinit { for descriptor in directDescriptors { _ = SystemCall.close(descriptor) } }

  /// What offsets and lengths are rounded to: the page at least, so that no page belongs to two chunks;
  /// more where the kernel names it (`STATX_DIOALIGN`).
  private static func alignment(_ source: FileStatus, _ destination: FileStatus) -> Int {
    [source.directAlignment, destination.directAlignment].compactMap { $0?.offset }
      .filter { $0 & ($0 - 1) == 0 && $0 <= 1 << 20 }
      .reduce(4096, max)
  }

  func run(
    source: OpenedFile, destination: OpenedFile, startingAt start: Int64,
    copy: inout FileCopy
  ) throws(FileIOError) -> FileCopy.Copied {
    let size = source.status.size
    var walker = try extents(of: source, copy: &copy)
    var isLengthened = false
    let hasHoles = keepsHoles && (source.status.hasHoles || skipsZeros)
    if !plan.isInOrder || hasHoles {
      // Longer than it will be: whatever stops the copy, SIGKILL too, leaves no file of the full size.
      // And a sparse file must not grow extent by extent: XFS then gives it blocks ahead of its end, where
      // the holes should be (kernel 6.18).
      let answer = SystemCall.truncate(destination.descriptor, to: lengthened(size))
      if answer < 0 { throw FileIOError(kernelResult: answer, during: .truncate, path: destination.path) }
      isLengthened = true
    }
    var preallocates =
      !plan.isInOrder && !skipsZeros && (!hasHoles || size >= Self.sparsePreallocationMin)
      && destination.fileSystem.gainsFromPreallocation
    var end: Int64?
    var expected = start
    while end == nil, !walker.isAtEnd {
      let extents: [Range<Int64>]
      switch walker.next() {
      case .success(let found): extents = found.compactMap { $0.after(start) }
      case .failure(let errno): throw FileIOError(errno, during: .findData, path: source.path)
      }
      expected += extents.reduce(0) { $0 + Int64($1.count) }
      copy.progress.expect(expected + (walker.isAtEnd ? 0 : size - walker.position))
      guard !extents.isEmpty else { continue }
      if preallocates { preallocates = try preallocate(extents, in: destination, copy: &copy) }
      end = try runEngine(on: extents, with: engine, rooms: plan.rooms, copy: &copy)
      if let early = end, isUnchanged(source) {
        end = try askAgain(extents.compactMap { $0.after(early) }, copy: &copy)
      }
    }
    try copy.stopIfCancelled(source)
    copy.update { $0.fallbacks += route.fallbacks }
    let final = try finalSize(earlyEnd: end, source: source)
    return FileCopy.Copied(
      size: final, needsFinalSize: isLengthened || plan.writesDirect || hasHoles || end != nil)
  }

  private func extents(
    of source: OpenedFile, copy: inout FileCopy
  ) throws(FileIOError) -> ExtentWalker {
    guard source.status.hasHoles, keepsHoles else {
      return .whole(size: source.status.size, alignment: route.alignment)
    }
    if !source.fileSystem.findsUnsyncedData {
      // A file system that may report holes where data has not reached the disk: first it gets there.
      if case .failed(let errno) = copy.perform(.synchronize(source.descriptor, dataOnly: true)),
        errno != .invalidArgument, errno != .readOnlyFileSystem, errno != .badFileDescriptor
      {
        throw FileIOError(errno, during: .findData, path: source.path)
      }
    }
    return .ofData(in: source.descriptor, size: source.status.size, alignment: route.alignment)
  }

  private func lengthened(_ size: Int64) -> Int64 {
    let alignment = Int64(route.alignment)
    return (size + alignment - 1) / alignment * alignment + alignment
  }

  /// Reserves the extents' space; false where the file system has no such thing.
  private func preallocate(
    _ extents: [Range<Int64>], in destination: OpenedFile, copy: inout FileCopy
  ) throws(FileIOError) -> Bool {
    for extent in extents {
      guard case .failed(let errno) = copy.perform(.allocate(destination.descriptor, extent)) else {
        continue
      }
      guard ChunkRoute.isRefusal(errno) else {
        // The space is not there (ENOSPC, EDQUOT, EFBIG): known before a byte is copied.
        throw FileIOError(errno, during: .write, path: destination.path, offset: extent.lowerBound)
      }
      copy.update { $0.fallbacks.append(.init(what: "preallocation", reason: "\(errno)")) }
      return false
    }
    return true
  }

  private func isUnchanged(_ source: OpenedFile) -> Bool {
    guard case .success(let now) = FileStatus.of(source.descriptor) else { return false }
    return now.size == source.status.size && now.modifiedSeconds == source.status.modifiedSeconds
      && now.modifiedNanoseconds == source.status.modifiedNanoseconds
  }

  /// Reads what is left once more, in order and with plain calls: a source ended early and still says it did
  /// not. FUSE takes a short read for the end of a file and answers 0 behind it to asynchronous reads until
  /// the size has been asked for anew, which `isUnchanged` just did (kernel 6.18).
  private func askAgain(_ extents: [Range<Int64>], copy: inout FileCopy) throws(FileIOError) -> Int64? {
    copy.update { $0.fallbacks.append(.init(what: "parallel reading", reason: "the source ended early")) }
    let room = Room(
      lane: .buffered, depth: 1, bufferByteCount: CopyPlan.bufferedPieceByteCount, placement: .buffered)
    return try runEngine(on: extents, with: SequentialEngine(), rooms: [room], copy: &copy)
  }

  /// - Returns: where the source was found to end, if that was early.
  private func runEngine(
    on extents: [Range<Int64>], with engine: any Engine, rooms: [Room], copy: inout FileCopy
  ) throws(FileIOError) -> Int64? {
    let cursor = ChunkCursor(
      extents: extents, route: route, chunkByteCount: plan.chunkByteCount,
      cancellation: copy.cancellation, progress: copy.progress)
    let tally = try engine.runToEnd(
      cursor, rooms: rooms, cancellation: copy.cancellation, intercept: copy.intercept)
    let copied = copy.progress.copiedByteCount
    copy.update {
      $0.operations.add(tally)
      $0.byteCount = copied
    }
    if let failure = cursor.failure {
      // For the message about a damaged destination: what is certainly there.
      copy.update { $0.byteCount = cursor.completePrefix }
      throw failure
    }
    if copy.cancellation.isCancelled { copy.update { $0.byteCount = cursor.completePrefix } }
    return cursor.sourceEnd
  }

  /// The size the destination gets: the source's, unless reading found that to be too much.
  private func finalSize(earlyEnd: Int64?, source: OpenedFile) throws(FileIOError) -> Int64 {
    guard let earlyEnd else { return source.status.size }
    return min(earlyEnd, source.status.size)
  }
}

extension Range<Int64> {
  /// What of the range lies at or after an offset.
  fileprivate func after(_ offset: Int64) -> Range<Int64>? {
    upperBound > offset ? Swift.max(lowerBound, offset)..<upperBound : nil
  }
}
