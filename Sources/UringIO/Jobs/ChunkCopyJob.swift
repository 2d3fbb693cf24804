import SystemPackage

/// Copies chunks of one file until there are none: reads a piece, writes what it read, takes the next.
///
/// Short reads and short writes go on where they stopped. A read of 0 bytes is the file's end and is not
/// repeated. A piece is what fits into the slot's buffer; a chunk may have several.
package final class ChunkCopyJob: Job {
  private enum State {
    case starting, examining, movingPages, reading, writing, droppingBehind
  }

  private let cursor: ChunkCursor
  private let route: ChunkRoute
  private let lane: Lane
  private var state = State.starting
  /// The whole chunk, and what of it has not been copied.
  private var chunk: Range<Int64> = 0..<0
  private var position: Int64 = 0
  /// The piece in the buffer: bytes to read, read, and written.
  private var wanted = 0
  private var filled = 0
  private var written = 0
  /// How the chunk is read, and whether its pages are dropped afterwards.
  private var readsDirect = false
  private var dropsBehind = false
  /// A direct transfer of this piece came to stop off the alignment: the rest goes through the cache.
  private var readsRestBuffered = false
  private var writesRestBuffered = false
  /// How the transfer in flight was asked for. Another job may hear a refusal first and change the route:
  /// what an answer means depends on the question, not on the route as it is by then.
  private var isDirectTransfer = false
  private var isDroppingTransfer = false
  private var isAtEnd = false
  private var movedByteCount = 0

  package init(cursor: ChunkCursor, lane: Lane) {
    self.cursor = cursor
    route = cursor.route
    self.lane = lane
  }

  package func next(after completions: Completions, buffer: BufferSlice) -> Step {
    switch state {
    case .starting: takeChunk(buffer)
    case .examining: examined(completions.first!, buffer)
    case .movingPages: movedPages(completions.first!, buffer)
    case .reading: didRead(completions.first!, buffer)
    case .writing: wrote(completions.first!, buffer)
    case .droppingBehind: finishChunk(buffer)
    }
  }

  // MARK: Chunks

  private func takeChunk(_ buffer: BufferSlice) -> Step {
    guard let chunk = cursor.take() else { return .finish(.success(movedByteCount)) }
    self.chunk = chunk
    position = chunk.lowerBound
    isAtEnd = false
    readsDirect = false
    dropsBehind = false
    switch route.reading {
    case .cache: break
    case .sparingTheCore(let interval):
      readsDirect = cursor.index(of: chunk) % Int64(interval) == 0
    case .cacheDroppingBehind, .pastCache:
      state = .examining
      return .perform(.cacheStatus(route.source, chunk))
    }
    return startPiece(buffer)
  }

  private func examined(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    // Without cachestat (before kernel 6.5) nothing is known: then nothing of somebody's is dropped.
    let cachedByteCount: Int? = if case .count(let count) = completion { count } else { nil }
    switch route.reading {
    case .cache, .sparingTheCore: break
    case .cacheDroppingBehind: dropsBehind = cachedByteCount == 0
    case .pastCache: readsDirect = cachedByteCount.map { $0 < chunk.count } ?? true
    }
    return startPiece(buffer)
  }

  private func chunkIsCopied(_ buffer: BufferSlice) -> Step {
    if dropsBehind {
      state = .droppingBehind
      return .perform(.dropCache(route.source, chunk))
    }
    return finishChunk(buffer)
  }

  private func finishChunk(_ buffer: BufferSlice) -> Step {
    cursor.completed(chunkAt: chunk.lowerBound)
    return takeChunk(buffer)
  }

  // MARK: Reading

  private func startPiece(_ buffer: BufferSlice) -> Step {
    if lane == .buffered, !readsDirect, let pipes = route.pagePipes {
      state = .movingPages
      return .perform(
        .movePages(
          route.source, at: position, to: route.destination, destinationOffset: position,
          byteCount: Int(chunk.upperBound - position), through: pipes))
    }
    return readPiece(buffer)
  }

  private func movedPages(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0): break
    case .count(let count):
      movedByteCount += count
      position += Int64(count)
      cursor.moved(count)
      return position < chunk.upperBound ? startPiece(buffer) : chunkIsCopied(buffer)
    case .failed: route.refusePages()
    }
    // Whether that was the end, or why there is no more: reading and writing tell.
    return readPiece(buffer)
  }

  private func readPiece(_ buffer: BufferSlice) -> Step {
    wanted = min(buffer.count, Int(chunk.upperBound - position))
    filled = 0
    written = 0
    readsRestBuffered = false
    writesRestBuffered = false
    return read(buffer)
  }

  private func read(_ buffer: BufferSlice) -> Step {
    state = .reading
    let offset = position + Int64(filled)
    isDirectTransfer = false
    if let descriptor = directSource, route.isAligned(offset) {
      isDirectTransfer = true
      // The last block of a file is read whole; the kernel stops at the end.
      let end = min(filled + route.roundedUp(wanted - filled), buffer.count)
      return .perform(.read(descriptor, into: buffer[filled..<end], at: offset, .direct))
    }
    return .perform(.read(route.source, into: buffer[filled..<wanted], at: offset))
  }

  private var directSource: FileDescriptor? {
    readsDirect && !readsRestBuffered ? route.directSource : nil
  }

  private func didRead(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0):
      isAtEnd = true
      cursor.sourceEnded(at: position + Int64(filled))
      return filled > 0 ? write(buffer) : chunkIsCopied(buffer)
    case .count(let count):
      filled = min(filled + count, wanted)
      guard filled < wanted else { return write(buffer) }
      readsRestBuffered = !route.isAligned(position + Int64(filled))
      return read(buffer)
    case .failed(let errno):
      if isDirectTransfer, ChunkRoute.isRefusal(errno) {
        route.refuseDirectReads(errno)
        readsRestBuffered = true
        return read(buffer)
      }
      return fail(errno, during: .read, path: route.sourcePath, at: position + Int64(filled))
    }
  }

  // MARK: Writing

  private func write(_ buffer: BufferSlice) -> Step {
    var end = filled
    if let size = route.zeroBlockByteCount {
      let data = buffer.nextData(in: written..<filled, blockByteCount: size)
      guard !data.isEmpty else {
        written = filled
        return pieceIsCopied(buffer)
      }
      (written, end) = (data.lowerBound, data.upperBound)
    }
    state = .writing
    let offset = position + Int64(written)
    isDirectTransfer = false
    isDroppingTransfer = false
    if let descriptor = directDestination, route.isAligned(offset) {
      isDirectTransfer = true
      // Only the file's last piece is not aligned; its padding lies beyond the end and is cut off by the
      // final truncation.
      let padded = min(written + route.roundedUp(end - written), buffer.count)
      if padded > filled {
        buffer[filled..<padded].withMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
      }
      return .perform(.write(descriptor, from: buffer[written..<padded], at: offset, .direct))
    }
    let options = route.writeOptions
    isDroppingTransfer = !options.isEmpty
    return .perform(.write(route.destination, from: buffer[written..<end], at: offset, options))
  }

  private var directDestination: FileDescriptor? {
    lane == .direct && !writesRestBuffered ? route.directDestination : nil
  }

  private func wrote(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    let offset = position + Int64(written)
    switch completion {
    case .count(0):
      // A write of something that wrote nothing, and no error: asking again could go on for ever.
      return fail(.ioError, during: .write, path: route.destinationPath, at: offset)
    case .count(let count):
      if isDirectTransfer, written + count < filled {
        // Only whole blocks count; where there is none, the rest goes through the cache.
        let whole = route.roundedDown(count)
        writesRestBuffered = whole == 0
        written += whole
      } else {
        written = min(written + count, filled)
      }
      return written < filled ? write(buffer) : pieceIsCopied(buffer)
    case .failed(let errno):
      if isDirectTransfer, ChunkRoute.isRefusal(errno) {
        route.refuseDirectWrites(errno)
        writesRestBuffered = true
        return write(buffer)
      }
      if isDroppingTransfer, ChunkRoute.isRefusal(errno) {
        route.refuseDropBehind(errno)
        return write(buffer)
      }
      return fail(errno, during: .write, path: route.destinationPath, at: offset)
    }
  }

  private func pieceIsCopied(_ buffer: BufferSlice) -> Step {
    movedByteCount += filled
    position += Int64(filled)
    cursor.moved(filled)
    return position < chunk.upperBound && !isAtEnd ? startPiece(buffer) : chunkIsCopied(buffer)
  }

  private func fail(
    _ errno: Errno, during activity: FileIOError.Activity, path: PathBytes, at offset: Int64
  ) -> Step {
    .finish(.failure(FileIOError(errno, during: activity, path: path, offset: offset)))
  }
}
