import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// How a file is dealt out in chunks.
@Suite struct ChunkCursorTests {
  private func makeCursor(
    _ extents: [Range<Int64>], chunkByteCount: Int = 16_384, alignment: Int = 4096,
    cancellation: Cancellation = Cancellation()
  ) -> ChunkCursor {
    let nothing = FileDescriptor(rawValue: -1)
    let path = PathBytes(Array("/file".utf8))
    let route = ChunkRoute(
      source: nothing, destination: nothing, sourcePath: path, destinationPath: path, reading: .cache,
      alignment: alignment)
    return ChunkCursor(
      extents: extents, route: route, chunkByteCount: chunkByteCount, cancellation: cancellation,
      progress: CopyProgressCounter())
  }

  private func takeAll(_ cursor: ChunkCursor) -> [Range<Int64>] {
    var chunks: [Range<Int64>] = []
    while let chunk = cursor.take() { chunks.append(chunk) }
    return chunks
  }

  private func isEnd(_ pull: Pull) -> Bool { if case .end = pull { true } else { false } }

  private let failure = Result<Int, FileIOError>.failure(FileIOError(.ioError, during: .write))

  @Test func `chunks cover a file without overlapping, the last ending with the file`() {
    #expect(takeAll(makeCursor([0..<40_000])) == [0..<16_384, 16_384..<32_768, 32_768..<40_000])
  }

  @Test func `chunks end at multiples of the chunk size, wherever their extent starts`() {
    #expect(
      takeAll(makeCursor([4096..<20_480, 28_672..<65_537])) == [
        4096..<16_384, 16_384..<20_480, 28_672..<32_768, 32_768..<49_152, 49_152..<65_536, 65_536..<65_537,
      ])
  }

  @Test func `holes between extents are not dealt out`() {
    let far: Int64 = 1 << 40
    #expect(takeAll(makeCursor([0..<4096, far..<far + 4096])) == [0..<4096, far..<far + 4096])
  }

  @Test func `no extents are no chunks`() {
    let cursor = makeCursor([])
    #expect(cursor.take() == nil)
    #expect(isEnd(cursor.next(for: .any)))
    #expect(cursor.completePrefix == 0)
  }

  @Test func `a source hands out jobs while there are chunks, and then ends`() {
    let cursor = makeCursor([0..<16_384])
    if case .job(let job) = cursor.next(for: .direct) {
      #expect(job is ChunkCopyJob)
    } else {
      Issue.record("no job")
    }
    _ = cursor.take()
    #expect(isEnd(cursor.next(for: .buffered)))
  }

  @Test func `threads that take chunks at once get each chunk once`() throws {
    let size: Int64 = 4096 * 5_000
    let cursor = makeCursor([0..<size], chunkByteCount: 4096)
    let taken = Shared<[Range<Int64>]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      var mine: [Range<Int64>] = []
      while let chunk = cursor.take() {
        mine.append(chunk)
        cursor.completed(chunkAt: chunk.lowerBound)
      }
      let all = mine
      taken.update { $0 += all }
    }
    let starts = taken.value.map(\.lowerBound).sorted()
    #expect(starts == Array(stride(from: 0, to: size, by: 4096)))
    #expect(cursor.completePrefix == size)
  }

  @Test func `the complete prefix ends where the first chunk is missing`() {
    let cursor = makeCursor([0..<65_536])
    #expect(cursor.completePrefix == 0)
    for _ in 0..<3 { _ = cursor.take() }
    #expect(cursor.completePrefix == 0)
    cursor.completed(chunkAt: 16_384)
    #expect(cursor.completePrefix == 0)
    cursor.completed(chunkAt: 0)
    #expect(cursor.completePrefix == 32_768)
    cursor.completed(chunkAt: 32_768)
    #expect(cursor.completePrefix == 49_152)
    _ = cursor.take()
    cursor.completed(chunkAt: 49_152)
    #expect(cursor.completePrefix == 65_536)
  }

  @Test func `the complete prefix includes the hole before the next extent`() {
    let cursor = makeCursor([0..<4096, 40_960..<45_056])
    _ = cursor.take()
    cursor.completed(chunkAt: 0)
    #expect(cursor.completePrefix == 40_960)
  }

  @Test func `after a failure there is nothing more, and the first failure stays`() {
    let cursor = makeCursor([0..<65_536])
    let job = ChunkCopyJob(cursor: cursor, lane: .any)
    _ = cursor.take()
    cursor.finished(job, failure)
    cursor.finished(job, .failure(FileIOError(.noSpace, during: .write)))
    #expect(cursor.take() == nil)
    #expect(isEnd(cursor.next(for: .any)))
    #expect(cursor.failure?.errno == .ioError)
  }

  @Test func `a job that succeeds stops nothing`() {
    let cursor = makeCursor([0..<65_536])
    cursor.finished(ChunkCopyJob(cursor: cursor, lane: .any), .success(1))
    #expect(cursor.failure == nil)
    #expect(cursor.take() == 0..<16_384)
  }

  @Test func `after a cancellation there is nothing more`() {
    let cancellation = Cancellation()
    let cursor = makeCursor([0..<65_536], cancellation: cancellation)
    _ = cursor.take()
    cancellation.cancel()
    #expect(cursor.take() == nil)
    #expect(isEnd(cursor.next(for: .any)))
    #expect(cursor.completePrefix == 0)
  }

  @Test func `beyond an early end there is nothing to read`() {
    let cursor = makeCursor([0..<(1 << 20)])
    _ = cursor.take()
    cursor.sourceEnded(at: 20_000)
    #expect(cursor.take() == 16_384..<32_768, "it starts before the end")
    #expect(cursor.take() == nil)
  }

  @Test func `the earliest end that was seen is the file's`() {
    let cursor = makeCursor([0..<(1 << 20)])
    #expect(cursor.sourceEnd == nil)
    cursor.sourceEnded(at: 50_000)
    cursor.sourceEnded(at: 20_000)
    cursor.sourceEnded(at: 70_000)
    #expect(cursor.sourceEnd == 20_000)
  }

  @Test func `a chunk size off the alignment traps`() async {
    await #expect(processExitsWith: .failure) {
      let nothing = FileDescriptor(rawValue: -1)
      let path = PathBytes([47])
      let route = ChunkRoute(
        source: nothing, destination: nothing, sourcePath: path, destinationPath: path, reading: .cache,
        alignment: 4096)
      _ = ChunkCursor(
        extents: [], route: route, chunkByteCount: 5_000, cancellation: Cancellation(),
        progress: CopyProgressCounter())
    }
  }
}
