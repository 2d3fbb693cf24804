import SystemPackage
import Testing

@testable import UringIO

// Not Foundation, which has an `Operation` of its own.
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Every operation does the same on every engine, on the ring and inline.
@Suite struct OperationContractTests {
  /// Carries out operations one after another, in one job.
  private func perform(
    _ operations: @escaping @Sendable (BufferSlice) -> [Operation], on kind: EngineUnderTest,
    _ placement: PlacementTable
  ) throws -> (completions: [Completion], tally: OperationTally) {
    let seen = Shared<[Completion]>([])
    let source = CountingSource(1) { _ in
      ScriptedJob { call, completions, buffer in
        if let completion = completions.first { seen.update { $0.append(completion) } }
        let list = operations(buffer)
        return call < list.count ? .perform(list[call]) : .finish(.success(0))
      }
    }
    let engine = try kind.make()
    let tally = try engine.run(source, rooms: [.of(1, placement: placement)])
    try engine.stop()
    return (seen.value, tally)
  }

  private static let placements = [PlacementTable.allRing, .direct, .buffered]

  /// Runs a test on each placement with a new file.
  private func onEveryPlacement(
    _ body: (Scratch, FileDescriptor, PlacementTable) throws -> Void
  ) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        try scratch.write("file", Array("abcdefghij".utf8))
        let file = try scratch.open("file")
        defer { try? file.close() }
        try body(scratch, file, placement)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `reads and writes move bytes at offsets, beyond the end too`(_ kind: EngineUnderTest) throws {
    try onEveryPlacement { scratch, file, placement in
      let (completions, _) = try perform(
        { buffer in
          [
            .read(file, into: buffer[0..<4], at: 6), .read(file, into: buffer[4..<8], at: 8),
            .read(file, into: buffer[8..<12], at: 100), .write(file, from: buffer[0..<4], at: 12),
            .read(file, into: buffer[20..<24], at: 12, .dropBehind),
          ]
        }, on: kind, placement)
      #expect(completions.prefix(4) == [.count(4), .count(2), .count(0), .count(4)])
      // Not every file system has RWF_DONTCACHE.
      #expect([.count(4), .failed(.notSupported)].contains(completions[4]))
      #expect(try scratch.read("file") == Array("abcdefghij\0\0ghij".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `sizes are set, space is reserved and contents are made durable`(_ kind: EngineUnderTest) throws {
    try onEveryPlacement { scratch, file, placement in
      let (completions, _) = try perform(
        { _ in
          [
            .truncate(file, to: 3), .allocate(file, 0..<100_000), .synchronize(file, dataOnly: true),
            .synchronize(file, dataOnly: false),
          ]
        }, on: kind, placement)
      #expect(completions == [.count(0), .count(0), .count(0), .count(0)])
      #expect(try scratch.size("file") == 100_000)
      #expect(try scratch.read("file").prefix(5) == [97, 98, 99, 0, 0])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the page cache is examined and dropped`(_ kind: EngineUnderTest) throws {
    try onEveryPlacement { scratch, file, placement in
      try scratch.fill("file", 0..<65_536)
      let (completions, _) = try perform(
        { _ in
          [
            .synchronize(file, dataOnly: false), .cacheStatus(file, 0..<65_536),
            .dropCache(file, 0..<65_536), .cacheStatus(file, 0..<65_536),
          ]
        }, on: kind, placement)
      guard completions[1] != .failed(.noFunction) else { return }
      #expect(completions == [.count(0), .count(65_536), .count(0), .count(0)])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a range is copied by the file system`(_ kind: EngineUnderTest) throws {
    try onEveryPlacement { scratch, file, placement in
      let other = try scratch.open("other", .readWrite, options: [.create])
      defer { try? other.close() }
      let (completions, _) = try perform(
        { _ in [.copyRange(file, at: 2, to: other, destinationOffset: 1, byteCount: 5)] }, on: kind,
        placement)
      #expect(completions == [.count(5)])
      #expect(try scratch.read("other") == Array("\0cdefg".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `pages are copied from file to file`(_ kind: EngineUnderTest) throws {
    try onEveryPlacement { scratch, file, placement in
      let other = try scratch.open("other", .readWrite, options: [.create])
      defer { try? other.close() }
      let pipes = PagePipes()
      let (completions, tally) = try perform(
        { _ in
          [
            .movePages(file, at: 2, to: other, destinationOffset: 1, byteCount: 3, through: pipes),
            .movePages(file, at: 5, to: other, destinationOffset: 4, byteCount: 2, through: pipes),
          ]
        }, on: kind, placement)
      #expect(completions == [.count(3), .count(2)])
      #expect(try scratch.read("other") == Array("\0cdefg".utf8))
      #expect(tally[.movePages] == 2 && tally.byteCount(.movePages) == 5)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `polls tell what is ready`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    try pipe.writeEnd.writeAll([1])
    let (completions, tally) = try perform(
      { _ in [.poll(pipe.readEnd, .readable), .poll(pipe.writeEnd, .writable)] }, on: kind, .streaming)
    #expect(completions == [.count(Int(POLLIN)), .count(Int(POLLOUT))])
    #expect(tally[.poll] == 2)
  }

  @Test(arguments: EngineUnderTest.available)
  func `wrong descriptors and arguments get the kernel's error`(_ kind: EngineUnderTest) throws {
    try onEveryPlacement { _, file, placement in
      let nothing = FileDescriptor(rawValue: 1 << 20)
      let (completions, _) = try perform(
        { buffer in
          [
            .truncate(nothing, to: 0), .allocate(nothing, 0..<1), .clone(nothing, to: file),
            .readVector(nothing, into: [buffer], at: 0), .writeVector(nothing, from: [buffer], at: 0),
            .truncate(file, to: -1),
          ]
        }, on: kind, placement)
      let bad = Completion.failed(.badFileDescriptor)
      #expect(completions == [bad, bad, bad, bad, bad, .failed(.invalidArgument)])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `operations are counted by kind, and as inline where a ring made them itself`(
    _ kind: EngineUnderTest
  ) throws {
    try onEveryPlacement { _, file, placement in
      let (_, tally) = try perform(
        { buffer in
          [
            .read(file, into: buffer[0..<1], at: 0), .read(file, into: buffer[0..<1], at: 1),
            .truncate(file, to: 2),
          ]
        }, on: kind, placement)
      #expect(tally[.read] == 2)
      #expect(tally[.truncate] == 1)
      #expect(tally.inlineOperations == (kind == .ring ? (placement == .buffered ? 3 : 1) : 0))
    }
  }
}
