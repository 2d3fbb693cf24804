import SystemPackage
import Testing

@testable import UringIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What saving makes of what goes wrong, on every engine.
struct SaveFailureTests {
  @Test(arguments: EngineUnderTest.available)
  func `a file that fails does not end the others`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("directory")
      try scratch.write("parent", Array("file".utf8))
      try scratch.makeLink("dangling", to: "nowhere")
      try scratch.makeLink("loop", to: "loop")
      try scratch.makeFIFO("fifo")
      let report = try save(
        [
          scratch.file("directory", "1"), scratch.file("parent/child", "1"), scratch.file("dangling", "1"),
          scratch.file("missing/child", "1"), scratch.file("loop", "1"), scratch.file("fifo", "1"),
          FileToSave(FilePath(""), .bytes([1])), scratch.file("slash/", "1"),
          scratch.file(String(repeating: "n", count: 256), "1"),
          FileToSave(scratch.bytes("thrown"), .writer { _ in throw Errno.outOfRange }),
          scratch.file("good", "1"),
        ], engine)
      #expect(report.fileCount == 1)
      #expect(try scratch.text("good") == "1")
      let errors = Dictionary(uniqueKeysWithValues: report.failures.map { ($0.index!, $0.error) })
      #expect(errors.keys.sorted() == Array(0..<10))
      #expect(errors[0]?.errno == .isDirectory)
      #expect(errors[1]?.errno == .notDirectory)
      #expect(errors[2]?.cause == .danglingSymlink)
      #expect(errors[3]?.errno == .noSuchFileOrDirectory)
      #expect(errors[4]?.errno == .tooManySymbolicLinkLevels)
      #expect(errors[5]?.errno == .noSuchAddressOrDevice)
      #expect(errors[6]?.errno == .noSuchFileOrDirectory)
      #expect(errors[7]?.errno == .isDirectory)
      #expect(errors[8]?.errno == .fileNameTooLong)
      #expect(errors[9]?.cause == .thrown("\(Errno.outOfRange)"))
      #expect(!scratch.exists("nowhere"))
      #expect(try scratch.holdsOnly("dangling", "directory", "fifo", "good", "loop", "parent"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an existing link that leads somewhere is written through`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("aim", Array("old".utf8))
      try scratch.makeLink("link", to: "aim")
      try save([scratch.file("link", "new")], engine).throwFirstFailure()
      #expect(try scratch.text("aim") == "new")
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an atomic save over a directory, and into a missing one, leaves nothing`(
    engine: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("directory")
      let report = try save([scratch.file("directory", "1"), scratch.file("missing/child", "1")], engine) {
        $0.isAtomic = true
      }
      #expect(report.failures.count == 2)
      #expect(report.failures.contains { $0.error.errno == .isDirectory && $0.error.activity == .rename })
      #expect(try scratch.holdsOnly("directory"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `parents that cannot be made are an error`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("file", Array("1".utf8))
      try scratch.makeLink("dangling", to: "nowhere")
      let report = try save([scratch.file("file/a/b", "1"), scratch.file("dangling/a", "1")], engine) {
        $0.createsParents = true
      }
      #expect(report.fileCount == 0)
      #expect(report.failures.count == 2)
      #expect(try scratch.holdsOnly("dangling", "file"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file that was created and could not be finished is removed`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      for isAtomic in [false, true] {
        let report = try save(
          (0..<5).map { scratch.file("\($0)", String(repeating: "x", count: 1000)) }, engine, workers: 1,
          intercept: Intercepting.number(2, of: .write, failsWith: .noSpace)
        ) {
          $0.isAtomic = isAtomic
          $0.depth = 1
        }
        #expect(report.fileCount == 4)
        let failure = try #require(report.failures.first)
        #expect(failure.index == 2)
        #expect(failure.error.errno == .noSpace)
        #expect(failure.error.note == "the unfinished file was removed")
        #expect(try scratch.holdsOnly("0", "1", "3", "4"))
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file that existed and could not be finished is damaged, and its error says so`(
    engine: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.write("file", Array("old contents".utf8))
      let report = try save(
        [scratch.file("file", "new")], engine,
        intercept: Intercepting.first(1, of: .write, failWith: .ioError))
      #expect(report.failures.first?.error.note?.contains("existed and is damaged") == true)
      #expect(try scratch.size("file") == 0)
      try scratch.write("file", Array("old contents".utf8))
      let atomic = try save(
        [scratch.file("file", "new")], engine,
        intercept: Intercepting.first(1, of: .write, failWith: .ioError)
      ) { $0.isAtomic = true }
      #expect(atomic.failures.count == 1)
      #expect(try scratch.text("file") == "old contents")
      #expect(try scratch.holdsOnly("file"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `somebody else's file is not removed`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.write("other", Array("somebody's".utf8))
      let swap = Intercepting.before(0, of: .write) {
        rename(scratch.path("other"), scratch.path("file"))
      }
      let report = try save(
        [scratch.file("file", "new")], engine,
        intercept: { operation in
          if case .pass = swap(operation), operation.kind == .write { .fail(.ioError) } else { .pass }
        })
      #expect(report.failures.first?.error.note == "the unfinished file was moved or replaced meanwhile")
      #expect(try scratch.text("file") == "somebody's")
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `the first error ends the save where that was asked for`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("directory")
      let files = [scratch.file("directory", "1")] + (0..<200).map { scratch.file("\($0)", "1") }
      let report = try save(files, engine, workers: 1) {
        $0.stopsAtFirstError = true
        $0.depth = 1
      }
      #expect(report.failures.count == 1)
      #expect(report.fileCount < 200)
      #expect(throws: FileIOError.self) { try report.throwFirstFailure() }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a sync that fails is an error of the file, or of the directory`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let one = try save(
        [scratch.file("a", "1"), scratch.file("b", "1")], engine, workers: 1,
        intercept: Intercepting.first(1, of: .synchronize, failWith: .ioError)
      ) { $0.isDurable = true }
      #expect(one.fileCount == 1)
      #expect(one.failures.first?.error.activity == .synchronize)
      #expect(try scratch.names().count == 1)
      let directory = try save(
        [scratch.file("c", "1")], engine, workers: 1,
        intercept: Intercepting.number(1, of: .synchronize, failsWith: .ioError)
      ) { $0.isDurable = true }
      #expect(directory.fileCount == 1)
      #expect(directory.failures.map(\.index) == [nil])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a cancelled save ends, and leaves no unfinished file`(engine: EngineUnderTest) throws {
    try withScratch { scratch in
      let cancellation = Cancellation()
      let files = (0..<1000).map { number in
        FileToSave(
          scratch.bytes("\(number)"),
          .pieces { output in
            try output.append("a piece")
            if number == 20 { cancellation.cancel() }
            return false
          })
      }
      let report = try save(files, engine, cancellation: cancellation)
      #expect(report.fileCount < 1000)
      let names = try scratch.names()
      #expect(names.count == report.fileCount)
      for name in names { #expect(try scratch.text(name) == "a piece") }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `options out of range are refused`(engine: EngineUnderTest) throws {
    for (workers, depth, batch) in [(0, 1, 1), (257, 1, 1), (1, 0, 1), (1, 4097, 1), (1, 1, 0), (1, 1, 4097)]
    {
      let error = #expect(throws: FileIOError.self) {
        try save([], engine) {
          $0.workers = workers
          $0.depth = depth
          $0.batch = batch
        }
      }
      #expect(error?.errno == .invalidArgument)
    }
  }
}
