import SystemPackage
import Testing

@testable import UringIO

/// How a chunk job has pages moved from file to file, with made-up completions.
@Suite struct ChunkPagesTests {
  private typealias Bench = ChunkBench

  @Test func `pages are moved chunk by chunk, and short answers are gone on from`() throws {
    let bench = try ChunkBench(size: 20_000, movesPages: true)
    let job = bench.makeJob()
    #expect(job.asked == .pages(0..<16_384))
    job.answer(.count(1000))
    #expect(job.asked == .pages(1000..<16_384))
    job.answer(.count(15_384))
    #expect(bench.cursor.completePrefix == 16_384)
    #expect(job.asked == .pages(16_384..<20_000))
    job.answer(.count(3_616))
    #expect(job.asked == .success(20_000))
    #expect(bench.progress.copiedByteCount == 20_000 && bench.cursor.sourceEnd == nil)
  }

  @Test func `a source that ends is read there, to know`() throws {
    let bench = try ChunkBench(size: 16_384, movesPages: true)
    let job = bench.makeJob()
    job.answer(.count(10_000))
    #expect(job.asked == .pages(10_000..<16_384))
    job.answer(.count(0))
    #expect(job.asked == .read(Bench.source, 0..<6_384, at: 10_000))
    job.answer(.count(0))
    #expect(job.asked == .success(10_000))
    #expect(bench.cursor.sourceEnd == 10_000)
  }

  @Test(arguments: [.invalidArgument, .noSpace, .ioError, .tooManyOpenFiles, .notPermitted] as [Errno])
  func `what is refused is read and written from there on, and so is all that comes after`(errno: Errno)
    throws
  {
    let bench = try ChunkBench(size: 20_000, movesPages: true)
    let job = bench.makeJob()
    job.answer(.count(5000))
    job.answer(.failed(errno))
    #expect(job.asked == .read(Bench.source, 0..<11_384, at: 5000))
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<11_384, at: 5000))
    job.succeed()
    #expect(job.asked == .read(Bench.source, 0..<3_616, at: 16_384))
    job.succeed()
    job.succeed()
    #expect(job.asked == .success(20_000))
    #expect(bench.route.fallbacks.isEmpty, "reading and writing do the same")
  }

  @Test func `what is looked at on its way, or goes past the cache, has a buffer`() throws {
    for bench in try [
      ChunkBench(size: 20_000, lane: .direct, movesPages: true),
      ChunkBench(size: 20_000, dropsWrittenBehind: true, movesPages: true),
      ChunkBench(size: 20_000, movesPages: true, zeroBlockByteCount: 4096), ChunkBench(size: 20_000),
    ] {
      #expect(bench.makeJob().asked == .read(Bench.source, 0..<16_384, at: 0))
    }
    let uncached = try ChunkBench(size: 20_000, reading: .pastCache, movesPages: true).makeJob()
    uncached.answer(.count(0))
    #expect(uncached.asked == .read(Bench.sourceDirect, 0..<16_384, at: 0))
  }
}
