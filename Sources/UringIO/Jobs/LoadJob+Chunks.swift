import SystemPackage

/// A large file, of which this job reads some chunks and others read the others.
extension LoadJob {
  func begin(_ chunk: Range<Int>) -> Step {
    self.chunk = chunk
    filled = chunk.lowerBound
    inquiry = CacheInquiry(
      asks: source.settings.isRing && !source.temperature.isSilent(large!.open.device))
    return readChunk()
  }

  private func readChunk() -> Step {
    state = .readingChunk
    if inquiry.waits { hasWaited = true }
    return inquiry.read(
      large!.open.descriptor, into: large!.region.slice[filled..<chunk.upperBound], at: Int64(filled))
  }

  func didReadChunk(_ completion: Completion) -> Step {
    switch completion {
    case .count(0):
      return chunkEnded(end: filled)
    case .count(let count):
      filled += count
      inquiry.stop()
      return filled < chunk.upperBound ? readChunk() : chunkEnded()
    case .failed(let errno):
      // Of a chunk alone the kernel is not asked: it waits like one that is not cached.
      guard case .waits(let isUncached) = inquiry.refused(errno, size: 0) else {
        return chunkEnded(
          error: FileIOError(errno, during: .read, path: name.name.bytes, offset: Int64(filled)))
      }
      if isUncached { source.foundUncached() }
      return readChunk()
    }
  }

  private func chunkEnded(end: Int? = nil, error: FileIOError? = nil) -> Step {
    let large = large!
    switch source.chunkEnded(of: large, end: end, error: error, goesOn: !room.wantsPull(source)) {
    case .chunk(let chunk): return begin(chunk)
    case .othersGoOn:
      self.large = nil
      return takeNext()
    case .whole:
      self.large = nil
      descriptor = large.open.descriptor
      file = large.file
      size = large.open.size
      filled = large.end
      file!.error = large.error
      if large.error != nil { return close() }
      if large.end < large.open.size { return isWhole() }
      // All it said it has is there; whether there is more, a read tells.
      return read()
    }
  }
}
