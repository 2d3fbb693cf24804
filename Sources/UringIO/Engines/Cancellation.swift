import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A request to end early, shared by all who must hear of it. Once made it stays.
///
/// Whoever works between operations asks ``isCancelled``; who sleeps in `poll` is woken through a pipe,
/// which exists only once somebody polled; who must act gets a callback.
public final class Cancellation: Sendable {
  private struct State {
    var pipe: (read: CInt, write: CInt)?
    var handlers: [Int: @Sendable () -> Void] = [:]
    var nextHandler = 0
  }

  private let flag = Atomic<Bool>(false)
  private let state = Mutex(State())

  public init() {}

  deinit {
    state.withLock { state in
      guard let pipe = state.pipe else { return }
      _ = close(pipe.read)
      _ = close(pipe.write)
    }
  }

  public var isCancelled: Bool { flag.load(ordering: .acquiring) }

  /// Asks for the end. Safe from every thread (not from a signal handler), any number of times.
  public func cancel() {
    // Once is enough, and a pipe that is woken for ever would be full at last.
    guard !flag.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let handlers = state.withLock { state in
      if let pipe = state.pipe { Self.wake(pipe.write) }
      defer { state.handlers = [:] }
      return state.handlers.values.map { $0 }
    }
    for handler in handlers { handler() }
  }

  /// Calls `handler` once when cancelled, at once if that has happened already.
  ///
  /// - Returns: a token for ``removeHandler(_:)``.
  package func addHandler(_ handler: @escaping @Sendable () -> Void) -> Int {
    let token = state.withLock { state -> Int? in
      // The flag is set before the handlers are taken under this lock, so none is missed.
      guard !isCancelled else { return nil }
      state.nextHandler += 1
      state.handlers[state.nextHandler] = handler
      return state.nextHandler
    }
    guard let token else {
      handler()
      return 0
    }
    return token
  }

  package func removeHandler(_ token: Int) {
    state.withLock { _ = $0.handlers.removeValue(forKey: token) }
  }

  /// A descriptor that can be read from once cancelled, to be polled beside another one; `nil` where no
  /// pipe could be made.
  package func wakeUpDescriptor() -> CInt? {
    state.withLock { state in
      if let pipe = state.pipe { return pipe.read }
      var ends: [CInt] = [0, 0]
      guard pipe(&ends) == 0 else { return nil }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      state.pipe = (ends[0], ends[1])
      if isCancelled { Self.wake(ends[1]) }
      return ends[0]
    }
  }

  private static func wake(_ descriptor: CInt) {
    var byte: UInt8 = 1
    // The pipe is empty or already has the byte that wakes; either way it can be read from.
    _ = write(descriptor, &byte, 1)
  }
}
