#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension BufferSlice {
  /// The first bytes of a range, to the next block of zeros, that are not blocks of zeros themselves; empty where all are.
  ///
  /// - Parameter blockByteCount: blocks are counted from the slice's start; the last may be shorter.
  func nextData(in range: Range<Int>, blockByteCount: Int) -> Range<Int> {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = blockEnd(after: start, range, blockByteCount)
      if !isZero(start..<end) { break }
      start = end
    }
    var end = start
    while end < range.upperBound {
      let next = blockEnd(after: end, range, blockByteCount)
      if isZero(end..<next) { break }
      end = next
    }
    return start..<end
  }

  private func blockEnd(after offset: Int, _ range: Range<Int>, _ blockByteCount: Int) -> Int {
    min(range.upperBound, (offset / blockByteCount + 1) * blockByteCount)
  }

  /// Each byte is compared with the one before it, by the fastest loop there is for that.
  private func isZero(_ range: Range<Int>) -> Bool {
    self[range].withBytes { bytes in
      guard let address = bytes.baseAddress, bytes.count > 0 else { return true }
      return bytes[0] == 0 && memcmp(address, address + 1, bytes.count - 1) == 0
    }
  }
}
