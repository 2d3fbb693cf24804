import SystemPackage

@testable import UringIO

/// Makes a number of jobs, one at each pull, and keeps the books.
final class CountingSource: JobSource {
  struct Books: Sendable {
    var pullCount = 0
    var jobCount = 0
    var inFlight = 0
    var inFlightMax = 0
    /// The jobs that are alive, by their identity, with their numbers.
    var numbers: [ObjectIdentifier: Int] = [:]
    /// Outcomes by the jobs' numbers.
    var outcomes: [Int: Result<Int, FileIOError>] = [:]
    /// The jobs' numbers in the order they finished.
    var finished: [Int] = []
    /// `finished` was called for what is no job in flight.
    var strayFinishCount = 0
  }

  private let count: Int
  private let lane: Lane?
  private let make: @Sendable (Int) -> any Job
  private let shared = Shared(Books())

  /// - Parameters:
  ///   - lane: the only lane that gets jobs; `nil`: all do.
  ///   - make: makes the job of that number, counted from 0.
  init(_ count: Int, lane: Lane? = nil, make: @escaping @Sendable (Int) -> any Job) {
    self.count = count
    self.lane = lane
    self.make = make
  }

  var books: Books { shared.value }
  var outcomes: [Int: Result<Int, FileIOError>] { books.outcomes }
  var successCount: Int { outcomes.values.filter { $0.error == nil }.count }

  func next(for lane: Lane) -> Pull {
    let number = shared.update { books -> Int? in
      books.pullCount += 1
      guard self.lane == nil || self.lane == lane, books.jobCount < count else { return nil }
      defer { books.jobCount += 1 }
      books.inFlight += 1
      books.inFlightMax = max(books.inFlightMax, books.inFlight)
      return books.jobCount
    }
    guard let number else { return .end }
    let job = make(number)
    shared.update { $0.numbers[ObjectIdentifier(job)] = number }
    return .job(job)
  }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
    shared.update { books in
      guard let number = books.numbers.removeValue(forKey: ObjectIdentifier(job)) else {
        books.strayFinishCount += 1
        return
      }
      books.inFlight -= 1
      books.outcomes[number] = outcome
      books.finished.append(number)
    }
  }

  /// Whether each of `count` jobs was finished, once.
  func finishedEachOnce(_ count: Int) -> Bool {
    books.strayFinishCount == 0 && books.inFlight == 0 && books.finished.sorted() == Array(0..<count)
  }
}

/// Hands out one job at a time, when a test says so; answers `.wait` in between.
final class WakingSource: JobSource {
  private struct State: Sendable {
    var jobsToGive = 0
    var isClosed = false
    var pullCount = 0
    var finishedCount = 0
    var wake: (@Sendable () -> Void)?
    var firstWait: Gate?
  }
  private let state = Shared(State())
  private let make: @Sendable () -> any Job

  init(make: @escaping @Sendable () -> any Job) { self.make = make }

  var pullCount: Int { state.value.pullCount }
  var finishedCount: Int { state.value.finishedCount }

  /// Opens when the engine is told to wait.
  func gateOfNextWait() -> Gate {
    let gate = Gate()
    state.update { $0.firstWait = gate }
    return gate
  }

  /// Offers a job and wakes the engine.
  func offer() {
    state.update { state -> (@Sendable () -> Void)? in
      state.jobsToGive += 1
      return state.wake
    }?()
  }

  /// There will be nothing more.
  func close() {
    state.update { state -> (@Sendable () -> Void)? in
      state.isClosed = true
      return state.wake
    }?()
  }

  func wakeForNothing() { state.value.wake?() }

  func attach(_ wake: @escaping @Sendable () -> Void) { state.update { $0.wake = wake } }

  func next(for lane: Lane) -> Pull {
    enum Answer: Sendable {
      case job
      case wait(Gate?)
      case end
    }
    let answer = state.update { state -> Answer in
      state.pullCount += 1
      if state.jobsToGive > 0 {
        state.jobsToGive -= 1
        return .job
      }
      defer { state.firstWait = nil }
      return state.isClosed ? .end : .wait(state.firstWait)
    }
    switch answer {
    case .job: return .job(make())
    case .wait(let gate):
      gate?.open()
      return .wait
    case .end: return .end
    }
  }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
    state.update { $0.finishedCount += 1 }
  }
}
