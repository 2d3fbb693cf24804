import SystemPackage
import Testing

@testable import UringIO

/// A transform's pipe, pulled by hand: which of reading, transforming and writing it deals out. No kernel.
struct TransformPipeTests {
  private func makePipe(
    cancellation: Cancellation = Cancellation(),
    _ body: @escaping @Sendable (UnsafeRawBufferPointer?, inout OutputBytes) throws -> Void = {
      input, output in
      if let input { try output.append(input) }
    }
  ) throws -> TransformPipe {
    try TransformPipe(
      TransformPipe.Ends(
        source: ChunkBench.source, destination: ChunkBench.destination, sourcePath: ChunkBench.sourcePath,
        destinationPath: ChunkBench.destinationPath, sourceIsStream: false, destinationIsStream: false,
        waitsForWriter: false),
      transform: SentTransform(transform: ClosureTransform(body)), cancellation: cancellation,
      progress: CopyProgressCounter())
  }

  private func pull<Kind>(_ pipe: TransformPipe, _ kind: Kind.Type) -> (job: Kind, driven: DrivenJob)? {
    guard case .job(let job) = pipe.next(for: .any), let wanted = job as? Kind,
      let buffer = try? AlignedBuffer(byteCount: 1)
    else { return nil }
    return (wanted, DrivenJob(job, buffer.whole))
  }

  private func isWait(_ pull: Pull) -> Bool { if case .wait = pull { true } else { false } }
  private func isEnd(_ pull: Pull) -> Bool { if case .end = pull { true } else { false } }

  /// Reads a piece of that many bytes, which are the file's last where it ends.
  private func read(_ pipe: TransformPipe, _ count: Int, isLast: Bool) throws {
    let (job, driven) = try #require(pull(pipe, ReadPieceJob.self))
    driven.answer(.count(count))
    if isLast { driven.answer(.count(0)) }
    pipe.finished(job, try #require(driven.step.outcome))
  }

  private func transform(_ pipe: TransformPipe) throws {
    let (job, driven) = try #require(pull(pipe, TransformPieceJob.self))
    guard case .compute(let work) = driven.step else { throw TestFailure("\(driven.step)") }
    driven.answer(work())
    pipe.finished(job, try #require(driven.step.outcome))
  }

  @Test func `one worker does what is nearest to the end`() throws {
    let pipe = try makePipe()
    try read(pipe, 100, isLast: true)
    try transform(pipe)
    let (job, driven) = try #require(pull(pipe, WritePieceJob.self))
    #expect(driven.step.operation?.offset == 0)
    driven.answer(.count(40))
    #expect(driven.step.operation?.offset == 40)
    driven.answer(.count(60))
    pipe.finished(job, try #require(driven.step.outcome))
    // The end is given to the transform, which appends nothing.
    try transform(pipe)
    #expect(isEnd(pipe.next(for: .any)))
    #expect(pipe.writtenByteCount == 100)
    #expect(pipe.failure == nil)
  }

  @Test func `all three overlap, each with one job, and what is read ahead is bounded`() throws {
    let pipe = try makePipe()
    let wakes = Shared(0)
    pipe.attach { wakes.update { $0 += 1 } }
    let piece = TransformPipe.pieceByteCount
    try read(pipe, piece, isLast: false)
    try transform(pipe)
    let writing = try #require(pull(pipe, WritePieceJob.self))
    try read(pipe, piece, isLast: false)
    let transforming = try #require(pull(pipe, TransformPieceJob.self))
    // Two more inputs fit beside the one that is being transformed.
    try read(pipe, piece, isLast: false)
    try read(pipe, piece, isLast: false)
    #expect(isWait(pipe.next(for: .any)))
    #expect(wakes.value == 0)
    writing.driven.answer(.count(piece))
    pipe.finished(writing.job, try #require(writing.driven.step.outcome))
    #expect(wakes.value == 1)
    withExtendedLifetime(transforming) {}
  }

  @Test func `a failure ends the pipe, and whatever waits`() throws {
    let cancellation = Cancellation()
    let pipe = try makePipe(cancellation: cancellation) { _, _ in throw Errno.outOfRange }
    try read(pipe, 10, isLast: true)
    try transform(pipe)
    #expect(isEnd(pipe.next(for: .any)))
    #expect(cancellation.isCancelled)
    #expect(pipe.failure?.cause == .thrown("\(Errno.outOfRange)"))
  }

  @Test(arguments: [Completion.failed(.noSpace), .count(0)])
  func `a write that fails, or writes nothing, says where`(completion: Completion) throws {
    let pipe = try makePipe()
    try read(pipe, 100, isLast: true)
    try transform(pipe)
    let (job, driven) = try #require(pull(pipe, WritePieceJob.self))
    driven.answer(.count(30))
    driven.answer(completion)
    pipe.finished(job, try #require(driven.step.outcome))
    #expect(pipe.failure?.activity == .write)
    #expect(pipe.failure?.offset == 30)
  }
}
