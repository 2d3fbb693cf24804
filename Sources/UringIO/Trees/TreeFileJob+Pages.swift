/// Cached files that are copied from page to page, without a buffer in between.
extension TreeFileJob {
  /// Begins with what is cached, all of it, by way of a pipe; whatever that leaves, its errors too, is read and written.
  func moveOrRead(_ buffer: BufferSlice) -> Step {
    guard status!.size >= PagePipes.fileByteCountMin, route.movesPages, !route.temperature.isCold
    else { return read(buffer) }
    state = .askingWhole
    return .perform(.cacheStatus(source!, 0..<status!.size))
  }

  func didAskWhole(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(let count) where Int64(count) >= status!.size:
      route.temperature.foundCached()
      return movePages()
    case .count: break
    case .failed: route.movesPages = false
    }
    return read(buffer)
  }

  private func movePages() -> Step {
    state = .movingPages
    return .perform(
      .movePages(
        source!, at: position, to: destination!, destinationOffset: position,
        byteCount: Int(status!.size - position), through: route.pipes))
  }

  func didMovePages(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0): break
    case .count(let count):
      position += Int64(count)
      byteCount += count
      if position < status!.size { return movePages() }
    case .failed: route.movesPages = false
    }
    // Whether that was the end, or why there is no more: reading and writing tell.
    return read(buffer)
  }
}
