import Dispatch
import Synchronization
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A large member's bytes on their way from the thread that reads the archive to the worker that writes them:
/// a few pieces at a time. Both sides may wait for the other.
final class PieceQueue: @unchecked Sendable {
  private static let capacity = 4
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var pieces: [[UInt8]] = []
  private var isClosed = false
  private var isAbandoned = false
  private var failure: TarFailure?

  init() {
    lock = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
    pthread_mutex_lock(lock)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(lock)
    }
    return try body()
  }

  /// False once nobody wants the bytes any more.
  func push(_ piece: [UInt8]) -> Bool {
    locked {
      while pieces.count >= Self.capacity, !isAbandoned { pthread_cond_wait(changed, lock) }
      if !isAbandoned { pieces.append(piece) }
      return !isAbandoned
    }
  }

  /// There are no more bytes: the member is whole, or the archive failed.
  func close(_ failure: TarFailure? = nil) {
    locked {
      isClosed = true
      self.failure = failure
    }
  }

  private func pop() throws -> [UInt8]? {
    try locked {
      while pieces.isEmpty, !isClosed { pthread_cond_wait(changed, lock) }
      guard pieces.isEmpty else { return pieces.removeFirst() }
      if let failure { throw failure }
      return nil
    }
  }

  private func abandon() {
    locked {
      isAbandoned = true
      pieces = []
    }
  }

  /// The bytes as a file's contents. When that is let go (the file is written, has failed, or was never begun)
  /// nobody wants them any more.
  var contents: FileToSave.Contents {
    let reader = Reader(self)
    return .pieces { output in
      guard let piece = try reader.queue.pop() else { return false }
      try output.append(piece)
      return true
    }
  }

  private final class Reader: Sendable {
    let queue: PieceQueue
    init(_ queue: PieceQueue) { self.queue = queue }
    deinit { queue.abandon() }
  }
}

extension TarFailure: CustomStringConvertible {
  var description: String { message }
}
