/// Bytes that are being made: a producer or a transform appends them, and the engine writes them from here.
///
/// The memory is lent and used again for the next file, so that a file's text costs no allocation and no page
/// faults. A copy of the value shares its memory until one of the two appends.
public struct OutputBytes: Sendable {
  /// Bytes appended so far.
  public private(set) var count = 0
  private var memory: AlignedBuffer?

  private static let smallestCapacity = 64 << 10

  public init() {}

  /// Bytes there is memory for.
  public var capacity: Int { memory?.byteCount ?? 0 }

  /// Appends a copy of `bytes`.
  ///
  /// - Throws: `FileIOError` with `ENOMEM` where the memory is refused.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(FileIOError) {
    guard let first = bytes.baseAddress, !bytes.isEmpty else { return }
    let target = try makeRoom(bytes.count)
    target.copyMemory(from: first, byteCount: bytes.count)
    count += bytes.count
  }

  public mutating func append(_ bytes: [UInt8]) throws(FileIOError) {
    guard !bytes.isEmpty else { return }
    let target = try makeRoom(bytes.count)
    bytes.withUnsafeBytes { target.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
    count += bytes.count
  }

  /// Appends the text in UTF-8.
  public mutating func append(_ text: String) throws(FileIOError) {
    var text = text
    let byteCount = text.utf8.count
    guard byteCount > 0 else { return }
    let target = try makeRoom(byteCount)
    text.withUTF8 { target.copyMemory(from: $0.baseAddress!, byteCount: byteCount) }
    count += byteCount
  }

  /// Lends memory for at least `byteCount` more bytes to `fill`, which returns how many it wrote.
  ///
  /// - Precondition: `fill` returns at most the memory's size.
  public mutating func append(
    upTo byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    guard byteCount > 0 else { return }
    let target = try makeRoom(byteCount)
    let made = try fill(UnsafeMutableRawBufferPointer(start: target, count: capacity - count))
    precondition(made >= 0 && made <= capacity - count, "no more is made than there is room for")
    count += made
  }

  /// Forgets the bytes and keeps the memory.
  public mutating func removeAll() {
    count = 0
    // An operation may still hold the memory; then it is not this value's alone to write to.
    if memory != nil, !isKnownUniquelyReferenced(&memory) { memory = nil }
  }

  /// The bytes, as an operation takes them. Nothing may be appended while one is in flight.
  var slice: BufferSlice? { memory.map { $0[0..<count] } }

  private mutating func makeRoom(_ byteCount: Int) throws(FileIOError) -> UnsafeMutableRawPointer {
    let (needed, overflows) = count.addingReportingOverflow(byteCount)
    guard byteCount >= 0, !overflows, needed <= Int.max / 4 else {
      throw FileIOError(.noMemory, during: .allocateMemory)
    }
    // Asked before anything else refers to the memory.
    if needed <= capacity, isKnownUniquelyReferenced(&memory) { return memory!.base + count }
    var size = max(Self.smallestCapacity, capacity)
    while size < needed { size *= 2 }
    let larger = try AlignedBuffer(byteCount: size)
    if let memory, count > 0 { larger.base.copyMemory(from: memory.base, byteCount: count) }
    memory = larger
    return larger.base + count
  }
}
