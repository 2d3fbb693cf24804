import CTestSupport
import Foundation
import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Many small files by one operation, on a thread with descriptors of its own: what that does, what it leaves, and
  /// what the thread has open.
  @Suite(.timeLimit(.minutes(30))) struct SmallFileLoadsTests {
    /// Files of a scratch directory, loaded together.
    private final class Bench {
      let scratch: Scratch
      let loads: SmallFileLoads
      private(set) var loaded: [Int: LoadedFile] = [:]
      private(set) var left: [Int] = []
      /// Those that did not fit, with the sizes that were told.
      private(set) var fitted: [Int: Int64] = [:]
      var tally = OperationTally()

      init(_ scratch: Scratch, _ descriptors: OwnDescriptors) {
        self.scratch = scratch
        loads = SmallFileLoads(descriptors)
      }

      func add(_ names: [String], memory: Int?, memoryDevice: UInt64 = .max) throws {
        for name in names {
          let numbered = NumberedName(
            index: Int(name) ?? -1,
            name: FileName(name.hasPrefix("/") ? PathBytes(FilePath(name)) : scratch.bytes(name)))
          let file = try memory.map {
            LoadedFile(numbered, room: 0, region: LoadRegion(try AlignedBuffer(byteCount: $0).whole))
          }
          loads.add(numbered, file, memoryDevice: memoryDevice)
        }
      }

      /// One operation, and what it completed.
      func perform(fits: Bool = true) throws {
        let count = loads.perform()
        loads.count(in: &tally, inline: false)
        let before = loaded.count
        var failure: (any Error)?
        loads.takeCompleted(
          fit: { name, size, _ in
            fitted[name.index] = size
            guard fits else { return nil }
            do {
              return LoadedFile(
                name, room: 0, region: LoadRegion(try AlignedBuffer(byteCount: Int(size) + 1).whole))
            } catch {
              failure = error
              return nil
            }
          },
          each: { outcome in
            switch outcome {
            case .loaded(let file, let byteCount):
              file.byteCount = byteCount
              loaded[file.index] = file
            case .left(let name, _): left.append(name.index)
            }
          })
        if let failure { throw failure }
        #expect(loaded.count - before == count)
      }

      func performAll() throws {
        try perform()
        while loads.hasBegun { try perform() }
      }
    }

    /// What the threads with descriptors of their own have open, by thread.
    private static func openByThread() throws -> [String: [Int: String]] {
      var threads: [String: [Int: String]] = [:]
      for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
        let path = "/proc/self/task/\(task)"
        guard (try? String(contentsOfFile: path + "/comm", encoding: .utf8)) == "uring-files\n",
          let numbers = try? FileManager.default.contentsOfDirectory(atPath: path + "/fd")
        else { continue }
        threads[task] = Dictionary(
          uniqueKeysWithValues: numbers.map {
            (Int($0)!, (try? FileManager.default.destinationOfSymbolicLink(atPath: path + "/fd/\($0)")) ?? "")
          })
      }
      return threads
    }

    /// That of a thread which nobody else has.
    private static func makeThread() throws -> (OwnDescriptors, open: () throws -> [Int: String]?) {
      // Other tests start and end such threads meanwhile.
      for _ in 0..<100 {
        let before = Set(try openByThread().keys)
        let descriptors = try #require(OwnDescriptors())
        let new = Set(try openByThread().keys).subtracting(before)
        if new.count == 1 { return (descriptors, { try openByThread()[new.first!] }) }
      }
      throw TestFailure("too many threads come and go")
    }

    private func withBench(_ body: (Bench, Scratch, () throws -> [Int: String]?) throws -> Void) throws {
      try withScratch { scratch in
        let before = try scratch.openDescriptors()
        let (descriptors, open) = try Self.makeThread()
        try body(Bench(scratch, descriptors), scratch, open)
        // Nothing is left open on either side.
        #expect(try scratch.openDescriptors() == before)
        let left = try #require(try open())
        #expect(left.keys.sorted() == [0, 1, 2])
      }
    }

    @Test func `whole files are loaded, and none is open in between`() throws {
      try withBench { bench, scratch, open in
        let names = try scratch.makeLoadFiles([Int](repeating: 3800, count: 100)).indices.map { "\($0)" }
        try bench.add(Array(names[..<60]), memory: 4096)
        try bench.perform()
        #expect(bench.loaded.isEmpty && bench.loads.hasBegun)
        try bench.add(Array(names[60...]), memory: 4096)
        try bench.perform()
        #expect(bench.loaded.count == 60)
        try bench.performAll()
        #expect(bench.loaded.count == 100 && bench.left.isEmpty && bench.fitted.isEmpty)
        for (_, file) in bench.loaded { #expect(try file.isPattern(count: 3800)) }
        for kind in [UringIO.Operation.Kind.openFile, .status, .read, .closeFile] {
          #expect(bench.tally[kind] == 100)
        }
        #expect(bench.tally.byteCount(.read) == 380_000)
      }
    }

    @Test func `a file that does not fit stays open and is read into memory for its size`() throws {
      try withBench { bench, scratch, open in
        let sizes = [3800, 4096, 1, 60_000, 3800, 0, 3072, 3071, 4095]
        let names = try scratch.makeLoadFiles(sizes).indices.map { "\($0)" }
        try bench.add(names, memory: 4096)
        try bench.perform()
        try bench.perform()
        // What fits memory of 4096 bytes: more than three quarters of it, and less than all.
        #expect(bench.loaded.keys.sorted() == [0, 4, 6, 8])
        #expect(bench.fitted == [1: 4096, 2: 1, 3: 60_000, 5: 0, 7: 3071])
        #expect(try #require(try open()).count { $0.value.hasPrefix(scratch.directory) } == 5)
        try bench.performAll()
        #expect(bench.loaded.count == sizes.count)
        for (index, file) in bench.loaded { #expect(try file.isPattern(count: sizes[index])) }
      }
    }

    @Test func `files without memory are opened, and closed where they get none`() throws {
      try withBench { bench, scratch, open in
        let names = try scratch.makeLoadFiles([10, 20, 30]).indices.map { "\($0)" }
        try bench.add(names, memory: nil)
        try bench.perform()
        try bench.perform(fits: false)
        #expect(bench.fitted == [0: 10, 1: 20, 2: 30])
        try bench.performAll()
        #expect(bench.loaded.isEmpty && bench.left.isEmpty && bench.tally[.read] == 0)
      }
    }

    @Test func `what is no regular file, or cannot be opened, is left`() throws {
      try withBench { bench, scratch, _ in
        _ = try scratch.makeLoadFiles([3800])
        mkdir(scratch.path("1"), 0o755)
        try scratch.makeFIFO("2")
        symlink("4", scratch.path("4"))
        symlink("0", scratch.path("5"))
        try bench.add(["1", "2", "3", "4", "5", "0", "/dev/zero"], memory: 4096)
        try bench.performAll()
        #expect(bench.left.sorted() == [-1, 1, 2, 3, 4])
        #expect(bench.loaded.keys.sorted() == [0, 5] && bench.fitted.isEmpty)
      }
    }

    @Test func `what is not cached is left, and what no read can tell of`() throws {
      // tmpfs has no read that takes only what is cached.
      try withScratch(inMemory: true) { scratch in
        let bench = Bench(scratch, try #require(OwnDescriptors()))
        let names = try scratch.makeLoadFiles([3800, 3800]).indices.map { "\($0)" }
        try bench.add(names, memory: 4096)
        try bench.performAll()
        #expect(bench.left == [0, 1] && bench.tally[.read] == 2 && bench.tally.byteCount(.read) == 0)
        try bench.add(names, memory: 4096, memoryDevice: UInt64(try scratch.status("0").st_dev))
        try bench.performAll()
        #expect(bench.loaded.count == 2)
      }
    }

    @Test func `the thread keeps nothing of the process's open`() throws {
      let pipe = try Pipe()
      let (descriptors, open) = try Self.makeThread()
      #expect(try #require(try open()).allSatisfy { $0.value.contains("eventfd") })
      try pipe.writeEnd.close()
      // Would not come if the thread had the other end, too.
      var byte: UInt8 = 0
      #expect(read(pipe.readEnd.rawValue, &byte, 1) == 0)
      try pipe.readEnd.close()
      withExtendedLifetime(descriptors) {}
    }

    @Test func `names are looked up in the process's working directory, and standard input is the process's`()
      throws
    {
      let descriptors = try #require(OwnDescriptors())
      let loads = SmallFileLoads(descriptors)
      for name in ["Package.swift", "/proc/self/fd/0"] {
        loads.add(NumberedName(index: 0, name: FileName(FilePath(name))), nil, memoryDevice: .max)
      }
      _ = loads.perform()
      _ = loads.perform()
      var sizes: [Int64] = []
      loads.takeCompleted(
        fit: { _, size, _ in
          sizes.append(size)
          return nil
        }, each: { _ in })
      _ = loads.perform()
      var status = stat()
      var expected: [Int64] = []
      if stat("Package.swift", &status) == 0 { expected.append(Int64(status.st_size)) }
      if fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFREG { expected.append(Int64(status.st_size)) }
      #expect(sizes == expected)
    }

    @Test func `dropped while it works, it waits for the thread, which ends`() throws {
      try withScratch { scratch in
        let names = try scratch.makeLoadFiles([Int](repeating: 3800, count: 128)).indices.map { "\($0)" }
        let (thread, open) = try Self.makeThread()
        var bench: Bench? = Bench(scratch, thread)
        try bench!.add(names, memory: 4096)
        try bench!.perform()
        bench = nil
        #expect(try open()?.keys.sorted() == [0, 1, 2])
      }
    }

    // MARK: In loads

    /// Sizes that are alike, that change from file to file, and that belong to other ways.
    private static let sizesByKind: [[Int]] = [
      [3800], (0..<997).map { 1 + $0 * 7919 % 20_000 },
      (0..<500).map { $0 % 50 == 49 ? [0, 70_000, 5 << 20, 64 << 10][$0 / 50 % 4] : 2000 },
    ]

    @Test(arguments: LoadSetting.all, sizesByKind.indices)
    func `thousands of files, among them what is not as usual`(_ setting: LoadSetting, _ kind: Int)
      async throws
    {
      try await withScratch { scratch in
        let before = try scratch.openDescriptors()
        let sizes = (0..<3000).map { Self.sizesByKind[kind][$0 % Self.sizesByKind[kind].count] }
        var paths = try scratch.makeLoadFiles(sizes)
        let bad = Set(stride(from: 700, to: 3000, by: 97))
        for number in bad { paths[number] = scratch.filePath("absent") }
        for budget in [64 << 20, 40_000] {
          let engine = try setting.engine.makeFileEngine()
          var options = setting.options
          options.maxBytesInFlight = budget
          var seen: [Int] = []
          let files = engine.load(paths, options: options)
          for try await file in files {
            seen.append(file.index)
            #expect(file.path == paths[file.index])
            if bad.contains(file.index) {
              #expect(file.error?.errno == .noSuchFileOrDirectory)
            } else {
              #expect(try file.isPattern(count: sizes[file.index]), "\(file.index)")
            }
          }
          #expect(seen.sorted() == Array(0..<3000))
          if setting.order == .inOrder { #expect(seen == Array(0..<3000)) }
          let report = try #require(files.report)
          #expect(report.errorCount == bad.count && report.fileCount == 3000 - bad.count)
          await engine.shutdown()
          #expect(try scratch.openDescriptors() == before)
        }
      }
    }

    @Test(arguments: EngineUnderTest.concurrent)
    func `a load that is given up in the middle leaves nothing open and no thread`(
      _ kind: EngineUnderTest
    ) async throws {
      try await withScratch { scratch in
        let before = try scratch.openDescriptors()
        let sizes = (0..<4000).map { 1 + $0 * 7919 % 6000 }
        let paths = try scratch.makeLoadFiles(sizes)
        let engine = try kind.makeFileEngine()
        for end in [700, 1500, 2500] {
          var count = 0
          for try await _ in engine.load(paths) {
            count += 1
            if count == end { break }
          }
        }
        await engine.shutdown()
        #expect(try scratch.openDescriptors() == before)
        // Those of other tests have none of these files; threads that are to end do so by themselves.
        let open = try Self.openByThread().values.flatMap { $0.values }
        #expect(!open.contains { $0.hasPrefix(scratch.directory) })
      }
    }

    @Test(arguments: EngineUnderTest.concurrent)
    func `whoever answers for the kernel is asked for every call`(_ kind: EngineUnderTest) async throws {
      try await withScratch { scratch in
        let paths = try scratch.makeLoadFiles([Int](repeating: 100, count: 3000))
        let engine = try kind.makeFileEngine(
          intercept: Intercepting.number(2900, of: .openFile, failsWith: .ioError))
        let files = engine.load(paths)
        var errorCount = 0
        for try await file in files where file.error != nil { errorCount += 1 }
        #expect(errorCount == 1)
        #expect(files.report?.operations[.openFile] == 3000)
        await engine.shutdown()
      }
    }
  }
#endif
