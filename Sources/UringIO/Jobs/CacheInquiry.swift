import SystemPackage

/// What is known of one file's being cached while it is read, and how it is read therefore.
///
/// As long as ``asks``, a read takes only what is cached. Where the file system has no such read, the kernel is
/// asked once for the whole file (`cachestat`); what is known to be cached, or in memory, is then read by plain calls.
struct CacheInquiry {
  /// The next read takes only what is cached.
  private(set) var asks: Bool
  private var isKnownCached = false

  init(asks: Bool = false) { self.asks = asks }

  func read(_ descriptor: FileDescriptor, into slice: BufferSlice, at offset: Int64) -> Step {
    let read = Operation.read(descriptor, into: slice, at: offset, asks ? .cachedOnly : [])
    return isKnownCached ? .performInline(read) : .perform(read)
  }

  /// From here on whatever is not there is waited for.
  mutating func stop() { asks = false }

  /// Whether the next read waits for what is not there, and may be the ring's.
  var waits: Bool { !asks && !isKnownCached }

  // MARK: A read that failed

  enum Refusal {
    /// That is the file's own error.
    case error
    /// The kernel is to be asked: ``question(_:size:on:_:)``.
    case unknown
    /// The read is to be made again, and waits; whether the file was found not to be cached.
    case waits(isUncached: Bool)
  }

  /// - Parameter size: what the file said it had; of one that said nothing nobody can tell.
  mutating func refused(_ errno: Errno, size: Int64) -> Refusal {
    guard asks, Self.isNoAnswer(errno) else { return .error }
    if errno == .notSupported, size > 0 { return .unknown }
    asks = false
    return .waits(isUncached: errno == .resourceTemporarilyUnavailable)
  }

  /// Whether a read of what is cached failed because nothing is, or because there is no such way to ask; any other
  /// error is the file's.
  static func isNoAnswer(_ errno: Errno) -> Bool {
    switch errno {
    case .resourceTemporarilyUnavailable, .notSupported, .invalidArgument, .noFunction: true
    default: false
    }
  }

  // MARK: Asking the kernel

  /// Whether the file system is known to have no read that could tell.
  func needsKernel(size: Int64, on device: UInt64, _ temperature: CacheTemperature) -> Bool {
    asks && size > 0 && temperature.isSilent(device)
  }

  /// - Returns: `nil` where the answer is known: the file is in memory.
  mutating func question(
    _ descriptor: FileDescriptor, size: Int64, on device: UInt64, _ temperature: CacheTemperature
  ) -> Step? {
    asks = false
    if device == temperature.memoryDevice || FileSystemKind.of(descriptor) == .tmpfs {
      temperature.foundMemory(device)
      temperature.foundCached()
      isKnownCached = true
      return nil
    }
    temperature.foundMute(device)
    return .perform(.cacheStatus(descriptor, 0..<size))
  }

  /// - Returns: whether the whole file is cached.
  mutating func answered(_ completion: Completion, size: Int64, _ temperature: CacheTemperature) -> Bool {
    guard case .count(let count) = completion, Int64(count) >= size else { return false }
    isKnownCached = true
    temperature.foundCached()
    return true
  }
}
