import Synchronization
import SystemPackage

/// Deals a batch's operations out, one job each, and keeps what they came to in their order.
final class BatchSource: JobSource {
  private struct State {
    var next = 0
    var completions: [Completion]
  }

  private let operations: [Operation]
  private let state: Mutex<State>

  init(_ operations: [Operation]) {
    self.operations = operations
    // What is never started was cancelled.
    state = Mutex(State(completions: operations.map { _ in .failed(.canceled) }))
  }

  func next(for lane: Lane) -> Pull {
    let index = state.withLock { state -> Int? in
      guard state.next < operations.count else { return nil }
      defer { state.next += 1 }
      return state.next
    }
    guard let index else { return .end }
    return .job(BatchJob(operations[index], at: index))
  }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
    guard let job = job as? BatchJob, let completion = job.completion else { return }
    state.withLock { $0.completions[job.index] = completion }
  }

  var completions: [Completion] { state.withLock { $0.completions } }
}

/// One operation of a batch.
final class BatchJob: Job {
  let index: Int
  private let operation: Operation
  private(set) var completion: Completion?

  init(_ operation: Operation, at index: Int) {
    self.operation = operation
    self.index = index
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    guard let completion = completions.first else { return .perform(operation) }
    self.completion = completion
    // The batch hands the completion itself over; the outcome is not looked at.
    return .finish(.success(0))
  }
}
