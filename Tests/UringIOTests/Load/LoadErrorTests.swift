import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Paths that cannot be loaded, transforms, and ends before the end.
@Suite(.timeLimit(.minutes(30))) struct LoadErrorTests {
  @Test(arguments: LoadSetting.all)
  func `each bad path is its own error and the others go on`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let good = try scratch.makeLoadFiles([10, 20])
      mkdir(scratch.path("directory"), 0o755)
      try scratch.makeFIFO("fifo")
      symlink("nowhere", scratch.path("dangling"))
      symlink("1", scratch.path("link"))
      symlink("loop", scratch.path("loop"))
      let paths: [FilePath] = [
        good[0], scratch.filePath("missing"), scratch.filePath("directory"), FilePath(""),
        scratch.filePath("fifo"), scratch.filePath("dangling"), scratch.filePath("loop"),
        scratch.filePath("0/below"), FilePath("/dev/zero"), good[0], scratch.filePath("link"),
      ]
      let engine = try setting.engine.makeFileEngine()
      var errors: [Int: FileIOError] = [:]
      var sizes: [Int: Int] = [:]
      let files = engine.load(paths, options: setting.options)
      for try await file in files {
        if let error = file.error { errors[file.index] = error } else { sizes[file.index] = file.byteCount }
      }
      #expect(sizes == [0: 10, 9: 10, 10: 20])
      #expect(
        errors.mapValues(\.errno) == [
          1: .noSuchFileOrDirectory, 2: .isDirectory, 3: .noSuchFileOrDirectory, 4: .notSupported,
          5: .noSuchFileOrDirectory, 6: .tooManySymbolicLinkLevels, 7: .notDirectory, 8: .notSupported,
        ])
      for (index, error) in errors { #expect(error.path == PathBytes(paths[index])) }
      #expect(files.report?.errorCount == 8 && files.report?.fileCount == 3)
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `an error of the kernel's is one file's`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([Int](repeating: 100, count: 100))
      let engine = try setting.engine.makeFileEngine(
        intercept: Intercepting.number(40, of: .read, failsWith: .ioError))
      var errors: [FileIOError] = []
      var count = 0
      for try await file in engine.load(paths, options: setting.options) {
        if let error = file.error { errors.append(error) } else { count += 1 }
      }
      #expect(count == 99)
      #expect(errors.map(\.errno) == [.ioError] && errors.map(\.activity) == [.read])
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `the first error ends all where that is asked for`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      var paths = try scratch.makeLoadFiles([Int](repeating: 100, count: 500))
      paths[250] = scratch.filePath("missing")
      let engine = try setting.engine.makeFileEngine()
      var options = setting.options
      options.stopsAtFirstError = true
      var seen: [Int] = []
      var iterator = engine.load(paths, options: options).makeAsyncIterator()
      let error = await #expect(throws: FileIOError.self) {
        while let file = try await iterator.next() { seen.append(file.index) }
      }
      #expect(error?.path == PathBytes(paths[250]))
      if setting.order == .inOrder { #expect(seen == Array(0..<250)) }
      #expect(try await iterator.next() == nil)
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `millions of bad paths stay within their bound too`(_ setting: LoadSetting) async throws {
    let pulled = Shared(0)
    let paths = LazyPaths {
      AnyIterator {
        pulled.update { $0 += 1 }
        return FilePath("/nowhere/at/all")
      }
    }
    let engine = try setting.engine.makeFileEngine()
    var iterator = engine.load(paths, options: setting.options).makeAsyncIterator()
    #expect(try await iterator.next()?.error != nil)
    try await Task.sleep(for: .milliseconds(100))
    #expect(pulled.value <= LoadSource.filesInFlightMax)
    for _ in 0..<20_000 { #expect(try await iterator.next()?.error?.errno == .noSuchFileOrDirectory) }
  }

  @Test(arguments: LoadSetting.all)
  func `no path is no file`(_ setting: LoadSetting) async throws {
    let engine = try setting.engine.makeFileEngine()
    let files = engine.load([FilePath](), options: setting.options)
    for try await _ in files { Issue.record("a file from nowhere") }
    #expect(files.report?.fileCount == 0)
    await engine.shutdown()
  }

  @Test(
    arguments: [
      (0, nil, nil, nil), (1, 0, nil, nil), (1, 5000, nil, nil), (1, nil, 0, nil), (1, nil, 300, nil),
      (1, nil, nil, 0), (1, nil, nil, 4097),
    ] as [(Int, Int?, Int?, Int?)])
  func `options out of range are refused`(bytes: Int, depth: Int?, workers: Int?, batch: Int?) async throws {
    var options = LoadOptions()
    options.maxBytesInFlight = bytes
    options.depth = depth
    options.workers = workers
    options.batch = batch
    let engine = try FileEngine()
    var iterator = engine.load([FilePath("/dev/null")], options: options).makeAsyncIterator()
    let error = await #expect(throws: FileIOError.self) { try await iterator.next() }
    #expect(error?.errno == .invalidArgument && error?.activity == .load)
    #expect(try await iterator.next() == nil)
  }

  // MARK: Order

  @Test(arguments: EngineUnderTest.concurrent)
  func `in order, the first file's slowness keeps the others in memory, not from being loaded`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([Int](repeating: 100, count: 200))
      let opened = Shared(0)
      // The first file's status is answered only after many others were opened.
      let slow: Interceptor = { operation in
        if case .openFile(_, let name, _) = operation {
          let count = opened.update { count -> Int in
            count += 1
            return count
          }
          if name.bytes == PathBytes(paths[0]), count == 1 {
            for _ in 0..<2000 where opened.value < 20 { usleep(1000) }
          }
        }
        return .pass
      }
      let engine = try kind.makeFileEngine(workers: 2, intercept: slow)
      var options = LoadOptions()
      options.order = .inOrder
      var seen: [Int] = []
      for try await file in engine.load(paths, options: options) { seen.append(file.index) }
      #expect(seen == Array(0..<200))
      #expect(opened.value == 200)
      await engine.shutdown()
    }
  }

  // MARK: Transforms

  @Test(arguments: LoadSetting.all)
  func `a transform's values, of any kind and size, arrive with their files`(
    _ setting: LoadSetting
  ) async throws {
    try await withScratch { scratch in
      let sizes = (0..<200).map { $0 * 5 }
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try setting.engine.makeFileEngine()
      var options = setting.options
      options.maxBytesInFlight = 10_000
      let strings = engine.load(paths, options: options) { file in
        try file.withBytes { bytes in "\(file.index): \(bytes.reduce(0) { $0 + Int($1) })" }
      }
      var count = 0
      for try await file in strings {
        let sum = LoadPattern.bytes(file.index, count: sizes[file.index]).reduce(0) { $0 + Int($1) }
        #expect(try file.result.get() == "\(file.index): \(sum)")
        #expect(file.path == paths[file.index])
        if setting.order == .inOrder { #expect(file.index == count) }
        count += 1
      }
      #expect(count == 200)
      #expect(strings.report?.fileCount == 200)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what a transform throws is that file's, and one that cannot be loaded is not transformed`(
    _ kind: EngineUnderTest
  ) async throws {
    struct Odd: Error, Equatable { var index: Int }
    try await withScratch { scratch in
      var paths = try scratch.makeLoadFiles([Int](repeating: 10, count: 20))
      paths.append(scratch.filePath("missing"))
      let engine = try kind.makeFileEngine()
      let calls = Shared(0)
      let files = engine.load(paths) { file -> Int in
        calls.update { $0 += 1 }
        if file.index % 2 == 1 { throw Odd(index: file.index) }
        return file.byteCount
      }
      for try await file in files {
        switch file.result {
        case .success(let count): #expect(file.index % 2 == 0 && count == 10)
        case .failure(let error as Odd): #expect(error == Odd(index: file.index))
        case .failure(let error): #expect((error as? FileIOError)?.errno == .noSuchFileOrDirectory)
        }
      }
      #expect(calls.value == 20)
      await engine.shutdown()
    }
  }

  // MARK: Ends

  @Test(arguments: LoadSetting.all)
  func `leaving the loop ends the load and closes its files`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([Int](repeating: 30_000, count: 400))
      let opened = Shared(0)
      let closed = Shared(0)
      let engine = try setting.engine.makeFileEngine(intercept: { operation in
        if operation.kind == .openFile { opened.update { $0 += 1 } }
        if operation.kind == .closeFile { closed.update { $0 += 1 } }
        return .pass
      })
      var options = setting.options
      options.maxBytesInFlight = 50_000
      var kept: OwnedBytes?
      var index = -1
      for try await file in engine.load(paths, options: options) {
        kept = try file.take()
        index = file.index
        break
      }
      // Nothing of it is under way after that. Files that waited for room are closed at the end itself.
      await engine.shutdown()
      #expect(opened.value < 400)
      // A job has one file open, and may have left another one that waits.
      #expect(opened.value - closed.value <= 2 * 2 * FileRooms.ringDepth)
      #expect(kept?.withBytes { LoadPattern.matches($0, index, count: 30_000) } == true)
      #expect(try scratch.openDescriptors() == 0)
    }
  }

  @Test(arguments: LoadSetting.all)
  func `a cancelled task's load throws once the engine has let go`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let path = try scratch.makeLoadFiles([5000])[0]
      let engine = try setting.engine.makeFileEngine()
      let options = setting.options
      let task = Task { () -> FileIOError? in
        var count = 0
        do throws(FileIOError) {
          for try await _ in engine.load(LazyPaths { AnyIterator { path } }, options: options) {
            count += 1
            if count == 100 { withUnsafeCurrentTask { $0?.cancel() } }
          }
          return nil
        } catch {
          return error
        }
      }
      #expect(await task.value?.isCancellation == true)
      #expect(try scratch.openDescriptors() == 0)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a task that waits for a transform is let go when it is cancelled`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([10, 10])
      let isComputing = Gate()
      let mayEnd = Gate()
      let engine = try kind.makeFileEngine()
      let task = Task { () -> FileIOError? in
        do throws(FileIOError) {
          let files = engine.load(paths) { _ in
            isComputing.open()
            mayEnd.wait()
          }
          for try await _ in files {}
          return nil
        } catch {
          return error
        }
      }
      try await isComputing.opened()
      task.cancel()
      mayEnd.open()
      #expect(await task.value?.isCancellation == true)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `several loads at once on one engine do not mix`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let sizes = (0..<200).map { $0 * 11 }
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try kind.makeFileEngine()
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<6 {
          group.addTask {
            var count = 0
            for try await file in engine.load(paths) {
              guard try file.isPattern(count: sizes[file.index]) else { return false }
              count += 1
            }
            return count == 200
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a load can be gone through again`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([1, 2, 3])
      let engine = try kind.makeFileEngine()
      let files = engine.load(paths)
      #expect(files.report == nil)
      for _ in 0..<3 {
        var count = 0
        for try await _ in files { count += 1 }
        #expect(count == 3 && files.report?.byteCount == 6)
      }
      await engine.shutdown()
    }
  }
}
