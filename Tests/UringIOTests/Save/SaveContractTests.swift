import SystemPackage
import Testing

@testable import UringIO

/// What saving promises, on every engine.
struct SaveContractTests {
  @Test(arguments: EngineUnderTest.available)
  func `every kind of contents arrives whole`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let large = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      let memory = try AlignedBuffer(byteCount: 5000)
      memory.whole.withMutableBytes { for index in $0.indices { $0[index] = UInt8(index % 250) } }
      let line = Shared(0)
      let report = try save(
        [
          scratch.file("empty", ""), scratch.file("small", "hello"),
          FileToSave(scratch.bytes("large"), .bytes(large)),
          FileToSave(scratch.bytes("memory"), .memory(memory[1000..<3000])),
          FileToSave(scratch.bytes("producer"), .producer { large }),
          FileToSave(scratch.bytes("writer"), .writer { try $0.append(large) }),
          FileToSave(scratch.bytes("nothing"), .writer { _ in }),
          FileToSave(
            scratch.bytes("pieces"),
            .pieces { output in
              try output.append(large)
              return line.update { line in
                line += 1
                return line < 3
              }
            }),
        ], engine)
      #expect(report.failures.isEmpty)
      #expect(report.fileCount == 8)
      #expect(report.byteCount == Int64(5 + 2000 + 6 * large.count))
      #expect(report.engine == engine.kind)
      #expect(report.operations[.createFile] == 8)
      #expect(report.operations[.closeFile] == 8)
      #expect(try scratch.read("empty") == [])
      #expect(try scratch.text("small") == "hello")
      #expect(try scratch.read("memory") == (1000..<3000).map { UInt8($0 % 250) })
      #expect(try scratch.read("pieces") == large + large + large)
      for name in ["large", "producer", "writer"] { #expect(try scratch.read(name) == large) }
      #expect(try scratch.size("nothing") == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `many files are all saved, whatever is in flight`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let files = (0..<500).map { number in
        FileToSave(scratch.bytes("d\(number % 7)/\(number)"), .writer { try $0.append("file \(number)") })
      }
      for depth in [1, 16] {
        let report = try save(files, engine) {
          $0.createsParents = true
          $0.depth = depth
        }
        #expect(report.fileCount == 500)
        #expect(report.failures.isEmpty)
      }
      for number in 0..<500 { #expect(try scratch.text("d\(number % 7)/\(number)") == "file \(number)") }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `nothing to save is nothing wrong`(engine: EngineUnderTest) throws {
    let report = try save([], engine) { $0.isDurable = true }
    #expect(report.fileCount == 0)
    #expect(report.failures.isEmpty)
  }

  @Test(arguments: EngineUnderTest.available)
  func `an existing file is written over, and keeps its permissions`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", Array("something longer".utf8))
      chmod(scratch.path("file"), 0o640)
      try save([scratch.file("file", "new")], engine).throwFirstFailure()
      #expect(try scratch.text("file") == "new")
      #expect(try scratch.status("file").st_mode & 0o777 == 0o640)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `new files get the permissions asked for, less the umask`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let mask = umask(0o022)
      defer { umask(mask) }
      try save(
        [
          scratch.file("plain", "1"),
          FileToSave(scratch.filePath("own"), .bytes([1]), permissions: FilePermissions(rawValue: 0o755)),
        ], engine
      ).throwFirstFailure()
      try save([scratch.file("secret", "1")], engine) { $0.permissions = .ownerReadWrite }.throwFirstFailure()
      #expect(try scratch.status("plain").st_mode & 0o777 == 0o644)
      #expect(try scratch.status("own").st_mode & 0o777 == 0o755)
      #expect(try scratch.status("secret").st_mode & 0o777 == 0o600)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the last of several entries for one file wins, unmixed`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let entries = (0..<40).map { number in
        scratch.file(
          number % 2 == 0 ? "same" : "./same",
          String(repeating: "\(number % 10)", count: 50_000 - number * 1000))
      }
      let report = try save(entries, engine) { $0.depth = 8 }
      #expect(report.fileCount == 40)
      #expect(try scratch.text("same") == String(repeating: "9", count: 11_000))
      let exclusive = try save([scratch.file("new", "1"), scratch.file("new", "2")], engine) {
        $0.isExclusive = true
      }
      #expect(exclusive.fileCount == 1)
      #expect(exclusive.failures.map(\.index) == [1])
      #expect(exclusive.failures.first?.error.errno == .fileExists)
      #expect(try scratch.text("new") == "1")
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an atomic save replaces the file, or the link, and leaves no other name`(
    engine: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.write("file", Array("old".utf8))
      try scratch.write("aim", Array("kept".utf8))
      try scratch.makeLink("link", to: "aim")
      let before = try scratch.status("file").st_ino
      try save([scratch.file("file", "new"), scratch.file("link", "new"), scratch.file("d/e", "1")], engine) {
        $0.isAtomic = true
        $0.createsParents = true
      }.throwFirstFailure()
      #expect(try scratch.text("file") == "new")
      #expect(try scratch.status("file").st_ino != before)
      #expect(try scratch.text("link") == "new")
      #expect(try scratch.text("aim") == "kept")
      #expect(try scratch.holdsOnly("aim", "d", "file", "link"))
      let exclusive = try save([scratch.file("file", "never"), scratch.file("other", "new")], engine) {
        $0.isAtomic = true
        $0.isExclusive = true
      }
      #expect(exclusive.failures.map(\.error.errno) == [.fileExists])
      #expect(try scratch.text("file") == "new")
      #expect(try scratch.holdsOnly("aim", "d", "file", "link", "other"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a durable save syncs each file, and each directory once`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let files = (0..<60).map { scratch.file("d\($0 % 3)/\($0)", "text") }
      let report = try save(files, engine) {
        $0.isDurable = true
        $0.createsParents = true
      }
      #expect(report.failures.isEmpty)
      // Three directories, and the one in which those were made.
      #expect(report.operations[.synchronize] == 60 + 4)
      #expect(report.operations[.openFile] == 4)
      #expect(report.operations[.closeFile] == 60 + 4)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `progress counts files and bytes, the last call all of them`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("directory")
      let calls = Shared<[SaveProgress]>([])
      let files = (0..<10).map { scratch.file("\($0)", "12345") } + [scratch.file("directory", "1")]
      try save(files, engine, progress: { progress in calls.update { $0.append(progress) } })
      #expect(calls.value.last == SaveProgress(fileCount: 10, failureCount: 1, byteCount: 50))
      #expect(zip(calls.value, calls.value.dropFirst()).allSatisfy { $0.byteCount <= $1.byteCount })
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a FIFO that somebody reads gets the bytes`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFIFO("fifo")
      // More than a pipe holds: the job has to wait for the reader.
      let bytes = [UInt8](repeating: 7, count: 300_000)
      let reader = try FileDescriptor.open(scratch.filePath("fifo"), .readOnly, options: .nonBlocking)
      _ = fcntl(reader.rawValue, F_SETFL, 0)
      // Held open meanwhile: without a writer the reader would be at the end.
      let writer = try FileDescriptor.open(scratch.filePath("fifo"), .writeOnly)
      let count = Shared(0)
      let done = Gate()
      detach {
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while let got = try? buffer.withUnsafeMutableBytes({ try reader.read(into: $0) }), got > 0 {
          count.update { $0 += got }
        }
        done.open()
      }
      try save([FileToSave(scratch.bytes("fifo"), .bytes(bytes))], engine).throwFirstFailure()
      try writer.close()
      try done.waitOrFail()
      try reader.close()
      #expect(count.value == 300_000)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `short writes are continued`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
      try save(
        [FileToSave(scratch.bytes("file"), .bytes(bytes))], engine,
        intercept: Intercepting.transfersAtMost(997)
      ).throwFirstFailure()
      #expect(try scratch.read("file") == bytes)
    }
  }

  private func detach(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Body(body)).toOpaque()
    pthread_create(
      &thread, nil,
      { box in
        Unmanaged<Body>.fromOpaque(box!).takeRetainedValue().run()
        return nil
      }, box)
    pthread_detach(thread)
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

// Not Foundation, which has an `Operation` of its own.
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
