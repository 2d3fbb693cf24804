import Synchronization

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
  private let opened = Mutex<(engine: any Engine, reason: String)?>(nil)

  init(choice: EngineChoice, workers: Int?, depth: Int?) {
    self.choice = choice
    self.workers = workers
    self.depth = depth
  }

  /// Two rings, so that the direct and the buffered half of a copy each have a thread of their own; more
  /// gain only where there are files for them.
  static var defaultRingCount: Int { max(2, min(coreCount, 4)) }

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
    return (SequentialEngine(), "a small file: starting more takes longer than copying it")
  }

  /// Drains and ends the engine, if one was needed.
  func shutdown() { opened.withLock { $0 }?.engine.shutdown() }

  private func make() throws(FileIOError) -> (engine: any Engine, reason: String) {
    switch choice {
    case .sequential: return (SequentialEngine(), "asked for")
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

  private func makePool() -> PoolEngine { PoolEngine(workerCount: workers ?? Self.defaultPoolWorkerCount) }

  private func makeRings() throws(FileIOError) -> any Engine {
    #if LINUX && canImport(CLiburing)
      // The completion queue, twice as long, holds every chunk of the wanted depth.
      let entries = max(64, depth ?? 0)
      return try RingEngine(workerCount: workers ?? Self.defaultRingCount, entries: entries)
    #else
      throw FileIOError(.noFunction, during: .startEngine)
    #endif
  }
}
