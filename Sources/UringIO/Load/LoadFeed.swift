import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A path and its place among all that are loaded.
struct NumberedName: Sendable {
  var index: Int
  var name: FileName
}

/// Where a load's paths come from, a few at a time.
final class LoadFeed: Sendable {
  private struct State: @unchecked Sendable {
    var isExhausted = false
    var nextIndex = 0
    var bytes: [CChar] = []
    /// Appends the next paths, at most so many, each ended by a zero byte. Called by one thread at a time.
    var append: (Int, inout [CChar], inout [Int]) -> Void
  }

  /// Not the source's lock: what runs here is the caller's iterator.
  private let state: Mutex<State>

  init(_ paths: some Sequence<FilePath> & Sendable) {
    state = Mutex(
      State(
        append: Self.appender(paths) { path, bytes in
          path.withPlatformString { name in
            bytes.append(contentsOf: UnsafeBufferPointer(start: name, count: strlen(name)))
          }
        }))
  }

  init(_ paths: some Sequence<PathBytes> & Sendable) {
    state = Mutex(
      State(
        append: Self.appender(paths) { path, bytes in
          path.bytes.withUnsafeBytes { bytes.append(contentsOf: $0.bindMemory(to: CChar.self)) }
        }))
  }

  private static func appender<Paths: Sequence & Sendable>(
    _ paths: Paths, _ append: @escaping (Paths.Element, inout [CChar]) -> Void
  ) -> (Int, inout [CChar], inout [Int]) -> Void {
    // The iterator is made where it is used first, and only that closure ever touches it.
    var iterator: Paths.Iterator?
    // Many at once: this is not specialized for the caller's sequence, and looks its types up each time it is called.
    return { count, bytes, offsets in
      var next = iterator ?? paths.makeIterator()
      // It alone has what the iterator has, or the iterator's first change would copy that.
      iterator = nil
      while offsets.count < count, let path = next.next() {
        offsets.append(bytes.count)
        append(path, &bytes)
        bytes.append(0)
      }
      iterator = next
    }
  }

  /// The next paths, at most so many; fewer only at the end. Their bytes lie in one piece of memory.
  func take(_ count: Int) -> [NumberedName] {
    let (block, offsets, first) = state.withLock { state -> (NameBlock?, [Int], Int) in
      let first = state.nextIndex
      guard !state.isExhausted, count > 0 else { return (nil, [], first) }
      state.bytes.removeAll(keepingCapacity: true)
      var offsets: [Int] = []
      offsets.reserveCapacity(count)
      state.append(count, &state.bytes, &offsets)
      state.isExhausted = offsets.count < count
      state.nextIndex += offsets.count
      return (NameBlock(state.bytes), offsets, first)
    }
    guard let block else { return [] }
    return offsets.enumerated().map { position, offset in
      NumberedName(index: first + position, name: FileName(address: block.address + offset, owner: block))
    }
  }

  private final class NameBlock: @unchecked Sendable {
    let address: UnsafePointer<CChar>

    init(_ bytes: [CChar]) {
      let memory = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, bytes.count))
      bytes.withUnsafeBufferPointer { memory.initialize(from: $0.baseAddress!, count: $0.count) }
      address = UnsafePointer(memory)
    }

    deinit { address.deallocate() }
  }
}
