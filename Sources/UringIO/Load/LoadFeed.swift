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
    var offsets: [Int] = []
    /// Appends the next path, and false where there is none. Called by one thread at a time.
    var append: (inout [CChar]) -> Bool
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
  ) -> (inout [CChar]) -> Bool {
    // The iterator is made where it is used first, and only that closure ever touches it.
    var iterator: Paths.Iterator?
    return { bytes in
      if iterator == nil { iterator = paths.makeIterator() }
      guard let path = iterator!.next() else { return false }
      append(path, &bytes)
      return true
    }
  }

  /// The next paths, at most so many; fewer only at the end. Their bytes lie in one piece of memory.
  func take(_ count: Int) -> [NumberedName] {
    state.withLock { state in
      guard !state.isExhausted, count > 0 else { return [] }
      state.bytes.removeAll(keepingCapacity: true)
      state.offsets.removeAll(keepingCapacity: true)
      while state.offsets.count < count {
        let offset = state.bytes.count
        guard state.append(&state.bytes) else {
          state.isExhausted = true
          break
        }
        state.bytes.append(0)
        state.offsets.append(offset)
      }
      let block = NameBlock(state.bytes)
      let first = state.nextIndex
      state.nextIndex += state.offsets.count
      return state.offsets.enumerated().map { position, offset in
        NumberedName(
          index: first + position, name: FileName(address: block.address + offset, owner: block))
      }
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
