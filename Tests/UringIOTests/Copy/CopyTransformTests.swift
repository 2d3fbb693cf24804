import SystemPackage
import Testing

@testable import UringIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Copies whose bytes pass through a transform, on every engine.
struct CopyTransformTests {
  /// Drops zeros' count into run lengths: each byte followed by how often it comes, at most 255.
  private final class RunLengths: ByteTransform {
    private var last: UInt8?
    private var count = 0

    func transform(_ input: UnsafeRawBufferPointer, into output: inout OutputBytes) throws {
      for byte in input {
        if byte == last, count < 255 {
          count += 1
        } else {
          try flush(&output)
          last = byte
          count = 1
        }
      }
    }

    func finish(into output: inout OutputBytes) throws { try flush(&output) }

    private func flush(_ output: inout OutputBytes) throws {
      if let last { try output.append([last, UInt8(count)]) }
    }

    static func decoded(_ bytes: [UInt8]) -> [UInt8] {
      stride(from: 0, to: bytes.count, by: 2).flatMap {
        [UInt8](repeating: bytes[$0], count: Int(bytes[$0 + 1]))
      }
    }
  }

  private struct Broken: Error {}

  @discardableResult
  private func copy(
    in scratch: Scratch, _ engine: EngineUnderTest, _ transform: any ByteTransform,
    cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil,
    options: CopyOptions = CopyOptions()
  ) throws -> CopyReport {
    let sent = SentTransform(transform: transform)
    return try withoutHanging(onHang: cancellation.cancel) {
      let fileEngine = try engine.makeFileEngine(intercept: intercept)
      defer { fileEngine.shutdownBlocking() }
      return try fileEngine.copyFileBlocking(
        from: scratch.bytes("source"), to: scratch.bytes("destination"), options: options, transform: sent,
        cancellation: cancellation)
    }
  }

  private func closure(
    _ body: @escaping @Sendable (UnsafeRawBufferPointer?, inout OutputBytes) throws -> Void
  ) -> ClosureTransform { ClosureTransform(body) }

  @Test(arguments: EngineUnderTest.available, [0, 1, 5000, 262_144, 262_145, 3_000_000])
  func `output of another length arrives whole and in order`(engine: EngineUnderTest, size: Int) throws {
    try withScratch { scratch in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 100 * 7) }
      try scratch.write("source", bytes)
      let report = try copy(in: scratch, engine, RunLengths())
      let made = try scratch.read("destination")
      #expect(RunLengths.decoded(made) == bytes)
      #expect(report.strategy == .transform)
      #expect(report.byteCount == Int64(made.count))
      #expect(report.size == Int64(made.count))
      // And longer: every byte twice, and a last word.
      let longer = closure { input, output in
        guard let input else { return try output.append("end") }
        for byte in input { try output.append([byte, byte]) }
      }
      try copy(in: scratch, engine, longer)
      #expect(try scratch.read("destination") == bytes.flatMap { [$0, $0] } + Array("end".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a transform that drops everything makes an empty file`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 2_000_000)
      let report = try copy(in: scratch, engine, closure { _, _ in })
      #expect(report.size == 0)
      #expect(try scratch.size("destination") == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `short reads and short writes are continued`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 1_500_000)
      try copy(
        in: scratch, engine, closure { input, output in if let input { try output.append(input) } },
        intercept: Intercepting.transfersAtMost(70_001))
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available, [1000, 3_000_000])
  func `what the transform throws ends the copy, and the destination is removed`(
    engine: EngineUnderTest, size: Int
  ) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: size)
      for throwsAtEnd in [false, true] {
        let error = #expect(throws: FileIOError.self) {
          try copy(
            in: scratch, engine,
            closure { input, output in
              if let input { try output.append(input) }
              if (input == nil) == throwsAtEnd { throw Broken() }
            })
        }
        #expect(error?.cause == .thrown("\(Broken())"))
        #expect(error?.activity == .transform)
        #expect(error?.note == "the unfinished destination was removed")
        #expect(!scratch.exists("destination"))
      }
    }
  }

  @Test(arguments: EngineUnderTest.available, [Operation.Kind.read, .write])
  func `an error of the kernel's ends the copy`(engine: EngineUnderTest, kind: Operation.Kind) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 3_000_000)
      let error = #expect(throws: FileIOError.self) {
        try copy(
          in: scratch, engine, closure { input, output in if let input { try output.append(input) } },
          intercept: Intercepting.number(2, of: kind, failsWith: .ioError))
      }
      #expect(error?.errno == .ioError)
      #expect(!scratch.exists("destination"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a FIFO is transformed to its end`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("source")
      let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 9) }
      let writing = Writing(scratch.filePath("source"), bytes)
      try copy(in: scratch, engine, RunLengths())
      try writing.done.waitOrFail()
      #expect(RunLengths.decoded(try scratch.read("destination")) == bytes)
    }
  }

  @Test(arguments: EngineUnderTest.concurrent)
  func `a failure ends a wait for a FIFO that nothing comes through`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("source")
      // Open for both ends: the FIFO never ends, and nothing more comes through it.
      let both = try FileDescriptor.open(scratch.filePath("source"), .readWrite)
      defer { try? both.close() }
      _ = try both.writeAll(Array("something".utf8))
      let error = #expect(throws: FileIOError.self) {
        try copy(in: scratch, engine, closure { _, _ in throw Broken() })
      }
      #expect(error?.activity == .transform)
      #expect(!scratch.exists("destination"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled copy ends, and the destination is removed`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("source")
      let both = try FileDescriptor.open(scratch.filePath("source"), .readWrite)
      defer { try? both.close() }
      _ = try both.writeAll(Array("something".utf8))
      let cancellation = Cancellation()
      let error = #expect(throws: FileIOError.self) {
        try copy(
          in: scratch, engine,
          closure { input, output in
            if let input { try output.append(input) }
            cancellation.cancel()
          }, cancellation: cancellation)
      }
      #expect(error?.isCancellation == true)
      #expect(!scratch.exists("destination"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the public calls take an object or a function`(engine: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let fileEngine = try engine.makeFileEngine()
      try scratch.write("source", Array("aaab".utf8))
      _ = try await fileEngine.copyFile(
        from: scratch.filePath("source"), to: scratch.filePath("runs"), transform: RunLengths())
      #expect(try scratch.read("runs") == Array("a".utf8) + [3] + Array("b".utf8) + [1])
      let report = try await fileEngine.copyFile(
        from: scratch.filePath("source"), to: scratch.filePath("redacted"),
        transform: { input, output in
          for byte in input ?? UnsafeRawBufferPointer(start: nil, count: 0) {
            try output.append(byte == UInt8(ascii: "b") ? "[cut]" : "a")
          }
        })
      #expect(report.byteCount == 8)
      #expect(try scratch.text("redacted") == "aaa[cut]")
      await fileEngine.shutdown()
    }
  }

  /// Writes to a FIFO on a thread of its own.
  private final class Writing: Sendable {
    let done = Gate()

    init(_ path: FilePath, _ bytes: [UInt8]) {
      let box = Unmanaged.passRetained(
        Body { [done] in
          if let descriptor = try? FileDescriptor.open(path, .writeOnly) {
            _ = try? descriptor.writeAll(bytes)
            try? descriptor.close()
          }
          done.open()
        })
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { box in
          Unmanaged<Body>.fromOpaque(box!).takeRetainedValue().run()
          return nil
        }, box.toOpaque())
      pthread_detach(thread)
    }
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
