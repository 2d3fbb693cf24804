import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// What every engine promises about sources that have nothing yet, and about computing.
@Suite struct WaitingContractTests {
  private static func idleJob() -> any Job { ScriptedJob { _, _, _ in .finish(.success(0)) } }

  @Test(arguments: EngineUnderTest.available)
  func `a source that waits is pulled again when it wakes the engine`(_ kind: EngineUnderTest) throws {
    let source = WakingSource(make: Self.idleJob)
    let engine = try kind.make()
    let firstWait = source.gateOfNextWait()
    Thread.detachNewThread {
      firstWait.wait()
      for _ in 0..<3 { source.offer() }
      source.close()
    }
    try engine.run(source, rooms: [.of(4)])
    try engine.stop()
    #expect(source.finishedCount == 3)
  }

  @Test(arguments: EngineUnderTest.available)
  func `an engine that waits does not keep asking`(_ kind: EngineUnderTest) throws {
    let source = WakingSource(make: Self.idleJob)
    let engine = try kind.make(workerCount: 2)
    Thread.detachNewThread {
      for _ in 0..<5 {
        let gate = source.gateOfNextWait()
        source.wakeForNothing()
        gate.wait()
        // Time for an engine that would go on asking to do so thousands of times.
        usleep(10_000)
      }
      source.close()
    }
    try engine.run(source, rooms: [.of(2)])
    try engine.stop()
    // One pull at the start, six wake-ups, each heard by at most two workers, and one more for each.
    #expect(source.pullCount <= 40)
  }

  @Test(arguments: EngineUnderTest.available)
  func `a wake-up between the pull and its answer is not lost`(_ kind: EngineUnderTest) throws {
    /// Wakes the engine while it is still being asked, and then says `.wait`.
    final class Racing: JobSource {
      private let wake = Shared<(@Sendable () -> Void)?>(nil)
      private let pullCount = Shared(0)
      func attach(_ wake: @escaping @Sendable () -> Void) { self.wake.update { $0 = wake } }
      func next(for lane: Lane) -> Pull {
        let number = pullCount.update { count -> Int in
          count += 1
          return count
        }
        if number > 2_000 { return .end }
        if number % 2 == 0 { return .job(WaitingContractTests.idleJob()) }
        wake.value!()
        return .wait
      }
      func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {}
    }
    let engine = try kind.make()
    try engine.run(Racing(), rooms: [.of(1)])
    try engine.stop()
  }

  @Test(arguments: EngineUnderTest.available)
  func `no wake-up from another thread is lost`(_ kind: EngineUnderTest) throws {
    let source = WakingSource(make: Self.idleJob)
    let engine = try kind.make()
    Thread.detachNewThread {
      for number in 0..<5_000 {
        // Half the offers meet an engine that waits, half one that is busy.
        if number % 2 == 0 {
          let gate = source.gateOfNextWait()
          source.offer()
          gate.wait()
        } else {
          source.offer()
        }
      }
      source.close()
    }
    try engine.run(source, rooms: [.of(2)])
    try engine.stop()
    #expect(source.finishedCount == 5_000)
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled run does not wait for its source any more`(_ kind: EngineUnderTest) throws {
    let source = WakingSource(make: Self.idleJob)
    let cancellation = Cancellation()
    let engine = try kind.make()
    let waits = source.gateOfNextWait()
    Thread.detachNewThread {
      waits.wait()
      cancellation.cancel()
    }
    try engine.run(source, rooms: [.of(2)], cancellation: cancellation)
    try engine.stop()
    #expect(source.finishedCount == 0)
  }

  @Test(arguments: EngineUnderTest.available)
  func `a room whose source waits keeps no other room from going on`(_ kind: EngineUnderTest) throws {
    /// Has something for the first lane only after the second lane's job is done.
    final class Dependent: JobSource {
      private let wake = Shared<(@Sendable () -> Void)?>(nil)
      private let given = Shared<Set<Lane>>([])
      private let finishedCount = Shared(0)
      var finished: Int { finishedCount.value }
      func attach(_ wake: @escaping @Sendable () -> Void) { self.wake.update { $0 = wake } }
      func next(for lane: Lane) -> Pull {
        if lane == .direct, finishedCount.value == 0 { return .wait }
        return given.update { $0.insert(lane).inserted } ? .job(WaitingContractTests.idleJob()) : .end
      }
      func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
        finishedCount.update { $0 += 1 }
        wake.value!()
      }
    }
    let source = Dependent()
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(1, lane: .direct), .of(1, lane: .buffered)])
    try engine.stop()
    #expect(source.finished == 2)
  }

  // MARK: Waiting for a ring

  @Test(.enabled(if: EngineUnderTest.hasRing, "io_uring is refused here"))
  func `a room that is full is asked again while all its jobs wait for the ring`() throws {
    /// Its first job waits for the others. Never gives a room a job while another one keeps its thread.
    final class OneAtATime: JobSource {
      let pipe: Pipe
      private let given = Shared(0)
      private let finishedCount = Shared(0)
      private let refusedCount = Shared(0)
      init(_ pipe: Pipe) { self.pipe = pipe }
      var finished: Int { finishedCount.value }
      var refused: Int { refusedCount.value }
      func next(for lane: Lane) -> Pull { .end }
      func next(for lane: Lane, in room: Int, busyCount: Int) -> Pull {
        if busyCount > 0 {
          refusedCount.update { $0 += 1 }
          return .full
        }
        let number = given.update { given -> Int in
          given += 1
          return given
        }
        if number > 5 { return .end }
        if number == 1 { return .job(ScriptedJob { [pipe] _ in .perform(.poll(pipe.readEnd, .readable)) }) }
        return .job(
          ScriptedJob { [pipe] _ in
            if number == 5 { _ = try? pipe.writeEnd.writeAll([1]) }
            return .performInline(.position(.standardInput))
          })
      }
      func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) { finishedCount.update { $0 += 1 } }
    }
    let pipe = try Pipe()
    defer { pipe.close() }
    let source = OneAtATime(pipe)
    let engine = try EngineUnderTest.ring.make(workerCount: 1)
    let cancellation = Cancellation()
    try withoutHanging(onHang: cancellation.cancel) {
      try engine.run(source, rooms: [.of(4)], cancellation: cancellation)
    }
    try engine.stop()
    #expect(source.finished == 5 && source.refused > 0)
  }

  @Test(.enabled(if: EngineUnderTest.hasRing, "io_uring is refused here"))
  func `what the ring is to do waits no longer than a job's turn for others to be submitted with`() throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    _ = try pipe.writeEnd.writeAll([1])
    let isPolled = Shared(false)
    let stepCount = Shared(0)
    let source = CountingSource(2) { number in
      guard number > 0 else {
        return ScriptedJob { _ in
          .perform(.poll(pipe.readEnd, .readable))
        } then: { _, _ in
          isPolled.update { $0 = true }
        }
      }
      return ScriptedJob { call, _, _ in
        stepCount.update { $0 = call }
        guard !isPolled.value, call < 100_000 else { return .finish(.success(0)) }
        return .performInline(.position(.standardInput))
      }
    }
    let engine = try EngineUnderTest.ring.make(workerCount: 1)
    try engine.run(source, rooms: [.of(2, placement: .smallFiles)])
    try engine.stop()
    #expect(stepCount.value < 1_000)
  }

  // MARK: Computing

  @Test(arguments: EngineUnderTest.available)
  func `computing is done and its completion is delivered`(_ kind: EngineUnderTest) throws {
    let source = CountingSource(300) { number in
      ScriptedJob { _ in
        .compute { number % 3 == 0 ? .failed(.ioError) : .count(number) }
      }
    }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(8)])
    try engine.stop()
    #expect(source.finishedEachOnce(300))
    for (number, outcome) in source.outcomes {
      #expect(outcome.byteCount == (number % 3 == 0 ? nil : number))
    }
  }

  @Test(.enabled(if: EngineUnderTest.hasRing, "io_uring is refused here"))
  func `computing delays no ring`() throws {
    // The computing job ends only after the other one, on the same ring, was carried out.
    let otherIsDone = Gate()
    let source = CountingSource(2) { number in
      guard number > 0 else {
        return ScriptedJob { _ in
          .compute {
            otherIsDone.wait()
            return .count(1)
          }
        }
      }
      return ScriptedJob { _ in
        .perform(.synchronize(.standardInput, dataOnly: true))
      } then: { _, _ in
        otherIsDone.open()
      }
    }
    let engine = try EngineUnderTest.ring.make(workerCount: 1)
    try engine.run(source, rooms: [.of(2)])
    try engine.stop()
    #expect(source.finishedEachOnce(2))
  }

  @Test(arguments: EngineUnderTest.available)
  func `computing between transfers keeps the buffer`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", Array(0..<200))
      let file = try scratch.open("file")
      defer { try? file.close() }
      let source = CountingSource(200) { number in
        ScriptedJob { call, completions, buffer in
          switch call {
          case 0: .perform(.read(file, into: buffer[0..<1], at: Int64(number)))
          case 1:
            .compute {
              buffer.withMutableBytes { $0[0] = 255 - $0[0] }
              return .count(1)
            }
          case 2: .perform(.write(file, from: buffer[0..<1], at: Int64(number)))
          default: .finish(completions.outcome)
          }
        }
      }
      let engine = try kind.make()
      try engine.run(source, rooms: [.of(5)])
      try engine.stop()
      #expect(try scratch.read("file") == (0..<200).map { 255 - UInt8($0) })
    }
  }
}
