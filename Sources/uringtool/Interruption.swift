import CCommandLine
import Synchronization
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns the signals that end a program into an error at the next step, so that what is temporary can be
/// removed, and ends the process that is waited for.
final class Interruption: Sendable {
  private struct State {
    var signalNumber: CInt = 0
    var child: pid_t?
  }

  private let state = Mutex(State())
  /// Cancelled by the first signal, for what can be woken.
  let cancellation = Cancellation()
  /// Whether a second signal, a second after the first, ends the process where it stands.
  private let endsWhenInsistedOn: Bool

  /// Before any other thread exists: they inherit the blocked signals, and one thread waits for them.
  init(endsWhenInsistedOn: Bool = false) {
    self.endsWhenInsistedOn = endsWhenInsistedOn
    commandBlockEndingSignals()
    commandReportInsteadOfDying()
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t(bitPattern: 0)
    #endif
    let box = Unmanaged.passRetained(self).toOpaque()
    let error = pthread_create(
      &thread, nil,
      { box in
        #if canImport(Darwin)
          Unmanaged<Interruption>.fromOpaque(box).takeUnretainedValue().wait()
        #else
          Unmanaged<Interruption>.fromOpaque(box!).takeUnretainedValue().wait()
        #endif
        return nil
      }, box)
    precondition(error == 0, "a thread for signals")
  }

  /// - Throws: `ToolError` with exit status 128 + the signal's number once there was one.
  func check() throws(ToolError) {
    let number = state.withLock { $0.signalNumber }
    if number != 0 { throw ToolError(message: "interrupted", exitStatus: 128 + number) }
  }

  /// Makes a process while no signal can fall between the check and the start.
  ///
  /// - Returns: what `spawn` returned, its process or its error; 0 and an error after a signal.
  func start(_ spawn: () -> Result<pid_t, ToolError>) throws(ToolError) -> pid_t {
    let result = state.withLock { state -> Result<pid_t, ToolError> in
      guard state.signalNumber == 0 else {
        return .failure(ToolError(message: "interrupted", exitStatus: 128 + state.signalNumber))
      }
      let spawned = spawn()
      if case .success(let child) = spawned { state.child = child }
      return spawned
    }
    return try result.get()
  }

  /// Takes the ended process's status, and lets go of its number before somebody else can have it.
  func reap<Value>(_ wait: () -> Value) -> Value {
    state.withLock { state in
      defer { state.child = nil }
      return wait()
    }
  }

  private func wait() {
    var first: ContinuousClock.Instant?
    while true {
      let number = commandWaitForEndingSignal()
      // timeout(1) and others send a signal twice at once: that is one request.
      if let first, endsWhenInsistedOn, ContinuousClock.now - first > .seconds(1) { _exit(128 + number) }
      first = first ?? .now
      state.withLock { state in
        if state.signalNumber == 0 { state.signalNumber = number }
        // With all it has started: it has a process group of its own.
        if let child = state.child { kill(-child, SIGTERM) }
      }
      // Who is woken asks `check` why.
      cancellation.cancel()
    }
  }
}
