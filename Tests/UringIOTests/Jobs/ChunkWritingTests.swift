import SystemPackage
import Testing

@testable import UringIO

/// How a chunk job writes, with made-up completions.
@Suite struct ChunkWritingTests {
  private typealias Bench = ChunkBench

  /// A job of the direct lane whose first chunk has been read.
  private func directJob(size: Int) throws -> (bench: ChunkBench, job: DrivenJob) {
    let bench = try ChunkBench(size: size, lane: .direct)
    let job = bench.makeJob()
    job.succeed()
    return (bench, job)
  }

  @Test func `a short write goes on where it stopped`() throws {
    let bench = try ChunkBench(size: 10_000)
    let job = bench.makeJob()
    job.succeed()
    job.answer(.count(1))
    #expect(job.asked == .write(Bench.destination, 1..<10_000, at: 1))
    job.answer(.count(9_998))
    #expect(job.asked == .write(Bench.destination, 9_999..<10_000, at: 9_999))
    #expect(bench.progress.copiedByteCount == 0)
    job.answer(.count(1))
    #expect(job.asked == .success(10_000))
    #expect(bench.progress.copiedByteCount == 10_000)
  }

  @Test func `a write of nothing is an I/O error, not an endless loop`() throws {
    let job = try ChunkBench(size: 10_000).makeJob()
    job.succeed()
    job.answer(.count(4_000))
    job.answer(.count(0))
    #expect(
      job.asked
        == .failure(FileIOError(.ioError, during: .write, path: Bench.destinationPath, offset: 4_000)))
  }

  @Test(arguments: [Errno.ioError, .noSpace, .diskQuotaExceeded, .invalidArgument])
  func `a failing write ends the job with the destination's path and the offset`(errno: Errno) throws {
    let bench = try ChunkBench(size: 40_000)
    let job = bench.makeJob()
    for _ in 0..<3 { job.succeed() }
    job.answer(.failed(errno))
    #expect(
      job.asked
        == .failure(FileIOError(errno, during: .write, path: Bench.destinationPath, offset: 16_384)))
    #expect(bench.cursor.completePrefix == 16_384)
  }

  // MARK: Past the cache

  @Test func `the direct lane writes past the cache, the buffered lane through it`() throws {
    let (_, direct) = try directJob(size: 16_384)
    #expect(direct.asked == .write(Bench.destinationDirect, 0..<16_384, at: 0))
    let buffered = try ChunkBench(size: 16_384, lane: .buffered).makeJob()
    buffered.succeed()
    #expect(buffered.asked == .write(Bench.destination, 0..<16_384, at: 0))
  }

  @Test func `the direct lane writes through the cache where there is no direct descriptor`() throws {
    let job = try ChunkBench(size: 16_384, lane: .direct, hasDirect: false).makeJob()
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 0))
  }

  @Test func `the last piece is padded to the alignment with zeros`() throws {
    let bench = try ChunkBench(size: 5_000, lane: .direct)
    let job = bench.makeJob()
    job.buffer.withMutableBytes { $0.copyBytes(from: [UInt8](repeating: 0xff, count: $0.count)) }
    job.succeed()
    #expect(job.asked == .write(Bench.destinationDirect, 0..<8_192, at: 0))
    let bytes = job.buffer.withBytes { Array($0) }
    #expect(bytes[0..<5_000].allSatisfy { $0 == 0xff })
    #expect(bytes[5_000..<8_192].allSatisfy { $0 == 0 })
    #expect(bytes[8_192...].allSatisfy { $0 == 0xff })
    job.answer(.count(8_192))
    #expect(job.asked == .success(5_000), "padding is not counted")
    #expect(bench.progress.copiedByteCount == 5_000)
  }

  @Test func `a short direct write is rounded down to whole blocks and goes on directly`() throws {
    let (_, job) = try directJob(size: 16_384)
    job.answer(.count(4096 + 1_000))
    #expect(job.asked == .write(Bench.destinationDirect, 4096..<16_384, at: 4096))
    job.succeed()
    #expect(job.asked == .success(16_384))
  }

  @Test func `a direct write that completed no whole block goes on through the cache`() throws {
    let (bench, job) = try directJob(size: 32_768)
    job.answer(.count(4_095))
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 0))
    job.succeed()
    // Only this piece: the next one is written past the cache again.
    job.succeed()
    #expect(job.asked == .write(Bench.destinationDirect, 0..<16_384, at: 16_384))
    #expect(bench.route.fallbacks.isEmpty)
  }

  @Test func `a direct write cut short inside the padding is complete`() throws {
    let (_, job) = try directJob(size: 5_000)
    job.answer(.count(5_000))
    #expect(job.asked == .success(5_000))
  }

  @Test(arguments: [Errno.invalidArgument, .notSupported, .noFunction])
  func `a refused direct write goes on through the cache at the same offset, never from 0`(
    errno: Errno
  ) throws {
    let (bench, job) = try directJob(size: 49_152)
    job.succeed()
    job.succeed()
    job.answer(.count(8_192))
    job.answer(.failed(errno))
    #expect(job.asked == .write(Bench.destination, 8_192..<16_384, at: 24_576))
    job.succeed()
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 32_768), "it is not tried again")
    job.succeed()
    #expect(job.asked == .success(49_152))
    #expect(bench.route.fallbacks == [.init(what: "direct write", reason: "\(errno)")])
    #expect(bench.progress.copiedByteCount == 49_152)
  }

  @Test func `direct writes that are refused to two jobs at once go on through the cache`() throws {
    let bench = try ChunkBench(size: 32_768, lane: .direct)
    let jobs = [bench.makeJob(), bench.makeJob()]
    for job in jobs { job.succeed() }
    for job in jobs { job.answer(.failed(.invalidArgument)) }
    #expect(jobs[0].asked == .write(Bench.destination, 0..<16_384, at: 0))
    #expect(jobs[1].asked == .write(Bench.destination, 0..<16_384, at: 16_384))
    #expect(bench.route.fallbacks.count == 1)
  }

  @Test(arguments: [Errno.ioError, .noSpace])
  func `a failing direct write is not taken for a refusal`(errno: Errno) throws {
    let (bench, job) = try directJob(size: 16_384)
    job.answer(.failed(errno))
    #expect(
      job.asked == .failure(FileIOError(errno, during: .write, path: Bench.destinationPath, offset: 0)))
    #expect(bench.route.fallbacks.isEmpty)
  }

  // MARK: RWF_DONTCACHE

  @Test func `writes drop behind where the route says so`() throws {
    let job = try ChunkBench(size: 16_384, dropsWrittenBehind: true).makeJob()
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 0, dropsBehind: true))
  }

  @Test(arguments: [Errno.notSupported, .invalidArgument])
  func `a refused RWF_DONTCACHE is written again without it, and not tried again`(errno: Errno) throws {
    let bench = try ChunkBench(size: 32_768, dropsWrittenBehind: true)
    let job = bench.makeJob()
    job.succeed()
    job.answer(.count(100))
    job.answer(.failed(errno))
    #expect(job.asked == .write(Bench.destination, 100..<16_384, at: 100))
    job.succeed()
    job.succeed()
    #expect(job.asked == .write(Bench.destination, 0..<16_384, at: 16_384))
    #expect(bench.route.fallbacks.map(\.what) == ["write with RWF_DONTCACHE"])
  }

  @Test func `RWF_DONTCACHE that is refused to two jobs at once is one fallback`() throws {
    let bench = try ChunkBench(size: 32_768, dropsWrittenBehind: true)
    let jobs = [bench.makeJob(), bench.makeJob()]
    for job in jobs { job.succeed() }
    for job in jobs { job.answer(.failed(.notSupported)) }
    #expect(jobs[0].asked == .write(Bench.destination, 0..<16_384, at: 0))
    #expect(jobs[1].asked == .write(Bench.destination, 0..<16_384, at: 16_384))
    #expect(bench.route.fallbacks.count == 1)
  }
}
