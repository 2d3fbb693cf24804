import CCommandLine
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

/// Turns the signals that end a program into a cancelled copy, so that its destination can be cleaned up.
final class Interruption: Sendable {
  let cancellation = Cancellation()
  private let signalNumber = Atomic<CInt>(0)

  /// Before any other thread exists: they inherit the blocked signals, and one thread waits for them.
  init() {
    commandBlockEndingSignals()
    commandReportInsteadOfDying()
    var thread = pthread_t(bitPattern: 0)
    let box = Unmanaged.passRetained(self).toOpaque()
    let error = pthread_create(
      &thread, nil,
      { box in
        let interruption = Unmanaged<Interruption>.fromOpaque(box!).takeUnretainedValue()
        interruption.wait()
        return nil
      }, box)
    precondition(error == 0, "a thread for signals")
  }

  /// 130 after SIGINT, 143 after SIGTERM; `nil` where there was none.
  var exitStatus: CInt? {
    let number = signalNumber.load(ordering: .acquiring)
    return number == 0 ? nil : 128 + number
  }

  private func wait() {
    signalNumber.store(commandWaitForEndingSignal(), ordering: .releasing)
    cancellation.cancel()
    // Whoever insists gets an end without clean-up: the copy may be stuck in a dead server. But timeout(1)
    // and others send a signal twice at once, to the process and to its group: that is one request.
    let first = ContinuousClock.now
    var number: CInt
    repeat { number = commandWaitForEndingSignal() } while ContinuousClock.now - first < .seconds(1)
    _exit(128 + number)
  }
}
