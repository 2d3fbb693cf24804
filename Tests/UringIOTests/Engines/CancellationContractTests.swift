import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// What every engine does with a run that is cancelled in the middle.
@Suite struct CancellationContractTests {
  @Test(arguments: EngineUnderTest.available)
  func `waiting for a pipe that never becomes ready ends with ECANCELED`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let cancellation = Cancellation()
    let started = Gate()
    let source = CountingSource(100) { _ in
      ScriptedJob { _ in
        started.open()
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    Thread.detachNewThread {
      started.wait()
      cancellation.cancel()
    }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(8, placement: .streaming)], cancellation: cancellation)
    try engine.stop()
    let books = source.books
    #expect(books.jobCount >= 1 && books.jobCount <= 8, "nothing is pulled after the cancellation")
    #expect(source.finishedEachOnce(books.jobCount))
    #expect(books.outcomes.values.allSatisfy { $0.error?.errno == .canceled })
  }

  @Test(arguments: EngineUnderTest.available)
  func `a wait that begins after the cancellation ends at once`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let cancellation = Cancellation()
    let source = CountingSource(1) { _ in
      ScriptedJob { call, completions, _ in
        cancellation.cancel()
        // Asked three times: a job that does not look at the cancellation itself must not hang.
        return call < 3 ? .perform(.poll(pipe.readEnd, .readable)) : .finish(completions.outcome)
      }
    }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(1, placement: .streaming)], cancellation: cancellation)
    try engine.stop()
    #expect(source.outcomes[0]?.error?.errno == .canceled)
  }

  @Test(arguments: EngineUnderTest.available)
  func `waits that were not submitted yet for want of room are cancelled too`(
    _ kind: EngineUnderTest
  ) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let cancellation = Cancellation()
    let started = Gate()
    let source = CountingSource(64) { number in
      ScriptedJob { _ in
        if number == 0 { started.open() }
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    Thread.detachNewThread {
      started.wait()
      cancellation.cancel()
    }
    // 64 polls, and a completion queue of 16.
    let engine = try kind.make(workerCount: 1, entries: 8)
    try engine.run(source, rooms: [.of(64, placement: .streaming)], cancellation: cancellation)
    try engine.stop()
    #expect(source.finishedEachOnce(source.books.jobCount))
    #expect(source.outcomes.values.allSatisfy { $0.error?.errno == .canceled })
  }

  @Test(arguments: EngineUnderTest.available)
  func `a run that was cancelled before it starts pulls nothing and ends`(_ kind: EngineUnderTest) throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let source = CountingSource(10) { _ in ScriptedJob { _, _, _ in .finish(.success(0)) } }
    let engine = try kind.make()
    try engine.run(source, rooms: [.of(2)], cancellation: cancellation)
    try engine.stop()
    #expect(source.books.jobCount == 0)
  }

  @Test(arguments: EngineUnderTest.available)
  func `cancelling one run leaves another on the same engine alone`(_ kind: EngineUnderTest) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let engine = try kind.make(workerCount: 2)
    let cancellation = Cancellation()
    let bothWait = (Gate(), Gate())
    let cancelled = CountingSource(1) { _ in
      ScriptedJob { _ in
        bothWait.0.open()
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    let surviving = CountingSource(1) { _ in
      ScriptedJob { _ in
        bothWait.1.open()
        return .perform(.poll(pipe.readEnd, .readable))
      }
    }
    let ended = Gate()
    Thread.detachNewThread {
      _ = try? engine.runToEnd(surviving, rooms: [.of(1)], cancellation: Cancellation())
      ended.open()
    }
    Thread.detachNewThread {
      bothWait.0.wait()
      bothWait.1.wait()
      cancellation.cancel()
    }
    try engine.run(cancelled, rooms: [.of(1)], cancellation: cancellation)
    #expect(cancelled.outcomes[0]?.error?.errno == .canceled)
    #expect(surviving.outcomes.isEmpty)
    try pipe.writeEnd.writeAll([1])
    try ended.waitOrFail()
    #expect(surviving.successCount == 1)
    try engine.stop()
  }

  @Test(arguments: EngineUnderTest.available)
  func `cancelling at any moment drains every completion`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("file", size: 1 << 20)
      let file = try scratch.open("file", .readOnly)
      defer { try? file.close() }
      let engine = try kind.make()
      for round in 0..<60 {
        let cancellation = Cancellation()
        let completed = Shared(0)
        let source = CountingSource(10_000) { number in
          ScriptedJob { call, completions, buffer in
            completed.update { $0 += completions.count }
            if call == 2 { return .finish(.success(0)) }
            if number == round * 3 { cancellation.cancel() }
            return call == 0
              ? .perform(.read(file, into: buffer, at: Int64(number % 256 * 4096)))
              : .chain((0..<3).map { .read(file, into: buffer[$0 * 1024..<$0 * 1024 + 1024], at: 0) })
          }
        }
        let tally = try engine.run(source, rooms: [.of(8), .of(4)], cancellation: cancellation)
        let books = source.books
        #expect(source.finishedEachOnce(books.jobCount))
        #expect(completed.value == books.jobCount * 4)
        #expect(tally[.read] <= completed.value)
        #expect(books.jobCount < 10_000)
      }
      try engine.stop()
    }
  }

  // MARK: Memory

  @Test(arguments: EngineUnderTest.available)
  func `a buffer lives until its completion has arrived, and no longer than its run`(
    _ kind: EngineUnderTest
  ) throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let seen = WeakBuffer()
    let started = Gate()
    let source = CountingSource(1) { _ in
      ScriptedJob { _ in
        // The operation alone holds the buffer.
        let buffer = try! AlignedBuffer(byteCount: 4096)
        seen.buffer = buffer
        started.open()
        return .perform(.read(pipe.readEnd, into: buffer.whole, at: nil))
      }
    }
    let engine = try kind.make()
    let ended = Gate()
    Thread.detachNewThread {
      _ = try? engine.runToEnd(source, rooms: [.of(1)], cancellation: Cancellation())
      ended.open()
    }
    try started.waitOrFail()
    #expect(seen.isAlive)
    try pipe.writeEnd.writeAll([1])
    try ended.waitOrFail()
    try engine.stop()
    #expect(source.outcomes[0]?.byteCount == 1)
    #expect(!seen.isAlive)
  }

  @Test(.enabled(if: EngineUnderTest.hasRing, "io_uring is refused here"))
  func `a cancelled read holds its buffer until the kernel has let go of it`() throws {
    let pipe = try Pipe()
    defer { pipe.close() }
    let seen = WeakBuffer()
    let started = Gate()
    let cancellation = Cancellation()
    let aliveAtCancel = Shared(false)
    let source = CountingSource(1) { _ in
      ScriptedJob { _ in
        let buffer = try! AlignedBuffer(byteCount: 4096)
        seen.buffer = buffer
        started.open()
        return .perform(.read(pipe.readEnd, into: buffer.whole, at: nil))
      }
    }
    Thread.detachNewThread {
      started.wait()
      aliveAtCancel.update { $0 = seen.isAlive }
      cancellation.cancel()
    }
    let engine = try EngineUnderTest.ring.make()
    try engine.run(source, rooms: [.of(1)], cancellation: cancellation)
    try engine.stop()
    #expect(aliveAtCancel.value)
    #expect(source.outcomes[0]?.error?.errno == .canceled)
    #expect(!seen.isAlive)
  }
}

/// Sees whether a buffer is still there, without keeping it.
private final class WeakBuffer: @unchecked Sendable {
  // Set before the gate opens that lets another thread look.
  weak var buffer: AlignedBuffer?
  var isAlive: Bool { buffer != nil }
}
