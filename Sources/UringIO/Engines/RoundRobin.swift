import Synchronization

/// Deals out consecutive numbers.
final class RoundRobin: Sendable {
  private let next = Atomic<Int>(0)

  /// The first of `count` numbers nobody else gets; they wrap around.
  func take(_ count: Int) -> Int {
    next.wrappingAdd(count, ordering: .relaxed).oldValue & Int(Int32.max)
  }
}
