import Dispatch
import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which engine to use.
public enum EngineChoice: String, Sendable, CaseIterable {
  /// io_uring, or threads where it is refused.
  case auto
  /// io_uring, or an error where it is refused.
  case uring
  case threads
  case sequential
}

/// Picks and keeps an engine. It is made when it is first needed: a small file does not pay for rings.
final class EngineSelection: EngineProvider {
  private let choice: EngineChoice
  private let workers: Int?
  private let depth: Int?
  private let measuring: Measuring
  private let opened = Mutex<(engine: any Engine, reason: String)?>(nil)
  private let calls = Mutex(Calls())
  /// Entered by each call that is under way.
  private let underWay = DispatchGroup()

  private struct Calls {
    var isShutDown = false
    /// Of those that end only when somebody else goes on: loads, whose files are taken as their taker likes.
    var cancellations: [Int: Cancellation] = [:]
    var count = 0
  }

  init(choice: EngineChoice, workers: Int?, depth: Int?, measuring: Measuring) {
    self.choice = choice
    self.measuring = measuring
    self.workers = workers
    self.depth = depth
  }

  /// At least two rings, so that the direct and the buffered half of a copy each have a thread of their own, and
  /// one more than there are cores: whose files are not cached waits now and then for the file system's own blocks
  /// while it creates, and the core then has another thread (bench/README.md, "trees").
  static var defaultRingCount: Int { min(coreCount, 4) + 1 }

  /// A worker for the buffered half and as many for direct writes as keep a device busy: they mostly sleep
  /// (bench/README.md, "threads").
  static var defaultPoolWorkerCount: Int { max(CopyPlan.directDepth + 1, min(coreCount, 16)) }

  static var coreCount: Int { max(1, Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))) }

  func forLargeFiles() throws(FileIOError) -> (engine: any Engine, reason: String) {
    let result = opened.withLock { opened -> Result<(engine: any Engine, reason: String), FileIOError> in
      if let opened { return .success(opened) }
      do throws(FileIOError) {
        let made = try make()
        opened = made
        return .success(made)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  func forSmallFiles() throws(FileIOError) -> (engine: any Engine, reason: String) {
    guard choice == .auto else { return try forLargeFiles() }
    return (makeSequential(), "a small file: starting more takes longer than copying it")
  }

  // MARK: Calls

  /// A call begins; it may ask for an engine any number of times until ``endCall(_:)``, and only then.
  ///
  /// - Parameter cancellation: of a call that nobody can wait for; cancelled at a shutdown.
  /// - Returns: what ends it.
  /// - Throws: `EBADF` after a shutdown.
  func beginCall(cancelledAtShutdown cancellation: Cancellation? = nil) throws(FileIOError) -> Int {
    let token = calls.withLock { calls -> Int? in
      guard !calls.isShutDown else { return nil }
      underWay.enter()
      calls.count += 1
      calls.cancellations[calls.count] = cancellation
      return calls.count
    }
    guard let token else {
      throw FileIOError(.badFileDescriptor, during: .startEngine, note: "the engine was shut down")
    }
    return token
  }

  func endCall(_ token: Int) {
    calls.withLock { _ = $0.cancellations.removeValue(forKey: token) }
    underWay.leave()
  }

  var isShutDown: Bool { calls.withLock { $0.isShutDown } }

  /// Waits for the calls that are under way, then ends the engine, if one was needed.
  func shutdown() {
    let cancellations = calls.withLock { calls in
      calls.isShutDown = true
      return Array(calls.cancellations.values)
    }
    for cancellation in cancellations { cancellation.cancel() }
    underWay.wait()
    opened.withLock { $0 }?.engine.shutdown()
  }

  private func make() throws(FileIOError) -> (engine: any Engine, reason: String) {
    switch choice {
    case .sequential: return (makeSequential(), "asked for")
    case .threads: return (makePool(), "asked for")
    case .uring:
      switch RingProbe.probe() {
      case .success: return (try makeRings(), "asked for")
      case .failure(let refusal):
        throw FileIOError(refusal.errno, during: .startEngine, note: refusal.reason)
      }
    case .auto:
      switch RingProbe.probe() {
      case .success: return try makeRingsOrPool()
      case .failure(let refusal):
        return (makePool(), "io_uring is refused: \(refusal.reason)")
      }
    }
  }

  private func makeRingsOrPool() throws(FileIOError) -> (engine: any Engine, reason: String) {
    do throws(FileIOError) {
      return (try makeRings(), "the kernel offers io_uring")
    } catch {
      // The probe's small ring was allowed and the real ones were not (memory limits).
      return (makePool(), "io_uring is refused: \(error)")
    }
  }

  private func makeSequential() -> SequentialEngine { SequentialEngine(measuring: measuring) }

  private func makePool() -> PoolEngine {
    PoolEngine(workerCount: workers ?? Self.defaultPoolWorkerCount, measuring: measuring)
  }

  private func makeRings() throws(FileIOError) -> any Engine {
    #if LINUX && canImport(CLiburing)
      // The completion queue, twice as long, holds every chunk of the wanted depth.
      let entries = max(64, depth ?? 0)
      return try RingEngine(
        workerCount: workers ?? Self.defaultRingCount, entries: entries, measuring: measuring)
    #else
      throw FileIOError(.noFunction, during: .startEngine)
    #endif
  }
}
