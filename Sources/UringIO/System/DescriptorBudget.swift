import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a process may have open, shared out among the calls that have many files open at the same time.
///
/// A call plans for what it is offered when it begins, and claims what that plan may come to; the next one is
/// offered what is left. Nobody waits: a load whose files are taken slowly may go on for ever. Where hardly
/// anything is left a call still gets the little it cannot do without, from what is kept back for others.
package final class DescriptorBudget: Sendable {
  /// This process's own (`RLIMIT_NOFILE`).
  package static let process = DescriptorBudget(limit: processLimit)

  /// Descriptors of others: the program's, the engines', those of single files.
  static let reserve = 24

  private let limit: @Sendable () -> Int
  private let claimed = Mutex(0)

  /// - Parameter limit: how many descriptors there may be; asked each time, for a program may raise it.
  package init(limit: @escaping @Sendable () -> Int) { self.limit = limit }

  /// Some of the budget; given back when it is dropped, or before.
  final class Share: Sendable {
    private let budget: DescriptorBudget
    private let count: Mutex<Int>

    fileprivate init(_ budget: DescriptorBudget, _ count: Int) {
      self.budget = budget
      self.count = Mutex(count)
    }

    deinit { giveBack() }

    func giveBack() {
      let count = count.withLock { count -> Int in
        defer { count = 0 }
        return count
      }
      budget.claimed.withLock { $0 -= count }
    }
  }

  /// Plans for what is left.
  ///
  /// - Parameter plan: gets the number of descriptors the call may count with as though it were the process's
  ///   limit, the reserve included, and returns its plan with how many that may have open at once.
  func share<Plan>(_ plan: (_ limit: Int) -> (plan: Plan, descriptorCount: Int)) -> (Plan, Share) {
    let limit = limit()
    return claimed.withLock { claimed in
      // A fifth stays for whoever comes next, so that the first does not take all where there are few.
      let free = max(0, limit - Self.reserve - claimed)
      let (plan, count) = plan(Self.reserve + free - free / 5)
      claimed += count
      DescriptorTable.growMeanwhile(to: Self.reserve + claimed)
      return (plan, Share(self, count))
    }
  }

  private static func processLimit() -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return 256 }
    return Int(min(limit.rlim_cur, 1 << 20))
  }
}
