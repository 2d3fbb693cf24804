import SystemPackage
import Testing

@testable import UringIO

/// The copy of what can only be read from start to end, with made-up completions.
@Suite struct StreamCopyJobTests {
  private static let source = FileDescriptor(rawValue: 1)
  private static let destination = FileDescriptor(rawValue: 2)
  private static let sourcePath = PathBytes(Array("/source".utf8))
  private static let destinationPath = PathBytes(Array("/destination".utf8))

  private let cancellation = Cancellation()
  private let progress = CopyProgressCounter()

  private func makeJob(waitsForWriter: Bool = false) throws -> DrivenJob {
    let job = StreamCopyJob(
      source: Self.source, destination: Self.destination, sourcePath: Self.sourcePath,
      destinationPath: Self.destinationPath, waitsForWriter: waitsForWriter, cancellation: cancellation,
      progress: progress)
    return DrivenJob(job, try AlignedBuffer(byteCount: 4096).whole)
  }

  private func failure(
    _ errno: Errno, _ activity: FileIOError.Activity, _ path: PathBytes, _ offset: Int64
  ) -> Asked {
    .failure(FileIOError(errno, during: activity, path: path, offset: offset))
  }

  @Test func `it reads at the file position, writes what it read, and ends with a read of nothing`() throws {
    let job = try makeJob()
    #expect(job.asked == .read(Self.source, 0..<4096, at: nil))
    job.answer(.count(1_000))
    #expect(job.asked == .write(Self.destination, 0..<1_000, at: nil))
    job.succeed()
    #expect(job.asked == .read(Self.source, 0..<4096, at: nil))
    job.answer(.count(7))
    #expect(job.asked == .write(Self.destination, 0..<7, at: nil))
    job.succeed()
    job.answer(.count(0))
    #expect(job.asked == .success(1_007))
    #expect(progress.copiedByteCount == 1_007)
  }

  @Test func `a FIFO is polled before it is read, lest it look ended without a writer`() throws {
    let job = try makeJob(waitsForWriter: true)
    #expect(job.asked == .poll(Self.source, .readable))
    job.answer(.count(1))
    #expect(job.asked == .read(Self.source, 0..<4096, at: nil))
  }

  @Test func `EAGAIN on reading polls and then reads again`() throws {
    let job = try makeJob()
    job.answer(.failed(.resourceTemporarilyUnavailable))
    #expect(job.asked == .poll(Self.source, .readable))
    job.answer(.count(1))
    #expect(job.asked == .read(Self.source, 0..<4096, at: nil))
  }

  @Test func `EAGAIN on writing polls and then goes on with what is left`() throws {
    let job = try makeJob()
    job.answer(.count(1_000))
    job.answer(.count(300))
    #expect(job.asked == .write(Self.destination, 300..<1_000, at: nil))
    job.answer(.failed(.resourceTemporarilyUnavailable))
    #expect(job.asked == .poll(Self.destination, .writable))
    job.answer(.count(4))
    #expect(job.asked == .write(Self.destination, 300..<1_000, at: nil))
    job.succeed()
    job.answer(.count(0))
    #expect(job.asked == .success(1_000))
  }

  @Test func `a write of nothing is an I/O error`() throws {
    let job = try makeJob()
    job.answer(.count(10))
    job.answer(.count(0))
    #expect(job.asked == failure(.ioError, .write, Self.destinationPath, 0))
  }

  @Test func `errors name the file and how far the copy had come`() throws {
    let reading = try makeJob()
    reading.answer(.count(50))
    reading.succeed()
    reading.answer(.failed(.ioError))
    #expect(reading.asked == failure(.ioError, .read, Self.sourcePath, 50))

    let writing = try makeJob()
    writing.answer(.count(50))
    writing.answer(.count(20))
    writing.answer(.failed(.noSpace))
    #expect(writing.asked == failure(.noSpace, .write, Self.destinationPath, 20))

    let polling = try makeJob(waitsForWriter: true)
    polling.answer(.failed(.canceled))
    #expect(polling.asked == failure(.canceled, .poll, Self.sourcePath, 0))

    let pollingToWrite = try makeJob()
    pollingToWrite.answer(.count(50))
    pollingToWrite.answer(.failed(.resourceTemporarilyUnavailable))
    pollingToWrite.answer(.failed(.canceled))
    #expect(pollingToWrite.asked == failure(.canceled, .poll, Self.destinationPath, 0))
  }

  @Test func `once cancelled it asks for nothing more`() throws {
    let job = try makeJob()
    job.answer(.count(100))
    job.succeed()
    cancellation.cancel()
    job.answer(.count(100))
    #expect(job.asked == failure(.canceled, .copy, Self.sourcePath, 100))
    #expect(try makeJob().asked == failure(.canceled, .copy, Self.sourcePath, 0))
  }

  @Test func `a source of one job gives it once and keeps its outcome`() throws {
    let job = ScriptedJob { _, _, _ in .finish(.success(3)) }
    let source = SingleJobSource(job)
    #expect(source.outcome == nil)
    guard case .job(let pulled) = source.next(for: .any) else { throw TestFailure("no job") }
    #expect(pulled === job)
    guard case .end = source.next(for: .any) else { throw TestFailure("no end") }
    source.finished(job, .success(3))
    #expect(source.outcome?.byteCount == 3)
  }
}
