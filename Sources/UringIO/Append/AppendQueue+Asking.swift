/// Asking what became of records, one by one and many at once.
extension AppendQueue {
  /// What became of a record, if that is known.
  func answer(_ batch: AppendBatch, _ start: Int) -> AppendBatch.Answer? {
    state.withLock { state in batch.isSettled ? hear(batch, start, in: &state) : nil }
  }

  func wait(_ batch: AppendBatch, _ start: Int, _ continuation: AppendBatch.Continuation) {
    var isToStart = false
    let answer = state.withLock { state -> AppendBatch.Answer? in
      if batch.isSettled { return hear(batch, start, in: &state) }
      batch.wait(for: start, continuation)
      isToStart = state.wantsWriter()
      return nil
    }
    if isToStart { self.start() }
    if let answer { continuation.resume(returning: answer) }
  }

  /// The first byte of a record, by its number in its batch.
  func start(of record: Int, in batch: AppendBatch) -> Int {
    state.withLock { _ in batch.start(of: record) }
  }

  /// What became of records of a settled batch: their offsets, or the first failure. All are heard of.
  func hear(_ records: Range<Int>, of batch: AppendBatch) -> Result<[Int64], FileIOError> {
    state.withLock { state in
      var offsets: [Int64] = []
      offsets.reserveCapacity(records.count)
      var failure: FileIOError?
      for record in records {
        switch batch.hear(batch.start(of: record)) {
        case .offset(let offset): offsets.append(offset)
        case .failed(let failed): failure = failure ?? failed.error
        }
      }
      if failure != nil { forget(batch, in: &state) }
      return failure.map { .failure($0) } ?? .success(offsets)
    }
  }

  private func hear(_ batch: AppendBatch, _ start: Int, in state: inout State) -> AppendBatch.Answer {
    let answer = batch.hear(start)
    if case .failed = answer { forget(batch, in: &state) }
    return answer
  }

  /// A batch whose failures all were heard of has none left for the next flush.
  private func forget(_ batch: AppendBatch, in state: inout State) {
    if batch.firstUnheard == nil { state.unheard.removeAll { $0.batch == batch.number } }
  }

  /// Resumes when every record that was added before is settled.
  func flush(_ continuation: UnsafeContinuation<Void, Never>) {
    var isToStart = false
    let isIdle = state.withLock { state -> Bool in
      if let gathering = state.gathering {
        gathering.flush(continuation)
        isToStart = state.wantsWriter()
      } else if state.isWriting {
        state.flushes.append(continuation)
      } else {
        return true
      }
      return false
    }
    if isToStart { start() }
    if isIdle { continuation.resume() }
  }

  /// The first failure, since somebody last asked here, of a record nobody has asked about.
  func takeUnheard() -> FileIOError? {
    state.withLock { state in
      defer { state.unheard = [] }
      return state.unheard.first?.error
    }
  }
}
