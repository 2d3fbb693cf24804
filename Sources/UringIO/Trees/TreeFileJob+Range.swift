/// Cached files that the kernel copies from page to page, without a buffer in between.
extension TreeFileJob {
  /// From this size on (bench/README.md, "files of half a megabyte").
  private static let byteCountMinForRange: Int64 = 128 << 10

  /// Begins with what is cached, all of it, by `copy_file_range`; whatever that leaves, its errors too, is read and
  /// written.
  ///
  /// Only from the file system that the copy goes to: from another one the kernel refuses it, and two others that are
  /// mounted below the roots, and are one, might be cloned by it though nobody wants that.
  func copyOrRead(_ buffer: BufferSlice) -> Step {
    guard status!.size >= Self.byteCountMinForRange, route.copiesRanges, !route.temperature.isCold,
      status!.device == route.destinationIdentity?.device
    else { return read(buffer) }
    state = .askingWhole
    return .perform(.cacheStatus(source!, 0..<status!.size))
  }

  func didAskWhole(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(let count) where Int64(count) >= status!.size:
      route.temperature.foundCached()
      return copyRange()
    case .count: break
    case .failed: route.copiesRanges = false
    }
    return read(buffer)
  }

  private func copyRange() -> Step {
    state = .copyingRange
    return .perform(
      .copyRange(
        source!, at: position, to: destination!, destinationOffset: position,
        byteCount: Int(status!.size - position)))
  }

  func didCopyRange(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0): break
    case .count(let count):
      position += Int64(count)
      byteCount += count
      if position < status!.size { return copyRange() }
    case .failed: route.copiesRanges = false
    }
    // Whether that was the end, or why there is no more: reading and writing tell.
    return read(buffer)
  }
}
