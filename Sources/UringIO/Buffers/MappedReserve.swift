/// Memory mapped for many buffers of a huge page's size at a time, each of which is unmapped by itself.
///
/// Whoever maps memory waits, in the kernel, for other threads of the process that have pages populated, and those that
/// come then wait for it (`mmap_lock`). What is not touched takes no memory.
struct MappedReserve: ~Copyable {
  static let bufferByteCount = AlignedBuffer.hugePageByteCount
  private static let bufferCount = 16

  private let usesHugePages: Bool
  private var next: UnsafeMutableRawPointer?
  private(set) var leftCount = 0

  init(usesHugePages: Bool) { self.usesHugePages = usesHugePages }

  deinit {
    if let next, leftCount > 0 { SystemCall.unmap(next, byteCount: leftCount * Self.bufferByteCount) }
  }

  /// A buffer that starts at a multiple of its size.
  ///
  /// - Returns: `nil` where the kernel does not map so much at a time.
  mutating func take() -> AlignedBuffer? {
    if leftCount == 0 { map() }
    guard leftCount > 0, let buffer = next else { return nil }
    leftCount -= 1
    next = buffer + Self.bufferByteCount
    return AlignedBuffer(mapping: buffer, byteCount: Self.bufferByteCount)
  }

  private mutating func map() {
    let byteCount = Self.bufferCount * Self.bufferByteCount
    guard let mapping = SystemCall.mapAnonymous(byteCount: byteCount + Self.bufferByteCount) else { return }
    let start = mapping.alignedUp(toMultipleOf: Self.bufferByteCount)
    let end = start + byteCount
    if start > mapping { SystemCall.unmap(mapping, byteCount: start - mapping) }
    let mappingEnd = mapping + byteCount + Self.bufferByteCount
    if mappingEnd > end { SystemCall.unmap(end, byteCount: mappingEnd - end) }
    if usesHugePages { SystemCall.adviseHugePages(start, byteCount: byteCount) }
    next = start
    leftCount = Self.bufferCount
  }
}
