import SystemPackage
import Testing

@testable import UringIO

/// What every engine promises about chains.
@Suite struct ChainContractTests {
  /// Runs one chain as the only step of a job, and returns its completions.
  private func run(
    on kind: EngineUnderTest, entries: Int = 64, bufferByteCount: Int = 4096,
    placement: PlacementTable = .allRing, intercept: Interceptor? = nil,
    _ chain: @escaping @Sendable (BufferSlice) -> [Operation]
  ) throws -> [Completion] {
    let seen = Shared<[Completion]>([])
    let source = CountingSource(1) { _ in
      ScriptedJob {
        .chain(chain($0))
      } then: { completions, _ in
        seen.update { $0 = Array(completions) }
      }
    }
    let engine = try kind.make(entries: entries)
    try engine.run(
      source, rooms: [.of(1, bufferByteCount: bufferByteCount, placement: placement)], intercept: intercept)
    try engine.stop()
    return seen.value
  }

  private static let placements = [PlacementTable.allRing, .buffered]

  @Test(arguments: EngineUnderTest.available)
  func `a chain's operations are carried out in order and its completions delivered in order`(
    _ kind: EngineUnderTest
  ) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        let file = try scratch.open("file", .readWrite, options: [.create])
        defer { try? file.close() }
        let completions = try run(on: kind, placement: placement) { buffer in
          buffer.withMutableBytes { bytes in for index in 0..<6 { bytes[index] = UInt8(index + 1) } }
          // Each reads what the one before wrote.
          return [
            .write(file, from: buffer[0..<3], at: 0), .read(file, into: buffer[100..<103], at: 0),
            .write(file, from: buffer[100..<102], at: 3), .read(file, into: buffer[200..<205], at: 0),
            .write(file, from: buffer[200..<204], at: 5),
          ]
        }
        #expect(completions == [.count(3), .count(3), .count(2), .count(5), .count(4)])
        #expect(try scratch.read("file") == [1, 2, 3, 1, 2, 1, 2, 3, 1])
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what follows a failing link is cancelled and not carried out`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        try scratch.write("file", [1, 2, 3, 4])
        let file = try scratch.open("file")
        defer { try? file.close() }
        let nothing = FileDescriptor(rawValue: 1 << 20)
        let completions = try run(on: kind, placement: placement) { buffer in
          [
            .read(file, into: buffer[0..<2], at: 0), .read(nothing, into: buffer[2..<4], at: 0),
            .write(file, from: buffer[4..<8], at: 0), .synchronize(file, dataOnly: true),
          ]
        }
        #expect(
          completions == [.count(2), .failed(.badFileDescriptor), .failed(.canceled), .failed(.canceled)])
        #expect(try scratch.read("file") == [1, 2, 3, 4])
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what follows a short link is cancelled and not carried out`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        try scratch.write("file", [1, 2, 3, 4])
        let file = try scratch.open("file")
        defer { try? file.close() }
        let completions = try run(on: kind, placement: placement) { buffer in
          [
            .read(file, into: buffer[0..<10], at: 0), .write(file, from: buffer[10..<14], at: 0),
            .write(file, from: buffer[10..<14], at: 4),
          ]
        }
        #expect(completions == [.count(4), .failed(.canceled), .failed(.canceled)])
        #expect(try scratch.read("file") == [1, 2, 3, 4])
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a short vectored link breaks its chain too`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        try scratch.write("file", [1, 2, 3, 4])
        let file = try scratch.open("file")
        defer { try? file.close() }
        let completions = try run(on: kind, placement: placement) { buffer in
          [
            .readVector(file, into: [buffer[0..<3], buffer[3..<6]], at: 0),
            .writeVector(file, from: [buffer[6..<8]], at: 0),
          ]
        }
        #expect(completions == [.count(4), .failed(.canceled)])
        #expect(try scratch.read("file") == [1, 2, 3, 4])
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `answers a test makes up break a chain as the kernel's do`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", [1, 2, 3, 4])
      let file = try scratch.open("file")
      defer { try? file.close() }
      let chain: @Sendable (BufferSlice) -> [Operation] = { buffer in
        [
          .read(file, into: buffer[0..<4], at: 0), .write(file, from: buffer[8..<12], at: 0),
          .synchronize(file, dataOnly: false),
        ]
      }
      let failing = try run(
        on: kind, intercept: Intercepting.every(.write, failsWith: .noSpace), chain)
      #expect(failing == [.count(4), .failed(.noSpace), .failed(.canceled)])
      let short = try run(on: kind, intercept: Intercepting.transfersAtMost(3), chain)
      #expect(short == [.count(3), .failed(.canceled), .failed(.canceled)])
      #expect(try scratch.read("file") == [1, 2, 3, 4])
    }
  }

  @Test(arguments: EngineUnderTest.available, [7, 8, 9, 40, 200])
  func `a chain may be longer than the submission queue`(_ kind: EngineUnderTest, length: Int) throws {
    try withScratch { scratch in
      let file = try scratch.open("file", .readWrite, options: [.create])
      defer { try? file.close() }
      let completions = try run(on: kind, entries: 8) { buffer in
        buffer.withMutableBytes { bytes in for index in 0..<length { bytes[index] = UInt8(index) } }
        return (0..<length).map { .write(file, from: buffer[$0..<$0 + 1], at: Int64($0)) }
      }
      #expect(completions == [Completion](repeating: .count(1), count: length))
      #expect(try scratch.read("file") == (0..<length).map { UInt8($0) })
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `vectors are filled and written one slice after the other`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        try scratch.write("file", Array("abcdefghij".utf8))
        let file = try scratch.open("file")
        defer { try? file.close() }
        let completions = try run(on: kind, placement: placement) { buffer in
          let (one, two, three) = (buffer[0..<2], buffer[50..<55], buffer[90..<93])
          return [
            .readVector(file, into: [one, two, three], at: 0),
            .writeVector(file, from: [three, one, two], at: 10),
          ]
        }
        #expect(completions == [.count(10), .count(10)])
        #expect(try scratch.read("file") == Array("abcdefghijhijabcdefg".utf8))
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `transfers without an offset move the file position`(_ kind: EngineUnderTest) throws {
    for placement in Self.placements {
      try withScratch { scratch in
        try scratch.write("file", Array("abcdefghij".utf8))
        let file = try scratch.open("file")
        defer { try? file.close() }
        let completions = try run(on: kind, placement: placement) { buffer in
          [
            .read(file, into: buffer[0..<3], at: nil), .read(file, into: buffer[3..<6], at: nil),
            .readVector(file, into: [buffer[6..<7], buffer[7..<8]], at: nil),
            .write(file, from: buffer[0..<2], at: nil),
          ]
        }
        #expect(completions == [.count(3), .count(3), .count(2), .count(2)])
        #expect(try scratch.read("file") == Array("abcdefghab".utf8))
        #expect(try file.seek(offset: 0, from: .current) == 10)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `chains of several jobs do not mix`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", Array(0..<250))
      let file = try scratch.open("file", .readOnly)
      defer { try? file.close() }
      let mistakes = Shared(0)
      let source = CountingSource(50) { number in
        ScriptedJob { buffer in
          .chain((0..<5).map { .read(file, into: buffer[$0..<$0 + 1], at: Int64(number * 5 + $0)) })
        } then: { completions, buffer in
          let bytes = buffer[0..<5].withBytes { Array($0) }
          let wanted = (0..<5).map { UInt8(number * 5 + $0) }
          if completions.count != 5 || bytes != wanted { mistakes.update { $0 += 1 } }
        }
      }
      let engine = try kind.make()
      try engine.run(source, rooms: [.of(8)])
      try engine.stop()
      #expect(source.successCount == 50)
      #expect(mistakes.value == 0)
    }
  }
}
