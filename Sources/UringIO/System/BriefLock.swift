#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A value behind a plain lock, for many threads that hold it for some ten nanoseconds each.
///
/// `Synchronization.Mutex` takes a priority-inheriting futex on Linux, which passes from thread to thread in turn:
/// threads that only add a record then run in lockstep.
final class BriefLock<Value>: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
    lock = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  @inline(__always)
  func withLock<Answer>(_ body: (inout Value) throws -> Answer) rethrows -> Answer {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
