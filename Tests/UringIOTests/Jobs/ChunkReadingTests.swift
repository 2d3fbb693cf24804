import SystemPackage
import Testing

@testable import UringIO

/// How a chunk job reads, with made-up completions.
@Suite struct ChunkReadingTests {
  private typealias Bench = ChunkBench

  @Test func `a chunk is read, written, and followed by the next until none is left`() throws {
    let bench = try ChunkBench(size: 20_000)
    let job = bench.makeJob()
    #expect(job.asked == .read(Bench.source, 0..<16_384, at: 0))
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 0))
    job.succeed()
    #expect(job.asked == .read(Bench.source, 0..<3_616, at: 16_384))
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<3_616, at: 16_384))
    job.succeed()
    #expect(job.asked == .success(20_000))
    #expect(bench.progress.copiedByteCount == 20_000)
    #expect(bench.cursor.completePrefix == 20_000)
  }

  @Test func `a chunk larger than the buffer is copied piece by piece`() throws {
    let bench = try ChunkBench(size: 10_000, bufferByteCount: 4096)
    let job = bench.makeJob()
    for piece in [0..<4096, 4096..<8192, 8192..<10_000] {
      #expect(job.asked == .read(Bench.source, 0..<piece.count, at: Int64(piece.lowerBound)))
      job.succeed()
      #expect(job.asked == .write(Bench.destination, 0..<piece.count, at: Int64(piece.lowerBound)))
      job.succeed()
    }
    #expect(job.asked == .success(10_000))
  }

  @Test func `sparing the core, every so many chunks are read past the cache`() throws {
    let job = try ChunkBench(size: 3 * 16_384 + 10_000, reading: .sparingTheCore(interval: 2)).makeJob()
    #expect(job.asked == .read(Bench.sourceDirect, 0..<16_384, at: 0))
    job.succeed()
    job.succeed()
    #expect(job.asked == .read(Bench.source, 0..<16_384, at: 16_384))
    job.succeed()
    job.succeed()
    #expect(job.asked == .read(Bench.sourceDirect, 0..<16_384, at: 2 * 16_384))
    // Refused, this chunk and all later ones come from the cache.
    job.answer(.failed(.invalidArgument))
    #expect(job.asked == .read(Bench.source, 0..<16_384, at: 2 * 16_384))
    job.succeed()
    job.succeed()
    #expect(job.asked == .read(Bench.source, 0..<10_000, at: 3 * 16_384))
  }

  @Test func `a short read goes on where it stopped`() throws {
    let job = try ChunkBench(size: 10_000).makeJob()
    job.answer(.count(1_000))
    #expect(job.asked == .read(Bench.source, 1_000..<10_000, at: 1_000))
    job.answer(.count(8_999))
    #expect(job.asked == .read(Bench.source, 9_999..<10_000, at: 9_999))
    job.answer(.count(1))
    #expect(job.asked == .write(Bench.destination, 0..<10_000, at: 0))
  }

  @Test func `a read of nothing is the end and what was read is written`() throws {
    let bench = try ChunkBench(size: 40_000)
    let job = bench.makeJob()
    job.answer(.count(5_000))
    job.answer(.count(0))
    #expect(job.asked == .write(Bench.destination, 0..<5_000, at: 0))
    job.succeed()
    // No further chunk: there is nothing beyond the end.
    #expect(job.asked == .success(5_000))
    #expect(bench.cursor.sourceEnd == 5_000)
  }

  @Test func `a read of nothing at a chunk's start writes nothing and is not repeated`() throws {
    let bench = try ChunkBench(size: 40_000)
    let job = bench.makeJob()
    job.answer(.count(0))
    #expect(job.asked == .success(0))
    #expect(bench.cursor.sourceEnd == 0)
    #expect(bench.progress.copiedByteCount == 0)
  }

  @Test func `a failing read ends the job with the source's path and the offset`() throws {
    let job = try ChunkBench(size: 10_000).makeJob()
    job.answer(.count(4_000))
    job.answer(.failed(.ioError))
    #expect(
      job.asked
        == .failure(FileIOError(.ioError, during: .read, path: Bench.sourcePath, offset: 4_000)))
  }

  @Test func `a refusal of a read through the cache is a failure`() throws {
    let job = try ChunkBench(size: 10_000).makeJob()
    job.answer(.failed(.invalidArgument))
    #expect(
      job.asked
        == .failure(FileIOError(.invalidArgument, during: .read, path: Bench.sourcePath, offset: 0)))
  }

  // MARK: Past the cache

  @Test func `a chunk that is not cached is read past the cache, its last block whole`() throws {
    let job = try ChunkBench(size: 10_000, reading: .pastCache).makeJob()
    #expect(job.asked == .cacheStatus(0..<10_000))
    job.answer(.count(0))
    #expect(job.asked == .read(Bench.sourceDirect, 0..<12_288, at: 0))
    // The kernel stops at the end.
    job.answer(.count(10_000))
    #expect(job.asked == .write(Bench.destination, 0..<10_000, at: 0))
  }

  @Test func `bytes beyond the size that was planned are not copied`() throws {
    let job = try ChunkBench(size: 10_000, reading: .pastCache).makeJob()
    job.answer(.count(0))
    // The file has grown since.
    job.answer(.count(12_288))
    #expect(job.asked == .write(Bench.destination, 0..<10_000, at: 0))
  }

  @Test func `a chunk that is cached is read from the cache`() throws {
    let job = try ChunkBench(size: 10_000, reading: .pastCache).makeJob()
    job.answer(.count(12_288))
    #expect(job.asked == .read(Bench.source, 0..<10_000, at: 0))
  }

  @Test func `where the kernel cannot tell what is cached, reading goes past the cache`() throws {
    let job = try ChunkBench(size: 10_000, reading: .pastCache).makeJob()
    job.answer(.failed(.noFunction))
    #expect(job.asked == .read(Bench.sourceDirect, 0..<12_288, at: 0))
  }

  @Test func `a direct read that stops off the alignment goes on through the cache`() throws {
    let job = try ChunkBench(size: 16_384, reading: .pastCache).makeJob()
    job.answer(.count(0))
    job.answer(.count(4096))
    #expect(job.asked == .read(Bench.sourceDirect, 4096..<16_384, at: 4096))
    job.answer(.count(1_000))
    #expect(job.asked == .read(Bench.source, 5_096..<16_384, at: 5_096))
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 0))
  }

  @Test(arguments: [Errno.invalidArgument, .notSupported, .noFunction])
  func `a refused direct read goes on through the cache at the same offset`(errno: Errno) throws {
    let bench = try ChunkBench(size: 32_768, reading: .pastCache)
    let job = bench.makeJob()
    job.answer(.count(0))
    job.answer(.count(8_192))
    job.answer(.failed(errno))
    #expect(job.asked == .read(Bench.source, 8_192..<16_384, at: 8_192))
    job.succeed()
    job.succeed()
    // Nor is it tried again for the file's other chunks.
    job.answer(.count(0))
    #expect(job.asked == .read(Bench.source, 0..<16_384, at: 16_384))
    #expect(bench.route.fallbacks.map(\.what) == ["direct read"])
  }

  @Test func `direct reads that are refused to two jobs at once go on through the cache`() throws {
    let bench = try ChunkBench(size: 32_768, reading: .pastCache)
    let jobs = [bench.makeJob(), bench.makeJob()]
    for job in jobs { job.answer(.count(0)) }
    for job in jobs { job.answer(.failed(.invalidArgument)) }
    #expect(jobs[0].asked == .read(Bench.source, 0..<16_384, at: 0))
    #expect(jobs[1].asked == .read(Bench.source, 0..<16_384, at: 16_384))
    #expect(bench.route.fallbacks.count == 1)
  }

  @Test func `a failing direct read is not taken for a refusal`() throws {
    let job = try ChunkBench(size: 10_000, reading: .pastCache).makeJob()
    job.answer(.count(0))
    job.answer(.failed(.ioError))
    #expect(job.asked == .failure(FileIOError(.ioError, during: .read, path: Bench.sourcePath, offset: 0)))
  }

  // MARK: Dropping behind

  @Test func `what was not cached before is dropped behind, chunk by chunk`() throws {
    let bench = try ChunkBench(size: 20_000, reading: .cacheDroppingBehind)
    let job = bench.makeJob()
    #expect(job.asked == .cacheStatus(0..<16_384))
    job.answer(.count(0))
    #expect(job.asked == .read(Bench.source, 0..<16_384, at: 0))
    job.succeed()
    job.succeed()
    #expect(job.asked == .dropCache(0..<16_384))
    #expect(bench.cursor.completePrefix == 0, "the chunk is complete when nothing of it is under way")
    job.answer(.count(0))
    #expect(job.asked == .cacheStatus(16_384..<20_000))
    #expect(bench.cursor.completePrefix == 16_384)
  }

  @Test(arguments: [Completion.count(4096), .count(16_384), .failed(.noFunction)])
  func `what was cached before, or may have been, is not dropped`(status: Completion) throws {
    let job = try ChunkBench(size: 16_384, reading: .cacheDroppingBehind).makeJob()
    job.answer(status)
    job.succeed()
    job.succeed()
    #expect(job.asked == .success(16_384))
  }

  @Test func `a failure to drop pages is no failure of the copy`() throws {
    let job = try ChunkBench(size: 16_384, reading: .cacheDroppingBehind).makeJob()
    job.answer(.count(0))
    job.succeed()
    job.succeed()
    job.answer(.failed(.ioError))
    #expect(job.asked == .success(16_384))
  }

  @Test func `each chunk is examined anew`() throws {
    let job = try ChunkBench(size: 32_768, reading: .cacheDroppingBehind).makeJob()
    job.answer(.count(0))
    job.succeed()
    job.succeed()
    job.answer(.count(0))
    #expect(job.asked == .cacheStatus(16_384..<32_768))
    job.answer(.count(16_384))
    job.succeed()
    job.succeed()
    #expect(job.asked == .success(32_768))
  }
}
