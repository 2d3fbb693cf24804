import SystemPackage
import Testing

@testable import UringIO

/// What every engine promises about jobs: their steps' order, their number, their buffers.
@Suite struct JobContractTests {
  @Test(arguments: EngineUnderTest.available)
  func `a job's steps are carried out one after another, each completion before the next step`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.write("file", Array("0123456789".utf8))
      let file = try scratch.open("file")
      defer { try? file.close() }
      let seen = Shared<[String]>([])
      let source = CountingSource(1) { _ in
        ScriptedJob { call, completions, buffer in
          if case .count(let count)? = completions.first {
            let text = buffer[0..<count].withBytes { String(decoding: $0, as: UTF8.self) }
            seen.update { $0.append(text) }
          }
          guard call < 10 else { return .finish(.success(call)) }
          return .perform(.read(file, into: buffer[0..<1], at: Int64(call)))
        }
      }
      let engine = try kind.make()
      let tally = try engine.run(source, rooms: [.of(1)])
      try engine.stop()
      #expect(seen.value == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
      #expect(source.outcomes[0]?.byteCount == 10)
      #expect(tally[.read] == 10)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a job starts without completions and is told one for each single operation`(
    _ kind: EngineUnderTest
  ) throws {
    let counts = Shared<[Int]>([])
    let source = CountingSource(1) { _ in
      ScriptedJob { call, completions, buffer in
        counts.update { $0.append(completions.count) }
        return call < 2 ? .perform(.synchronize(.standardInput, dataOnly: true)) : .finish(.success(0))
      }
    }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(1)])
    #expect(counts.value == [0, 1, 1])
    try engine.stop()
  }

  @Test(arguments: EngineUnderTest.available, [1, 2, 8])
  func `five thousand jobs pass through a small depth, each with its own result`(
    _ kind: EngineUnderTest, depth: Int
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("file", size: 5_000)
      let bytes = try scratch.read("file")
      let file = try scratch.open("file", .readOnly)
      defer { try? file.close() }
      let mistakes = Shared(0)
      let source = CountingSource(5_000) { number in
        ScriptedJob { call, completions, buffer in
          guard call > 0 else { return .perform(.read(file, into: buffer[0..<1], at: Int64(number))) }
          let isRight =
            completions.first == .count(1) && buffer.withBytes { $0[0] } == bytes[number]
          if !isRight { mistakes.update { $0 += 1 } }
          return .finish(.success(number))
        }
      }
      let engine = try kind.make()
      let tally = try engine.run(source, rooms: [.of(depth)])
      try engine.stop()
      #expect(mistakes.value == 0)
      #expect(source.finishedEachOnce(5_000))
      #expect(source.outcomes.allSatisfy { $0.value.byteCount == $0.key })
      #expect(tally[.read] == 5_000)
    }
  }

  @Test(arguments: EngineUnderTest.available, [1, 3, 8])
  func `no more jobs are pulled than the room has depth`(_ kind: EngineUnderTest, depth: Int) throws {
    let source = CountingSource(500) { _ in
      ScriptedJob { call, _, _ in
        call < 4 ? .perform(.synchronize(.standardInput, dataOnly: true)) : .finish(.success(0))
      }
    }
    let engine = try kind.make(workerCount: 4)
    try engine.run(source, rooms: [.of(depth)])
    try engine.stop()
    #expect(source.books.inFlightMax <= depth)
    #expect(source.finishedEachOnce(500))
  }

  @Test(arguments: EngineUnderTest.concurrent)
  func `a room's whole depth is used when every job waits`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let waiting = Shared(0)
    let source = CountingSource(4) { _ in
      ScriptedJob { call, completions, buffer in
        guard call == 0 else { return .finish(completions.outcome) }
        // The last of four lets all go: with fewer in flight nobody ever would.
        let count = waiting.update { count -> Int in
          count += 1
          return count
        }
        if count == 4 { _ = try? pipe.writeEnd.writeAll([1]) }
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    let engine = try kind.make(workerCount: 4)
    try engine.run(source, rooms: [.of(4)])
    try engine.stop()
    #expect(source.successCount == 4)
  }

  @Test(arguments: EngineUnderTest.available, [1, 2, 7])
  func `jobs in flight together never share a buffer`(_ kind: EngineUnderTest, depth: Int) throws {
    let used = Shared<Set<UInt>>([])
    let clashes = Shared(0)
    let wrongSizes = Shared(0)
    let source = CountingSource(600) { _ in
      ScriptedJob { call, _, buffer in
        let address = UInt(bitPattern: buffer.address)
        switch call {
        case 0:
          if !used.update({ $0.insert(address).inserted }) { clashes.update { $0 += 1 } }
          if buffer.count != 4096 { wrongSizes.update { $0 += 1 } }
        case 3:
          used.update { _ = $0.remove(address) }
          return .finish(.success(0))
        default: break
        }
        return .perform(.synchronize(.standardInput, dataOnly: true))
      }
    }
    let engine = try kind.make(workerCount: 3)
    try engine.run(source, rooms: [.of(depth), .of(depth)])
    try engine.stop()
    #expect(clashes.value == 0)
    #expect(wrongSizes.value == 0)
    #expect(source.finishedEachOnce(600))
  }

  @Test(arguments: EngineUnderTest.available)
  func `a job that asks for nothing finishes`(_ kind: EngineUnderTest) throws {
    let source = CountingSource(1_000) { number in ScriptedJob { _, _, _ in .finish(.success(number)) } }
    let engine = try kind.make()
    let tally = try engine.run(source, rooms: [.of(4)])
    try engine.stop()
    #expect(source.finishedEachOnce(1_000))
    #expect(tally == OperationTally())
  }

  @Test(arguments: EngineUnderTest.available)
  func `a run of an empty source ends`(_ kind: EngineUnderTest) throws {
    let source = CountingSource(0) { _ in ScriptedJob { _, _, _ in .finish(.success(0)) } }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(4), .of(1)])
    try engine.stop()
    #expect(source.books.pullCount >= 2, "each room asks once")
  }
}
