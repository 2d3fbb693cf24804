import SystemPackage
import Testing

@testable import UringIO

/// Files that a worker takes together. The pace is made up, so that no clock decides what is dealt.
struct SaveBatchTests {
  private struct Broken: Error {}

  private static let fast = BatchPace(fileCount: 1000)

  private func makeSource(
    _ files: [FileToSave], makesAhead: Bool = false, patience: UInt64 = .max,
    cancellation: Cancellation = Cancellation(), _ change: (inout SaveOptions) -> Void = { _ in }
  ) -> SaveSource {
    var options = SaveOptions()
    change(&options)
    var left = files[...]
    let source = SaveSource(
      options: options, cancellation: cancellation, progress: SaveProgressCounter(),
      pull: { left.popFirst().map { .file($0) } ?? .end })
    source.begin(roomCount: 1, makesAhead: makesAhead, pace: Self.fast, patience: patience)
    return source
  }

  private func files(_ count: Int, byteCount: Int = 1) -> [FileToSave] {
    (0..<count).map { FileToSave(FilePath("\($0)"), .bytes([UInt8](repeating: 1, count: byteCount))) }
  }

  /// The places of the files that the next job has.
  private func dealt(_ pull: Pull) -> [Int]? {
    guard case .job(let job) = pull else { return nil }
    return (job as? SaveBatchJob)?.jobs.map(\.index) ?? (job as? SaveJob).map { [$0.index] }
  }

  private func batch(_ pull: Pull) throws -> SaveBatchJob {
    guard case .job(let job) = pull, let batch = job as? SaveBatchJob else { throw TestFailure("no batch") }
    return batch
  }

  /// Answers everything a batch asks as if it had gone well, until `limit` files are saved.
  private func drive(_ batch: SaveBatchJob, until limit: Int = .max) throws -> DrivenJob {
    let job = DrivenJob(batch, try AlignedBuffer(byteCount: 4096).whole)
    while !job.step.isFinish, batch.outcomes.count < limit { answer(job) }
    return job
  }

  private func answer(_ job: DrivenJob) {
    if case .compute(let work) = job.step { return job.answer(work()) }
    if job.step.operation?.kind == .write { job.succeed() } else { job.answer(.count(7)) }
  }

  private func isWait(_ pull: Pull) -> Bool { if case .wait = pull { true } else { false } }
  private func isEnd(_ pull: Pull) -> Bool { if case .end = pull { true } else { false } }

  // MARK: What goes together

  @Test func `a pace starts with one file, doubles, and goes by the time that files take`() {
    #expect(BatchPace().next(128) == 1)
    #expect(BatchPace(fileCount: 1).next(128) == 2)
    #expect(BatchPace(fileCount: 100).next(128) == 128)
    #expect(BatchPace(fileCount: 100).next(5) == 5)
    #expect(BatchPace(fileCount: 100, nanosecondsEach: 30_000).next(128) == 10)
    #expect(BatchPace(fileCount: 100, nanosecondsEach: 1_000_000_000).next(128) == 1)
    var pace = BatchPace()
    pace.note(0, since: 0)
    #expect(pace.next(128) == 1)
    // Since the clock's start: for ever.
    pace.note(1, since: 0)
    #expect(pace.next(128) == 1)
  }

  @Test(arguments: [(nil, 128), (1, 1), (7, 7), (4096, 300)] as [(Int?, Int)])
  func `a batch has at most as many files as was asked for`(batch: Int?, count: Int) {
    let source = makeSource(files(300)) { $0.batch = batch }
    #expect(dealt(source.next(for: .any)) == Array(0..<count))
  }

  @Test func `files that are synced are dealt alone`() {
    let source = makeSource(files(10)) {
      $0.isDurable = true
      $0.batch = 8
    }
    #expect(dealt(source.next(for: .any)) == [0])
  }

  @Test func `large files, and those that come in pieces, end a batch`() {
    let large = makeSource(files(10, byteCount: 100 << 10))
    #expect(dealt(large.next(for: .any)) == [0, 1, 2])
    var mixed = files(5)
    mixed[2].contents = .pieces { _ in false }
    let source = makeSource(mixed)
    #expect(dealt(source.next(for: .any)) == [0, 1, 2])
    #expect(dealt(source.next(for: .any)) == [3, 4])
  }

  @Test func `a second entry for a file of a batch waits for the batch`() throws {
    let entries = ["a", "b", "./a", "c"].map { FileToSave(FilePath($0), .bytes([1])) }
    let source = makeSource(entries)
    let first = try batch(source.next(for: .any))
    #expect(first.jobs.map(\.index) == [0, 1])
    #expect(isWait(source.next(for: .any)))
    _ = try drive(first)
    source.finished(first, .success(0), in: 0)
    let second = source.next(for: .any)
    #expect(dealt(second)?.first == 2)
  }

  // MARK: What becomes of it

  @Test func `each file of a batch is in the report, and the end waits for the batch`() throws {
    let source = makeSource(files(5))
    let wakes = Shared(0)
    source.attach { wakes.update { $0 += 1 } }
    let job = try batch(source.next(for: .any))
    // It could still bring files back.
    #expect(isWait(source.next(for: .any)))
    let driven = try drive(job, until: 2)
    driven.answer(.failed(.noSpace))
    while !driven.step.isFinish { answer(driven) }
    source.finished(job, .success(0), in: 0)
    #expect(wakes.value == 1)
    #expect(isEnd(source.next(for: .any)))
    let report = source.end()
    #expect(report.fileCount == 4)
    #expect(report.byteCount == 4)
    #expect(report.failures.map(\.index) == [2])
  }

  @Test func `a batch that takes long leaves the rest to others`() throws {
    let source = makeSource(files(4), patience: 0)
    let wakes = Shared(0)
    source.attach { wakes.update { $0 += 1 } }
    let late = try batch(source.next(for: .any))
    #expect(isWait(source.next(for: .any)))
    _ = try drive(late)
    #expect(late.outcomes.count == 1)
    source.finished(late, .success(0), in: 0)
    #expect(wakes.value == 1)
    for index in 1...3 {
      let pull = source.next(for: .any)
      #expect(dealt(pull) == [index])
      guard case .job(let job) = pull else { return }
      source.finished(job, .success(1), in: 0)
    }
    #expect(isEnd(source.next(for: .any)))
    #expect(source.end().fileCount == 4)
  }

  @Test func `a file that waits for its reader does not keep those behind it`() throws {
    let source = makeSource(files(3))
    let job = try batch(source.next(for: .any))
    let driven = DrivenJob(job, try AlignedBuffer(byteCount: 4096).whole)
    driven.answer(.failed(.fileExists))
    driven.answer(.count(7))
    guard case .status(_, let box)? = driven.step.operation else { throw TestFailure("no status") }
    let null = try FileDescriptor.open("/dev/null", .readOnly)
    defer { try? null.close() }
    driven.answer(.count(box.fill(null)))
    driven.answer(.failed(.resourceTemporarilyUnavailable))
    #expect(driven.step.operation?.kind == .poll)
    #expect(dealt(source.next(for: .any)) == [1])
    #expect(dealt(source.next(for: .any)) == [2])
    while !driven.step.isFinish { answer(driven) }
    source.finished(job, .success(0), in: 0)
    #expect(source.end().fileCount == 1)
  }

  @Test func `after the first error the rest of a batch is left out where that was asked for`() throws {
    let source = makeSource(files(6)) { $0.stopsAtFirstError = true }
    let job = try batch(source.next(for: .any))
    let driven = try drive(job, until: 1)
    driven.answer(.failed(.noSpace))
    #expect(driven.step.isFinish)
    source.finished(job, .success(0), in: 0)
    #expect(isEnd(source.next(for: .any)))
    let report = source.end()
    #expect(report.fileCount == 1)
    #expect(report.failures.map(\.index) == [1])
  }

  @Test func `a cancelled batch begins nothing more`() throws {
    let cancellation = Cancellation()
    let source = makeSource(files(6), cancellation: cancellation)
    let job = try batch(source.next(for: .any))
    let driven = try drive(job, until: 2)
    cancellation.cancel()
    while !driven.step.isFinish { answer(driven) }
    source.finished(job, .success(0), in: 0)
    #expect(source.end().fileCount <= 3)
    #expect(job.outcomes.count <= 3)
  }

  // MARK: Bytes made ahead

  @Test func `the bytes of a batch are made in one step, each once, and one that fails is one failure`()
    throws
  {
    let calls = Shared([Int](repeating: 0, count: 6))
    let made = (0..<6).map { number -> FileToSave in
      FileToSave(
        FilePath("\(number)"),
        .writer { output in
          calls.update { $0[number] += 1 }
          if number == 3 { throw Broken() }
          try output.append("file \(number)")
        })
    }
    let source = makeSource(made, makesAhead: true)
    let job = try batch(source.next(for: .any))
    let driven = DrivenJob(job, try AlignedBuffer(byteCount: 4096).whole)
    var steps = 0
    while !driven.step.isFinish {
      if case .compute = driven.step { steps += 1 }
      answer(driven)
    }
    // Making may be cut short where it takes long; it is never repeated.
    #expect((1...6).contains(steps))
    #expect(calls.value == [Int](repeating: 1, count: 6))
    source.finished(job, .success(0), in: 0)
    let report = source.end()
    #expect(report.byteCount == 5 * 6)
    #expect(report.failures.map(\.index) == [3])
    #expect(report.failures.first?.error.cause == .thrown("Broken()"))
  }

  @Test func `no more is made ahead than stays in the cache`() throws {
    let made = (0..<4).map { number in
      FileToSave(FilePath("\(number)"), .producer { [UInt8](repeating: 1, count: 300 << 10) })
    }
    let source = makeSource(made, makesAhead: true)
    let driven = DrivenJob(try batch(source.next(for: .any)), try AlignedBuffer(byteCount: 1 << 20).whole)
    guard case .compute(let work) = driven.step else { throw TestFailure("nothing is made") }
    #expect(work() == .count(1))
  }

  // MARK: On the engines

  @Test(arguments: EngineUnderTest.available, [nil, 1, 4096] as [Int?])
  func `many small files of every kind are whole, and made once`(engine: EngineUnderTest, batch: Int?) throws
  {
    try withScratch { scratch in
      let count = 400
      let calls = Shared([Int](repeating: 0, count: count))
      let memory = try AlignedBuffer(byteCount: 4)
      for index in 0..<4 {
        memory.base.storeBytes(of: UInt8(ascii: "m"), toByteOffset: index, as: UInt8.self)
      }
      let files = (0..<count).map { number -> FileToSave in
        let text = "file \(number)"
        let make: @Sendable () -> [UInt8] = {
          calls.update { $0[number] += 1 }
          return Array(text.utf8)
        }
        let contents: FileToSave.Contents =
          switch number % 5 {
          case 0: .bytes(make())
          case 1: .producer(make)
          case 2: .writer { try $0.append(make()) }
          case 3:
            .pieces {
              try $0.append(make())
              return false
            }
          default: .memory(memory.whole)
          }
        return FileToSave(scratch.bytes("\(number)"), contents)
      }
      let report = try save(files, engine) { $0.batch = batch }
      try report.throwFirstFailure()
      #expect(report.fileCount == count)
      for number in 0..<count {
        #expect(try scratch.text("\(number)") == (number % 5 == 4 ? "mmmm" : "file \(number)"))
        #expect(calls.value[number] == (number % 5 == 4 ? 0 : 1))
      }
    }
  }

  // MARK: The queue

  @Test func `a queue is full by its files, or by their bytes, and goes on when it is half empty`() throws {
    for (queue, count) in [
      (SaveQueue(fileCountMax: 4), 4), (SaveQueue(fileCountMax: 100, byteCountMax: 20), 2),
    ] {
      let goesOn = Shared<[Bool]>([])
      for file in files(count - 1, byteCount: 10) { #expect(queue.push(file).answer == true) }
      #expect(queue.push(files(1, byteCount: 10)[0]).answer == nil)
      queue.whenRoom { answer in goesOn.update { $0.append(answer) } }
      #expect(goesOn.value.isEmpty)
      for _ in 0..<count / 2 { guard case .file = queue.pull() else { throw TestFailure("no file") } }
      #expect(goesOn.value == [true])
      queue.abandon()
      #expect(queue.push(files(1)[0]).answer == false)
    }
  }

  @Test func `a queue keeps the order, and nothing that was taken`() throws {
    final class Token: Sendable {}
    let queue = SaveQueue(fileCountMax: 1000)
    weak var token: Token?
    for round in 0..<10 {
      for number in 0..<50 {
        let held = Token()
        token = held
        let file = FileToSave(
          FilePath("\(round * 50 + number)"),
          .writer { _ in withExtendedLifetime(held) {} })
        #expect(queue.push(file).answer == true)
      }
      for number in 0..<50 {
        guard case .file(let file) = queue.pull() else { throw TestFailure("no file") }
        #expect(file.path.text == "\(round * 50 + number)")
      }
      #expect(token == nil)
    }
    #expect(isNothing(queue.pull()))
    queue.close()
    if case .end = queue.pull() {} else { Issue.record("it has not ended") }
  }

  private func isNothing(_ pulled: SaveSource.Pulled) -> Bool {
    if case .wait = pulled { true } else { false }
  }
}
