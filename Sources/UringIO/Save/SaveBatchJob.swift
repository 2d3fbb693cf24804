/// Saves some small files, one after another: what a worker takes at once, so that it asks the source, which has a
/// lock, once for all of them.
final class SaveBatchJob: Job {
  private(set) var jobs: [SaveJob]
  let dealtAt = MonotonicTime.nanoseconds()
  /// What the files came to, in their order. Those behind were not begun, and are somebody's to be dealt again.
  private(set) var outcomes: [Result<Int, FileIOError>] = []
  private let source: SaveSource
  /// The bytes of this file and those that follow, made in one go.
  private var made: MadeAhead?
  private var state = State.between

  private enum State { case between, making, saving }

  init(_ jobs: [SaveJob], source: SaveSource) {
    self.jobs = jobs
    self.source = source
    outcomes.reserveCapacity(jobs.count)
  }

  var notBegun: ArraySlice<SaveJob> { jobs[outcomes.count...] }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    var completions = completions
    if state == .making { state = .between }
    while outcomes.count < jobs.count {
      let job = jobs[outcomes.count]
      if state == .between {
        completions = Completions()
        if let answer = made?.takeAnswer(for: outcomes.count) {
          completions = Completions(answer)
        } else {
          // What was made is written whatever happens; what was not can be left to others.
          guard outcomes.isEmpty || source.goesOn(with: self) else { break }
          if source.makesAhead, job.isMade, let made = MadeAhead(jobs, from: outcomes.count, buffer) {
            self.made = made
            state = .making
            return .compute(made.make)
          }
        }
        state = .saving
      }
      let step = job.next(after: completions, buffer: buffer)
      guard case .finish(let outcome) = step else {
        if case .perform(.poll) = step { leaveOthers() }
        return step
      }
      state = .between
      outcomes.append(outcome)
      source.ended(outcome)
    }
    return .finish(.success(0))
  }

  /// The file is a stream that somebody reads, and who knows when: what is behind it does not wait for that.
  private func leaveOthers() {
    let kept = max(outcomes.count + 1, made?.end ?? 0)
    guard kept < jobs.count else { return }
    source.giveBack(jobs[kept...])
    jobs.removeSubrange(kept...)
  }
}

/// The bytes of a batch's files, made ahead in one step: handing a step to another thread and back takes longer
/// than making a small file.
private final class MadeAhead: @unchecked Sendable {
  /// No more is made ahead than stays in a core's cache, nor for longer than others should wait.
  private static let byteCountMax = 256 << 10
  private static let nanosecondsMax: UInt64 = 300_000

  private let jobs: ArraySlice<SaveJob>
  private var works: [@Sendable () -> Completion] = []
  private var answers: [Completion] = []

  /// - Returns: `nil` where the first of them has nothing to be made (the save was cancelled).
  init?(_ jobs: [SaveJob], from first: Int, _ buffer: BufferSlice) {
    self.jobs = jobs[first...]
    for job in self.jobs {
      // Asking a job that has not begun is asking it to begin again.
      guard job.isMade, case .compute(let work) = job.next(after: Completions(), buffer: buffer) else {
        break
      }
      works.append(work)
    }
    if works.isEmpty { return nil }
  }

  @Sendable func make() -> Completion {
    let start = MonotonicTime.nanoseconds()
    var byteCount = 0
    for work in works {
      answers.append(work())
      byteCount += jobs[jobs.startIndex + answers.count - 1].madeByteCount
      if byteCount >= Self.byteCountMax || MonotonicTime.nanoseconds() - start >= Self.nanosecondsMax {
        break
      }
    }
    return .count(answers.count)
  }

  /// Where the files that were made end.
  var end: Int { jobs.startIndex + answers.count }

  /// What making this file came to; `nil` where it was not made.
  func takeAnswer(for position: Int) -> Completion? {
    let position = position - jobs.startIndex
    return answers.indices.contains(position) ? answers[position] : nil
  }
}
