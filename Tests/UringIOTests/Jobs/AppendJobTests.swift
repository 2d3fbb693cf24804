import SystemPackage
import Testing

@testable import UringIO

/// The job alone, with made-up completions: no file, no kernel.
@Suite struct AppendJobTests {
  private static let path = PathBytes(Array("log".utf8))
  /// Three records of 10, 20 and 5 bytes.
  private static let ends = [10, 30, 35]

  private final class Run {
    let job: AppendJob
    let buffer: BufferSlice
    private(set) var operations: [Operation] = []
    private(set) var isFinished = false

    init(
      ends: [Int] = AppendJobTests.ends, isDurable: Bool = false, isRegular: Bool = true,
      bytesBefore: Int64 = 0
    ) throws {
      let target = AppendTarget(descriptor: .standardInput, path: AppendJobTests.path, isRegular: isRegular)
      job = AppendJob(target, ends: ends, isDurable: isDurable, bytesBefore: bytesBefore)
      buffer = try AlignedBuffer(byteCount: 4096)[0..<ends.last!]
      step(Completions())
    }

    private func step(_ completions: Completions) {
      switch job.next(after: completions, buffer: buffer) {
      case .perform(let operation), .performInline(let operation): operations.append(operation)
      case .finish: isFinished = true
      case .chain, .compute: Issue.record("an append has neither chains nor computations")
      }
    }

    /// Answers the operation asked for last, which must be of that kind.
    func answer(_ kind: UringIO.Operation.Kind, _ completion: Completion) throws {
      try #require(!isFinished)
      try #require(operations.last?.kind == kind, "\(operations.map(\.kind))")
      step(Completions(completion))
    }

    func answer(_ kind: UringIO.Operation.Kind, _ count: Int) throws { try answer(kind, .count(count)) }

    /// The bytes that the last operation is to write.
    var asked: Range<Int>? {
      guard case .write(_, let slice, nil, _) = operations.last else { return nil }
      return slice.offset - buffer.offset..<slice.offset - buffer.offset + slice.count
    }

    /// Answers a status with a size.
    func answerStatus(size: Int64) throws {
      guard case .status(_, let box) = operations.last else { throw TestFailure("no status was asked") }
      try withScratch { scratch in
        try scratch.write("file", [])
        scratch.resize("file", to: Int(size))
        let file = try scratch.open("file")
        defer { try? file.close() }
        #expect(box.fill(file) == 0)
      }
      try answer(.status, 0)
    }
  }

  private func failure(_ run: AppendJob.Run) throws -> FileIOError {
    guard case .failed(let error) = run.outcome else { throw TestFailure("\(run) has not failed") }
    return error
  }

  @Test func `a batch is locked, written with one write, located and unlocked`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    #expect(run.asked == 0..<35)
    try run.answer(.write, 35)
    try run.answer(.position, 135)
    try run.answer(.unlock, 0)
    #expect(run.isFinished)
    #expect(run.job.runs == [.init(range: 0..<35, outcome: .written(at: 100))])
  }

  @Test func `a durable batch is synced once, after the lock was given back`() throws {
    let run = try Run(isDurable: true)
    try run.answer(.lock, 0)
    try run.answer(.write, 35)
    try run.answer(.position, 35)
    try run.answer(.unlock, 0)
    guard case .synchronize(_, dataOnly: true) = run.operations.last else {
      throw TestFailure("it was not synced")
    }
    try run.answer(.synchronize, 0)
    #expect(run.isFinished)
    #expect(run.job.runs == [.init(range: 0..<35, outcome: .written(at: 0))])
  }

  @Test func `a short write is continued at once, under the same lock`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 12)
    try run.answer(.position, 112)
    #expect(run.asked == 12..<35)
    try run.answer(.write, 1)
    try run.answer(.position, 113)
    #expect(run.asked == 13..<35)
    try run.answer(.write, 22)
    try run.answer(.position, 135)
    try run.answer(.unlock, 0)
    #expect(run.job.runs == [.init(range: 0..<35, outcome: .written(at: 100))])
  }

  @Test(arguments: [Errno.noSpace, .diskQuotaExceeded, .fileTooLarge])
  func `a torn tail is cut, smaller records behind it are tried, larger ones fail`(_ errno: Errno) throws {
    let run = try Run(ends: [10, 30, 35, 60])
    try run.answer(.lock, 0)
    try run.answer(.write, 17)
    try run.answer(.position, 117)
    try run.answer(.write, .failed(errno))
    try run.answerStatus(size: 117)
    guard case .truncate(_, to: 110) = run.operations.last else { throw TestFailure("it was not cut") }
    try run.answer(.truncate, 0)
    #expect(run.asked == 30..<35)
    try run.answer(.write, 5)
    try run.answer(.position, 115)
    try run.answer(.unlock, 0)
    #expect(run.isFinished)
    let runs = run.job.runs
    try #require(runs.count == 4)
    #expect(runs[0] == .init(range: 0..<10, outcome: .written(at: 100)))
    #expect(runs[2] == .init(range: 30..<35, outcome: .written(at: 110)))
    for (index, range) in [(1, 10..<30), (3, 35..<60)] {
      #expect(runs[index].range == range)
      let error = try failure(runs[index])
      #expect(error.errno == errno && error.activity == .append && error.offset == nil)
    }
  }

  @Test func `any other error fails the rest of the batch without another try`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 10)
    try run.answer(.position, 10)
    try run.answer(.write, .failed(.ioError))
    try run.answer(.unlock, 0)
    let runs = run.job.runs
    try #require(runs.count == 2)
    #expect(runs[0] == .init(range: 0..<10, outcome: .written(at: 0)))
    #expect(runs[1].range == 10..<35)
    #expect(try failure(runs[1]).errno == .ioError)
  }

  @Test func `a write of no bytes is an error, not asked for ever`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 0)
    try run.answer(.unlock, 0)
    #expect(try failure(run.job.runs[0]).errno == .ioError)
  }

  @Test func `a torn tail that is not the end any more stays, and the error says where`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 12)
    try run.answer(.position, 112)
    try run.answer(.write, .failed(.noSpace))
    try run.answerStatus(size: 200)
    try run.answer(.write, 5)
    try run.answer(.position, 205)
    try run.answer(.unlock, 0)
    let runs = run.job.runs
    try #require(runs.count == 3)
    let error = try failure(runs[1])
    #expect(error.offset == 110)
    #expect(error.note?.contains("another writer") == true)
    #expect(runs[2] == .init(range: 30..<35, outcome: .written(at: 200)))
  }

  @Test func `a torn tail stays where it could not be cut or its end is unknown`() throws {
    for refusesStatus in [true, false] {
      let run = try Run(ends: [10])
      try run.answer(.lock, 0)
      try run.answer(.write, 3)
      try run.answer(.position, 3)
      try run.answer(.write, .failed(.noSpace))
      if refusesStatus {
        try run.answer(.status, .failed(.ioError))
      } else {
        try run.answerStatus(size: 3)
        try run.answer(.truncate, .failed(.notPermitted))
      }
      try run.answer(.unlock, 0)
      let error = try failure(run.job.runs[0])
      #expect(error.offset == 0 && error.errno == .noSpace)
      #expect(error.note?.contains("stays in the file") == true)
    }
  }

  @Test func `without a lock appending goes on, but nothing is cut`() throws {
    let run = try Run()
    try run.answer(.lock, .failed(.noLocks))
    #expect(run.job.lockRefusal == .noLocks)
    try run.answer(.write, 12)
    try run.answer(.position, 12)
    try run.answer(.write, .failed(.noSpace))
    try run.answer(.write, .failed(.noSpace))
    #expect(run.isFinished)
    let runs = run.job.runs
    try #require(runs.count == 3)
    #expect(try failure(runs[1]).offset == 10)
    #expect(try failure(runs[2]).offset == nil)
  }

  @Test func `a record with another writer's bytes inside fails, those around it are where they are`() throws
  {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 12)
    try run.answer(.position, 112)
    // Somebody appended 7 bytes in between.
    try run.answer(.write, 23)
    try run.answer(.position, 142)
    try run.answer(.unlock, 0)
    let runs = run.job.runs
    try #require(runs.count == 3)
    #expect(runs[0] == .init(range: 0..<10, outcome: .written(at: 100)))
    #expect(try failure(runs[1]).offset == 110)
    #expect(runs[2] == .init(range: 30..<35, outcome: .written(at: 137)))
  }

  @Test func `records stay whole where another writer appended exactly between two`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 10)
    try run.answer(.position, 110)
    try run.answer(.write, 25)
    try run.answer(.position, 235)
    try run.answer(.unlock, 0)
    #expect(
      run.job.runs == [
        .init(range: 0..<10, outcome: .written(at: 100)), .init(range: 10..<35, outcome: .written(at: 210)),
      ])
  }

  @Test func `a position that is unknown fails the records, which were appended`() throws {
    let run = try Run()
    try run.answer(.lock, 0)
    try run.answer(.write, 35)
    try run.answer(.position, .failed(.illegalSeek))
    try run.answer(.unlock, 0)
    #expect(try failure(run.job.runs[0]).note?.contains("was appended") == true)
  }

  @Test func `a sync that failed fails what was written, and says that it may be lost`() throws {
    let run = try Run(isDurable: true)
    try run.answer(.lock, 0)
    try run.answer(.write, 10)
    try run.answer(.position, 10)
    try run.answer(.write, .failed(.ioError))
    try run.answer(.unlock, 0)
    try run.answer(.synchronize, .failed(.noSpace))
    let runs = run.job.runs
    try #require(runs.count == 2)
    #expect(try failure(runs[0]).activity == .synchronize)
    #expect(try failure(runs[1]).activity == .append)
  }

  @Test func `what was not written at all is not synced`() throws {
    let run = try Run(isDurable: true)
    try run.answer(.lock, 0)
    try run.answer(.write, .failed(.ioError))
    try run.answer(.unlock, 0)
    #expect(run.isFinished)
  }

  @Test func `a device has no lock and no position, is polled, and counts its bytes`() throws {
    let run = try Run(isDurable: true, isRegular: false, bytesBefore: 1000)
    try run.answer(.write, .failed(.resourceTemporarilyUnavailable))
    try run.answer(.poll, 4)
    try run.answer(.write, 20)
    #expect(run.asked == 20..<35)
    try run.answer(.write, 15)
    #expect(run.isFinished)
    #expect(run.job.runs == [.init(range: 0..<35, outcome: .written(at: 1000))])
  }

  @Test func `a poll that is cancelled fails what is left`() throws {
    let run = try Run(isRegular: false)
    try run.answer(.write, .failed(.resourceTemporarilyUnavailable))
    try run.answer(.poll, .failed(.canceled))
    #expect(run.isFinished)
    #expect(try failure(run.job.runs[0]).isCancellation)
  }
}
