import SystemPackage
import Testing

@testable import UringIO

/// Chunk jobs on every engine, with transfers that are cut short or fail.
@Suite struct ChunkContractTests {
  private struct Outcome {
    var cursor: ChunkCursor
    var tally: OperationTally
    var progress: CopyProgressCounter
  }

  private static let size = 300_000

  /// Copies a file of `size` bytes in chunks of 16 KiB, four at a time, through the page cache.
  private func copy(
    in scratch: Scratch, on kind: EngineUnderTest, placement: PlacementTable, intercept: Interceptor?
  ) throws -> Outcome {
    try scratch.makePattern("source", size: Self.size)
    let source = try scratch.open("source", .readOnly)
    defer { try? source.close() }
    let destination = try scratch.open("destination", .readWrite, options: [.create])
    defer { try? destination.close() }
    let route = ChunkRoute(
      source: source, destination: destination, sourcePath: scratch.bytes("source"),
      destinationPath: scratch.bytes("destination"), reading: .cache, alignment: 4096)
    let progress = CopyProgressCounter()
    let cursor = ChunkCursor(
      extents: [0..<Int64(Self.size)], route: route, chunkByteCount: 16_384, cancellation: Cancellation(),
      progress: progress)
    let engine = try kind.make()
    let tally = try engine.run(
      cursor, rooms: [.of(4, lane: .buffered, bufferByteCount: 8_192, placement: placement)],
      intercept: intercept)
    try engine.stop()
    return Outcome(cursor: cursor, tally: tally, progress: progress)
  }

  private static let placements = [PlacementTable.allRing, .buffered]

  @Test(arguments: EngineUnderTest.available, [1_000, 4_096, 5_001])
  func `short reads and short writes go on where they stopped`(
    _ kind: EngineUnderTest, byteCount: Int
  ) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        let outcome = try copy(
          in: scratch, on: kind, placement: placement, intercept: Intercepting.transfersAtMost(byteCount))
        #expect(outcome.cursor.failure == nil)
        #expect(try scratch.firstDifference("source", "destination") == nil)
        #expect(outcome.progress.copiedByteCount == Int64(Self.size))
        #expect(outcome.tally[.write] >= Self.size / byteCount)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available, [Errno.interrupted, .resourceTemporarilyUnavailable])
  func `interrupted transfers are made again with the right bytes`(
    _ kind: EngineUnderTest, errno: Errno
  ) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        let outcome = try copy(
          in: scratch, on: kind, placement: placement,
          intercept: Intercepting.first(23, of: .write, failWith: errno))
        #expect(outcome.cursor.failure == nil)
        #expect(outcome.tally.retries == 23)
        #expect(try scratch.firstDifference("source", "destination") == nil)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available, [Errno.ioError, .noSpace])
  func `a failing write ends the copy with its path and offset`(
    _ kind: EngineUnderTest, errno: Errno
  ) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        let failed = Shared<Int64?>(nil)
        let count = Shared(0)
        let outcome = try copy(in: scratch, on: kind, placement: placement) { operation in
          guard operation.kind == .write else { return .pass }
          let number = count.update { count -> Int in
            count += 1
            return count
          }
          guard number == 9 else { return .pass }
          failed.update { $0 = operation.offset }
          return .fail(errno)
        }
        let failure = try #require(outcome.cursor.failure)
        #expect(failure.errno == errno)
        #expect(failure.activity == .write)
        #expect(failure.path == scratch.bytes("destination"))
        #expect(failure.offset == failed.value)
        #expect(count.value < Self.size / 8_192, "the other jobs take no more chunks")
        let prefix = Int(outcome.cursor.completePrefix)
        #expect(prefix <= Int(failed.value!))
        #expect(try scratch.firstDifferenceFromPattern("destination", 0..<prefix) == nil)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a failing read ends the copy with the source's path and offset`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      let outcome = try copy(in: scratch, on: kind, placement: .allRing) { operation in
        operation.kind == .read && operation.offset == 65_536 ? .fail(.ioError) : .pass
      }
      let failure = try #require(outcome.cursor.failure)
      #expect(failure.errno == .ioError)
      #expect(failure.activity == .read)
      #expect(failure.path == scratch.bytes("source"))
      #expect(failure.offset == 65_536)
      #expect(outcome.cursor.completePrefix == 65_536)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `two lanes share one file and every byte is copied once`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: Self.size)
      let source = try scratch.open("source", .readOnly)
      defer { try? source.close() }
      let destination = try scratch.open("destination", .readWrite, options: [.create])
      defer { try? destination.close() }
      let route = ChunkRoute(
        source: source, destination: destination, sourcePath: scratch.bytes("source"),
        destinationPath: scratch.bytes("destination"), reading: .cache, alignment: 4096)
      let progress = CopyProgressCounter()
      let cursor = ChunkCursor(
        extents: [0..<Int64(Self.size)], route: route, chunkByteCount: 4096, cancellation: Cancellation(),
        progress: progress)
      let engine = try kind.make()
      try engine.run(
        cursor,
        rooms: [
          .of(1, lane: .buffered, placement: .buffered), .of(4, lane: .direct, placement: .direct),
        ])
      try engine.stop()
      #expect(progress.copiedByteCount == Int64(Self.size))
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }
}
