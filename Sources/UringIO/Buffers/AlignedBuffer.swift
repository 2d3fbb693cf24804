import SystemPackage

/// Page-aligned memory that the kernel may transfer to and from: one mapping, freed when the last slice
/// of it is gone.
///
/// An operation holds the slice it uses, and an engine holds the operation until its completion has
/// arrived, so the memory outlives the transfer whatever was cancelled or dropped meanwhile. Until that
/// completion the bytes belong to the kernel: do not touch them.
///
///     let arena = try AlignedBuffer(byteCount: 8 * 4096)
///     let slots = arena.slices(byteCount: 4096)   // eight of them
///
/// From 2 MiB on, the memory starts at a multiple of 2 MiB and asks for huge pages: pinning and describing
/// 4 KiB pages is a quarter of what a copy past the page cache costs the CPU (bench/README.md, "huge pages").
///
/// The corresponding C functions are `mmap` and `madvise`.
public final class AlignedBuffer: @unchecked Sendable {
  /// The usable size in bytes.
  public let byteCount: Int
  /// The first byte; a multiple of the page size.
  let base: UnsafeMutableRawPointer
  private let mapping: UnsafeMutableRawPointer
  private let mappingByteCount: Int

  static let hugePageByteCount = 2 << 20

  /// Maps `byteCount` bytes of zeroed memory.
  ///
  /// - Throws: `FileIOError` with `ENOMEM` where the memory is refused, `EINVAL` for a size below 1.
  /// - Complexity: O(1); pages are backed when they are first touched.
  public convenience init(byteCount: Int) throws(FileIOError) {
    try self.init(byteCount: byteCount, usesHugePages: true)
  }

  /// - Parameter usesHugePages: false for memory of which little is touched: a huge page is cleared whole.
  init(byteCount: Int, usesHugePages: Bool) throws(FileIOError) {
    guard byteCount > 0 else {
      throw FileIOError(.invalidArgument, during: .allocateMemory)
    }
    let isHuge = usesHugePages && byteCount >= Self.hugePageByteCount
    let wanted = isHuge ? byteCount + Self.hugePageByteCount : byteCount
    guard let mapping = SystemCall.mapAnonymous(byteCount: wanted) else {
      throw FileIOError(SystemCall.lastError, during: .allocateMemory)
    }
    self.mapping = mapping
    mappingByteCount = wanted
    self.byteCount = byteCount
    if isHuge {
      base = mapping.alignedUp(toMultipleOf: Self.hugePageByteCount)
      SystemCall.adviseHugePages(base, byteCount: byteCount)
    } else {
      base = mapping
    }
  }

  /// Takes over memory that is mapped already, in whole pages.
  init(mapping: UnsafeMutableRawPointer, byteCount: Int) {
    self.mapping = mapping
    mappingByteCount = byteCount
    self.byteCount = byteCount
    base = mapping
  }

  deinit { SystemCall.unmap(mapping, byteCount: mappingByteCount) }

  /// The part of the buffer at `range`.
  ///
  /// - Precondition: `range` lies within `0..<byteCount`.
  public subscript(range: Range<Int>) -> BufferSlice {
    BufferSlice(buffer: self, offset: range.lowerBound, count: range.count)
  }

  /// The whole buffer.
  public var whole: BufferSlice { self[0..<byteCount] }

  /// As many slices of `byteCount` bytes as fit, one behind the other.
  public func slices(byteCount size: Int) -> [BufferSlice] {
    precondition(size > 0, "a slice has at least one byte")
    return (0..<(byteCount / size)).map { self[$0 * size..<($0 + 1) * size] }
  }
}

/// A part of an ``AlignedBuffer``; it keeps the buffer alive.
public struct BufferSlice: Sendable {
  public let buffer: AlignedBuffer
  public let offset: Int
  public let count: Int

  init(buffer: AlignedBuffer, offset: Int, count: Int) {
    // No sanitizer sees what the kernel writes: this is where an address is checked.
    precondition(
      offset >= 0 && count >= 0 && count <= buffer.byteCount && offset <= buffer.byteCount - count,
      "a slice lies within its buffer")
    self.buffer = buffer
    self.offset = offset
    self.count = count
  }

  /// The part of this slice at `range`, counted from the slice's first byte.
  ///
  /// - Precondition: `range` lies within `0..<count`.
  public subscript(range: Range<Int>) -> BufferSlice {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a slice lies within its slice")
    return BufferSlice(buffer: buffer, offset: offset + range.lowerBound, count: range.count)
  }

  package var address: UnsafeMutableRawPointer { buffer.base + offset }

  /// Calls `body` with the bytes. Not while an operation on them is in flight.
  public func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    try body(UnsafeRawBufferPointer(start: address, count: count))
  }

  /// Calls `body` with the bytes, to be changed. Not while an operation on them is in flight.
  public func withMutableBytes<Value>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Value
  ) rethrows -> Value {
    try body(UnsafeMutableRawBufferPointer(start: address, count: count))
  }
}
