import SystemPackage
import Testing

@testable import UringIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The operations that only appending needs, on every engine.
@Suite struct LockOperationTests {
  /// Carries out operations one after another, in one job.
  private func perform(_ operations: [UringIO.Operation], on kind: EngineUnderTest) throws -> [Completion] {
    let seen = Shared<[Completion]>([])
    let engine = try kind.make()
    try engine.run(
      CountingSource(1) { _ in
        ScriptedJob { call, completions, _ in
          if let completion = completions.first { seen.update { $0.append(completion) } }
          return call < operations.count ? .perform(operations[call]) : .finish(.success(0))
        }
      }, rooms: [.of(1)])
    try engine.stop()
    return seen.value
  }

  @Test(arguments: EngineUnderTest.available)
  func `a lock keeps others out until it is given back`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", [])
      let (mine, other) = (try scratch.open("file"), try scratch.open("file"))
      defer {
        try? mine.close()
        try? other.close()
      }
      #expect(try perform([.lock(mine)], on: kind) == [.count(0)])
      #expect(flock(other.rawValue, LOCK_EX | LOCK_NB) == -1)
      #expect(try perform([.unlock(mine)], on: kind) == [.count(0)])
      #expect(flock(other.rawValue, LOCK_EX | LOCK_NB) == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the position is where the last write without an offset ended`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", Array("before".utf8))
      let file = try scratch.open("file", .writeOnly, options: [.append])
      defer { try? file.close() }
      let bytes = try AlignedBuffer(byteCount: 4096)[0..<10]
      #expect(
        try perform([.write(file, from: bytes, at: nil), .position(file)], on: kind) == [
          .count(10), .count(16),
        ])
      let pipe = try Pipe()
      defer { pipe.close() }
      #expect(try perform([.position(pipe.readEnd)], on: kind) == [.failed(.illegalSeek)])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a descriptor that is closed has neither lock nor position`(_ kind: EngineUnderTest) throws {
    let closed = FileDescriptor(rawValue: 1_000_000)
    #expect(
      try perform([.lock(closed), .unlock(closed), .position(closed)], on: kind)
        == [.failed(.badFileDescriptor), .failed(.badFileDescriptor), .failed(.badFileDescriptor)])
  }
}
