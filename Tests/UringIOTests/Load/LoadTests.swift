import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// An engine and an order.
struct LoadSetting: Sendable, CustomTestStringConvertible {
  var engine: EngineUnderTest
  var order: LoadOptions.Order

  var testDescription: String { "\(engine), \(order)" }

  static let all = EngineUnderTest.available.flatMap { engine in
    LoadOptions.Order.allCases.map { LoadSetting(engine: engine, order: $0) }
  }

  var options: LoadOptions {
    var options = LoadOptions()
    options.order = order
    return options
  }
}

/// Bytes that tell which file they are of, compared without a loop of Swift's: tests are debug builds.
enum LoadPattern {
  private static let period = Array((0..<251).map { UInt8($0) })
  private static let table = (0...(6 << 20) / 251).flatMap { _ in period }

  static func bytes(_ number: Int, count: Int) -> ArraySlice<UInt8> {
    let start = number * 7 % 251
    return table[start..<start + count]
  }

  /// Whether these are the bytes of that file, all of them.
  static func matches(_ bytes: UnsafeRawBufferPointer, _ number: Int, count: Int) -> Bool {
    guard bytes.count == count else { return false }
    return Self.bytes(number, count: count).withUnsafeBytes { expected in
      count == 0 || memcmp(bytes.baseAddress!, expected.baseAddress!, count) == 0
    }
  }
}

extension LoadedFile {
  func isPattern(count: Int) throws -> Bool {
    try withBytes { LoadPattern.matches($0, index, count: count) }
  }
}

extension Scratch {
  /// Files named by their number, with the pattern.
  func makeLoadFiles(_ sizes: [Int]) throws -> [FilePath] {
    try sizes.enumerated().map { number, size in
      try write("\(number)", Array(LoadPattern.bytes(number, count: size)))
      return filePath("\(number)")
    }
  }
}

/// Loading many files on every engine.
@Suite(.timeLimit(.minutes(30))) struct LoadTests {
  @Test(arguments: LoadSetting.all)
  func `every file is delivered once, whole, with its place and path`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let sizes = (0..<300).map { [0, 1, 100, 4095, 4096, 4097, 70_000, 600_000][$0 % 8] }
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try setting.engine.makeFileEngine()
      var seen: [Int] = []
      let files = engine.load(paths, options: setting.options)
      for try await file in files {
        seen.append(file.index)
        #expect(file.path == paths[file.index])
        #expect(file.byteCount == sizes[file.index])
        #expect(try file.isPattern(count: sizes[file.index]))
      }
      #expect(seen.sorted() == Array(0..<300))
      if setting.order == .inOrder { #expect(seen == Array(0..<300)) }
      let report = try #require(files.report)
      #expect(report.fileCount == 300 && report.errorCount == 0)
      #expect(report.byteCount == Int64(sizes.reduce(0, +)))
      #expect(report.engine == setting.engine.kind)
      #expect(report.operations[.openFile] == 300 && report.operations[.closeFile] == 300)
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `files that are kept stay as they are`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let sizes = (0..<2000).map { [10, 4096, 20_000][$0 % 3] }
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try setting.engine.makeFileEngine()
      var options = setting.options
      options.maxBytesInFlight = 1 << 20
      var files: [LoadedFile] = []
      var taken: [Int: OwnedBytes] = [:]
      var results: [Int: OwnedBytes] = [:]
      for try await file in engine.load(paths, options: options) {
        // What is not kept is used again in between.
        switch file.index % 5 {
        case 0: files.append(file)
        case 1: taken[file.index] = try file.take()
        case 2: results[file.index] = try file.result.get()
        default: break
        }
      }
      await engine.shutdown()
      #expect(files.count == 400 && taken.count == 400 && results.count == 400)
      for file in files {
        #expect(file.path == paths[file.index])
        #expect(try file.isPattern(count: sizes[file.index]))
      }
      for (index, bytes) in taken.merging(results, uniquingKeysWith: { one, _ in one }) {
        #expect(bytes.withBytes { LoadPattern.matches($0, index, count: sizes[index]) })
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `memory is used again where nobody holds it`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([Int](repeating: 5000, count: 50))
      let engine = try kind.makeFileEngine(workers: 1)
      var options = LoadOptions()
      options.maxBytesInFlight = 1
      var addresses: Set<Int> = []
      for try await file in engine.load(paths, options: options) {
        addresses.insert(try file.withBytes { Int(bitPattern: $0.baseAddress) })
      }
      #expect(addresses.count == 1)
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `thousands of files pass through a small budget`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let sizes = (0..<3000).map { 1 + $0 * 37 % 9000 }
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try setting.engine.makeFileEngine(workers: 2)
      for (budget, batch) in [(1, nil), (20_000, 1), (200_000, 4096)] as [(Int, Int?)] {
        var options = setting.options
        options.batch = batch
        options.maxBytesInFlight = budget
        var count = 0
        for try await file in engine.load(paths, options: options) {
          #expect(try file.isPattern(count: sizes[file.index]))
          if setting.order == .inOrder { #expect(file.index == count) }
          count += 1
        }
        #expect(count == 3000)
      }
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `files larger than the budget are loaded among small ones`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let sizes = (0..<40).map { $0 % 10 == 3 ? 300_000 : 1000 }
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try setting.engine.makeFileEngine()
      var options = setting.options
      options.maxBytesInFlight = 50_000
      var count = 0
      for try await file in engine.load(paths, options: options) {
        #expect(try file.isPattern(count: sizes[file.index]))
        count += 1
      }
      #expect(count == 40)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `nothing more is opened than there is room for while nobody asks`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      let paths = try scratch.makeLoadFiles([Int](repeating: 10_000, count: 500))
      let opened = Shared(0)
      let engine = try kind.makeFileEngine(intercept: Intercepting.counting(.openFile, into: opened))
      var options = LoadOptions()
      options.maxBytesInFlight = 100_000
      options.depth = 4
      var iterator = engine.load(paths, options: options).makeAsyncIterator()
      #expect(opened.value == 0)
      #expect(try await iterator.next() != nil)
      try await Task.sleep(for: .milliseconds(100))
      // Ten have room, and each of up to eight jobs may have one open that found none.
      #expect(opened.value <= 18 + 2 * 4)
      var count = 1
      while try await iterator.next() != nil { count += 1 }
      #expect(count == 500)
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `paths are taken from the sequence as they are needed`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let path = try scratch.makeLoadFiles([10_000])[0]
      let pulled = Shared(0)
      // There is no end of them.
      let paths = LazyPaths {
        AnyIterator {
          pulled.update { $0 += 1 }
          return path
        }
      }
      let engine = try kind.makeFileEngine()
      var options = LoadOptions()
      options.maxBytesInFlight = 1 << 20
      var count = 0
      for try await file in engine.load(paths, options: options) {
        #expect(file.byteCount == 10_000)
        count += 1
        if count == 1000 { break }
      }
      #expect(pulled.value < 100_000)
      await engine.shutdown()
    }
  }

  @Test(arguments: LoadSetting.all)
  func `a file of many chunks is whole`(_ setting: LoadSetting) async throws {
    try await withScratch { scratch in
      let sizes = [LoadSource.largeByteCount, 9 << 20 + 12_345, 100, LoadSource.largeByteCount - 1]
      for (number, size) in sizes.enumerated() { try scratch.makePattern("\(number)", size: size) }
      let paths = sizes.indices.map { scratch.filePath("\($0)") }
      let engine = try setting.engine.makeFileEngine()
      for budget in [64 << 20, 1 << 20] {
        var options = setting.options
        options.maxBytesInFlight = budget
        var count = 0
        for try await file in engine.load(paths, options: options) {
          #expect(file.byteCount == sizes[file.index])
          try file.withBytes { try scratch.write("copy", Array($0)) }
          #expect(try scratch.firstDifference("\(file.index)", "copy") == nil)
          count += 1
        }
        #expect(count == 4)
      }
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `files whose size lies are loaded whole`(_ kind: EngineUnderTest) async throws {
    // What they contain does not change while a test runs.
    let paths = [
      "/proc/version", "/proc/filesystems", "/proc/self/maps", "/sys/kernel/mm/transparent_hugepage/enabled",
    ].filter { FileManager.default.fileExists(atPath: $0) }
    let engine = try kind.makeFileEngine()
    for try await file in engine.load(paths.map { FilePath($0) }) {
      #expect(file.error == nil)
      #expect(file.byteCount > 0)
      guard file.path.string != "/proc/self/maps" else { continue }
      let expected = try Data(contentsOf: URL(fileURLWithPath: file.path.string))
      #expect(try file.withBytes { $0.elementsEqual(expected) })
    }
    await engine.shutdown()
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file that grows while it is read is loaded to its end as it is then`(
    _ kind: EngineUnderTest
  ) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("file", size: 1000)
      let grow = Intercepting.before(0, of: .read) {
        try? scratch.makePattern("file", size: 50_000)
      }
      let engine = try kind.makeFileEngine(intercept: grow)
      for try await file in engine.load([scratch.filePath("file")]) {
        #expect(file.byteCount == 50_000)
        try file.withBytes { try scratch.write("copy", Array($0)) }
        #expect(try scratch.firstDifference("file", "copy") == nil)
      }
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available, [1000, 6 << 20])
  func `a file that shrinks while it is read has what is left`(
    _ kind: EngineUnderTest, size: Int
  ) async throws {
    try await withScratch { scratch in
      try scratch.makePattern("file", size: size)
      let shrink = Intercepting.before(0, of: .read) { scratch.resize("file", to: 300) }
      let engine = try kind.makeFileEngine(intercept: shrink)
      for try await file in engine.load([scratch.filePath("file")]) {
        #expect(file.error == nil)
        #expect(file.byteCount == 300)
      }
      await engine.shutdown()
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `transfers of a few bytes make whole files too`(_ kind: EngineUnderTest) async throws {
    try await withScratch { scratch in
      let sizes = [0, 1, 999, 1000, 1001, 70_000, 5 << 20]
      let paths = try scratch.makeLoadFiles(sizes)
      let engine = try kind.makeFileEngine(intercept: Intercepting.transfersAtMost(50_000))
      for try await file in engine.load(paths) {
        #expect(try file.isPattern(count: sizes[file.index]))
      }
      await engine.shutdown()
    }
  }
}

/// A sequence of paths that makes its iterator when it is asked for.
struct LazyPaths: Sequence, Sendable {
  var make: @Sendable () -> AnyIterator<FilePath>
  func makeIterator() -> AnyIterator<FilePath> { make() }
}
