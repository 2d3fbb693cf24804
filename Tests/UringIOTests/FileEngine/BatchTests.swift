import SystemPackage
import Testing

@testable import UringIO

/// Batched operations on every engine.
@Suite struct BatchTests {
  private func onFile(
    _ kind: EngineUnderTest, size: Int = 10_000, intercept: Interceptor? = nil,
    _ body: (FileEngine, FileDescriptor, Scratch) async throws -> Void
  ) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("file", size: size)
      let file = try scratch.open("file")
      defer { try? file.close() }
      let engine = try kind.makeFileEngine(intercept: intercept)
      try await body(engine, file, scratch)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `completions come in the order the operations were added, each with its own error`(
    _ kind: EngineUnderTest
  ) async throws {
    try await onFile(kind) { engine, file, scratch in
      let slots = try AlignedBuffer(byteCount: 4 * 4096).slices(byteCount: 4096)
      let nothing = FileDescriptor(rawValue: 1 << 20)
      let completions = try await engine.perform { batch in
        batch.read(file, into: slots[0], at: 0)
        batch.read(nothing, into: slots[1], at: 0)
        batch.read(file, into: slots[2][0..<100], at: 9_950)
        batch.truncate(nothing, to: 0)
        batch.read(file, into: slots[3], at: 1 << 40)
        batch.synchronize(file)
      }
      #expect(
        completions == [
          .count(4096), .failed(.badFileDescriptor), .count(50), .failed(.badFileDescriptor), .count(0),
          .count(0),
        ])
      let bytes = try scratch.read("file")
      #expect(slots[0].withBytes { Array($0) } == Array(bytes[0..<4096]))
      #expect(slots[2][0..<50].withBytes { Array($0) } == Array(bytes[9_950...]))
    }
  }

  @Test(arguments: EngineUnderTest.available, [1, 2, 64, 4096])
  func `thousands of operations pass through any depth`(_ kind: EngineUnderTest, depth: Int) async throws {
    try await onFile(kind, size: 5_000) { engine, file, scratch in
      let buffer = try AlignedBuffer(byteCount: 5_000)
      let completions = try await engine.perform(depth: depth) { batch in
        for index in 0..<5_000 {
          batch.read(file, into: buffer[index..<index + 1], at: Int64(4_999 - index))
        }
      }
      #expect(completions == [Completion](repeating: .count(1), count: 5_000))
      #expect(try buffer.whole.withBytes { Array($0) } == scratch.read("file").reversed())
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `writes land where they should`(_ kind: EngineUnderTest) async throws {
    try await onFile(kind, size: 0) { engine, file, scratch in
      let buffer = try AlignedBuffer(byteCount: 1_000)
      buffer.whole.withMutableBytes { bytes in for index in 0..<1_000 { bytes[index] = UInt8(index % 251) } }
      let completions = try await engine.perform { batch in
        for index in (0..<10).reversed() {
          batch.write(file, from: buffer[index * 100..<index * 100 + 100], at: Int64(index * 100))
        }
      }
      #expect(completions.allSatisfy { $0 == .count(100) })
      #expect(try scratch.read("file") == (0..<1_000).map { UInt8($0 % 251) })
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `vectors, reservations and sizes`(_ kind: EngineUnderTest) async throws {
    try await onFile(kind) { engine, file, scratch in
      let slots = try AlignedBuffer(byteCount: 30).slices(byteCount: 10)
      let read = try await engine.perform { $0.read(file, into: [slots[2], slots[0]], at: 5) }
      #expect(read == [.count(20)])
      let bytes = try scratch.read("file")
      #expect(slots[2].withBytes { Array($0) } == Array(bytes[5..<15]))
      #expect(slots[0].withBytes { Array($0) } == Array(bytes[15..<25]))
      let written = try await engine.perform { $0.write(file, from: [slots[0], slots[2]], at: 0) }
      #expect(written == [.count(20)])
      #expect(try scratch.read("file").prefix(20) == bytes[15..<25] + bytes[5..<15])
      let sized = try await engine.perform { $0.truncate(file, to: 3) }
      #expect(sized == [.count(0)])
      let reserved = try await engine.perform { $0.allocate(file, 0..<50_000) }
      #expect(reserved == [.count(0)])
      #expect(try scratch.size("file") == 50_000)
      let synchronized = try await engine.perform {
        $0.synchronize(file)
        $0.synchronize(file, dataOnly: true)
      }
      #expect(synchronized == [.count(0), .count(0)])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a batch of nothing comes to nothing`(_ kind: EngineUnderTest) async throws {
    try await onFile(kind) { engine, _, _ in
      let completions = try await engine.perform { _ in }
      #expect(completions.isEmpty)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `interrupted operations are made again and failures stay their own`(
    _ kind: EngineUnderTest
  ) async throws {
    let count = Shared(0)
    let intercept: Interceptor = { operation in
      if operation.offset == 7 { return .fail(.ioError) }
      let number = count.update { count -> Int in
        count += 1
        return count
      }
      return number % 2 == 0 ? .fail(.interrupted) : .pass
    }
    try await onFile(kind, intercept: intercept) { engine, file, _ in
      let buffer = try AlignedBuffer(byteCount: 200)
      let completions = try await engine.perform(depth: 4) { batch in
        for index in 0..<200 { batch.read(file, into: buffer[index..<index + 1], at: Int64(index)) }
      }
      for (index, completion) in completions.enumerated() {
        #expect(completion == (index == 7 ? .failed(.ioError) : .count(1)))
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `operations that a cancelled task had not started complete with ECANCELED`(
    _ kind: EngineUnderTest
  ) async throws {
    try await onFile(kind) { engine, file, _ in
      let buffer = try AlignedBuffer(byteCount: 100)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await engine.perform { batch in
          for index in 0..<100 { batch.read(file, into: buffer[index..<index + 1], at: 0) }
        }
      }
      let completions = try await task.value
      #expect(completions == [Completion](repeating: .failed(.canceled), count: 100))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `batches at once on one engine do not mix`(_ kind: EngineUnderTest) async throws {
    try await onFile(kind) { engine, file, scratch in
      let bytes = try scratch.read("file")
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<8 {
          group.addTask {
            let buffer = try AlignedBuffer(byteCount: 500)
            let completions = try await engine.perform(depth: 8) { batch in
              for index in 0..<500 {
                batch.read(file, into: buffer[index..<index + 1], at: Int64(number * 500 + index))
              }
            }
            return completions.allSatisfy { $0 == .count(1) }
              && buffer.whole.withBytes { Array($0) } == Array(bytes[number * 500..<number * 500 + 500])
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }
}
