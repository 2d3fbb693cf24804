import Testing

@testable import UringIO

/// The engines that one contract is tested on.
enum EngineUnderTest: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case ring, pool, sequential

  var testDescription: String { rawValue }

  /// The engines there are here: without the ring, and with a printed reason, where it is refused.
  static let available: [EngineUnderTest] = {
    guard let refusal = ringRefusal else { return allCases }
    print("skipped: every test of the ring engine (\(refusal))")
    return [.pool, .sequential]
  }()

  /// Those that have more than one job in flight.
  static let concurrent = available.filter { $0 != .sequential }

  static var hasRing: Bool { available.contains(.ring) }

  private static var ringRefusal: String? {
    switch RingProbe.probe() {
    case .success: nil
    case .failure(let refusal): refusal.reason
    }
  }

  /// - Parameter entries: a ring's submission queue entries; the other engines have none.
  func make(workerCount: Int = 2, entries: Int = 64) throws -> any Engine {
    switch self {
    case .pool: return PoolEngine(workerCount: workerCount)
    case .sequential: return SequentialEngine()
    case .ring:
      #if LINUX && canImport(CLiburing)
        return try RingEngine(workerCount: workerCount, entries: entries)
      #else
        throw TestFailure("this build has no ring engine")
      #endif
    }
  }

  /// The same engine as a user asks for it.
  var choice: EngineChoice {
    switch self {
    case .ring: .uring
    case .pool: .threads
    case .sequential: .sequential
    }
  }

  /// The same engine as a report names it.
  var kind: EngineKind {
    switch self {
    case .ring: .uring
    case .pool: .threads
    case .sequential: .sequential
    }
  }
}

/// Why a test could not be carried out, or must not go on.
struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
