import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Engines beside each other, runs beside each other, and their ends.
@Suite struct LifetimeContractTests {
  private static func syncingSource(_ count: Int) -> CountingSource {
    CountingSource(count) { _ in
      ScriptedJob { call, _, _ in
        call < 2 ? .perform(.synchronize(.standardInput, dataOnly: true)) : .finish(.success(1))
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `two engines run at once without mixing their jobs`(_ kind: EngineUnderTest) throws {
    let sources = [Self.syncingSource(500), Self.syncingSource(700)]
    let engines = [try kind.make(), try kind.make()]
    let ended = [Gate(), Gate()]
    for (index, engine) in engines.enumerated() {
      Thread.detachNewThread {
        _ = try? engine.runToEnd(sources[index], rooms: [.of(4)], cancellation: Cancellation())
        ended[index].open()
      }
    }
    for gate in ended { try gate.waitOrFail() }
    for engine in engines { try engine.stop() }
    #expect(sources[0].finishedEachOnce(500))
    #expect(sources[1].finishedEachOnce(700))
  }

  @Test(arguments: EngineUnderTest.available)
  func `many runs at once on one engine all end, each with its own tally`(_ kind: EngineUnderTest) throws {
    let engine = try kind.make(workerCount: 3)
    let sources = (1...8).map { Self.syncingSource($0 * 50) }
    let tallies = Shared<[Int: OperationTally]>([:])
    let ended = sources.map { _ in Gate() }
    for (index, source) in sources.enumerated() {
      Thread.detachNewThread {
        let tally = try? engine.runToEnd(source, rooms: [.of(3), .of(2)], cancellation: Cancellation())
        tallies.update { $0[index] = tally }
        ended[index].open()
      }
    }
    for gate in ended { try gate.waitOrFail() }
    try engine.stop()
    for (index, source) in sources.enumerated() {
      #expect(source.finishedEachOnce((index + 1) * 50))
      #expect(tallies.value[index]?[.synchronize] == (index + 1) * 100)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `one engine runs one source after another`(_ kind: EngineUnderTest) throws {
    let engine = try kind.make()
    for _ in 0..<100 {
      let source = Self.syncingSource(3)
      try engine.run(source, rooms: [.of(2)])
      #expect(source.finishedEachOnce(3))
    }
    try engine.stop()
  }

  @Test(arguments: EngineUnderTest.available)
  func `a source sees the lanes of its rooms and each lane gets its own jobs`(
    _ kind: EngineUnderTest
  ) throws {
    let source = CountingSource(40, lane: .direct) { _ in ScriptedJob { _, _, _ in .finish(.success(0)) } }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(2, lane: .buffered), .of(2, lane: .direct), .of(2, lane: .any)])
    try engine.stop()
    #expect(source.finishedEachOnce(40))
  }

  @Test(arguments: EngineUnderTest.available)
  func `each room's slots have the room's own buffer size`(_ kind: EngineUnderTest) throws {
    let sizes = Shared<Set<Int>>([])
    let source = CountingSource(1, lane: .direct) { _ in
      ScriptedJob { _, _, buffer in
        sizes.update { _ = $0.insert(buffer.count) }
        return .finish(.success(0))
      }
    }
    let engine = try kind.make()
    try engine.run(
      source,
      rooms: [.of(1, lane: .buffered, bufferByteCount: 512), .of(1, lane: .direct, bufferByteCount: 8192)])
    try engine.stop()
    #expect(sizes.value == [8192])
  }

  @Test(arguments: EngineUnderTest.available)
  func `an engine dropped without shutdown finishes what it was given`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let started = Gate()
    let ended = Gate()
    let endCount = Shared(0)
    let source = CountingSource(20) { _ in
      ScriptedJob { _ in
        started.open()
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    let run = try EngineRun(source: source, rooms: [.of(2)], cancellation: Cancellation()) { _ in
      endCount.update { $0 += 1 }
      ended.open()
    }
    weak var dropped: (any Engine)?
    do {
      let engine = try kind.make()
      dropped = engine
      if kind == .sequential {
        // It runs on the thread that starts the run.
        Thread.detachNewThread { engine.start(run) }
      } else {
        engine.start(run)
      }
      try started.waitOrFail()
    }
    if kind != .sequential { #expect(dropped == nil) }
    #expect(endCount.value == 0)
    try pipe.writeEnd.writeAll([1])
    try ended.waitOrFail()
    #expect(source.finishedEachOnce(20))
    #expect(endCount.value == 1)
  }

  @Test(arguments: EngineUnderTest.concurrent)
  func `shutdown waits for the runs that were started`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let started = Gate()
    let endCount = Shared(0)
    let source = CountingSource(50) { _ in
      ScriptedJob { _ in
        started.open()
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    let engine = try kind.make()
    let run = try EngineRun(source: source, rooms: [.of(2), .of(2)], cancellation: Cancellation()) { _ in
      endCount.update { $0 += 1 }
    }
    engine.start(run)
    try started.waitOrFail()
    Thread.detachNewThread { _ = try? pipe.writeEnd.writeAll([1]) }
    try engine.stop()
    #expect(endCount.value == 1)
    #expect(source.finishedEachOnce(50))
  }

  @Test(arguments: EngineUnderTest.concurrent)
  func `shutdown may be asked for twice, and of an engine that never ran`(_ kind: EngineUnderTest) throws {
    let engine = try kind.make()
    try engine.stop()
    try engine.stop()
  }

  @Test(arguments: EngineUnderTest.available)
  func `an engine says what it is`(_ kind: EngineUnderTest) throws {
    let engine = try kind.make(workerCount: 3)
    #expect(engine.kind == kind.kind)
    #expect(engine.workerCount == (kind == .sequential ? 1 : 3))
    try engine.stop()
  }

  @Test func `memory that is refused is an error before the run starts`() {
    #expect(throws: FileIOError(.noMemory, during: .allocateMemory)) {
      let source = CountingSource(0) { _ in ScriptedJob { _, _, _ in .finish(.success(0)) } }
      _ = try SequentialEngine().runToEnd(
        source, rooms: [.of(1 << 20, bufferByteCount: 1 << 30)], cancellation: Cancellation())
    }
  }
}
