import SystemPackage
import Testing

@testable import UringIO

/// What the kernel refuses for one file is done another way, without starting over.
@Suite struct CopyFallbackTests {
  private static let size = (6 << 20) + 1234

  /// Copies with an interceptor; checks that the bytes are right, and that none was written twice.
  private func fallBack(
    _ engine: EngineUnderTest, _ cache: CopyOptions.CacheMode = .auto, source: (Scratch) throws -> Void,
    intercept: @escaping Interceptor
  ) throws -> CopyReport {
    try withScratch { scratch in
      try source(scratch)
      var options = CopyOptions.inChunks
      options.cache = cache
      let report = try copy(in: scratch, engine, options, intercept: intercept)
      #expect(try scratch.firstDifference("source", "destination") == nil)
      #expect(report.byteCount == Int64(Self.size))
      return report
    }
  }

  private func cached(_ scratch: Scratch) throws { try scratch.makePattern("source", size: Self.size) }

  private func uncached(_ scratch: Scratch) throws {
    try cached(scratch)
    try scratch.dropFromCache("source")
  }

  private static let refusals = [Errno.invalidArgument, .notSupported]

  @Test(arguments: EngineUnderTest.available, refusals)
  func `direct writes that are refused halfway go on through the cache where they were`(
    _ kind: EngineUnderTest, errno: Errno
  ) throws {
    let directCount = Shared(0)
    let offsets = Shared<[Int64]>([])
    let report = try fallBack(kind, .bypass, source: cached) { operation in
      guard operation.kind == .write, operation.isDirect else {
        if operation.kind == .write { offsets.update { $0.append(operation.offset!) } }
        return .pass
      }
      let number = directCount.update { count -> Int in
        count += 1
        return count
      }
      return number > 3 ? .fail(errno) : .pass
    }
    #expect(report.strategy == .direct)
    #expect(report.fallbacks == [.init(what: "direct write", reason: "\(errno)")])
    #expect(Set(offsets.value).count == offsets.value.count, "nothing is written twice")
    #expect(offsets.value.count <= 4, "the three chunks that were written are not written again")
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file system that refuses every direct write gets the file through the cache`(
    _ kind: EngineUnderTest
  ) throws {
    for cache in [CopyOptions.CacheMode.auto, .bypass] {
      let refusedCount = Shared(0)
      let report = try fallBack(kind, cache, source: cached) { operation in
        guard operation.kind == .write, operation.isDirect else { return .pass }
        refusedCount.update { $0 += 1 }
        return .fail(.invalidArgument)
      }
      // On the dual path the buffered half may have been faster.
      #expect(report.fallbacks.map(\.what) == (refusedCount.value > 0 ? ["direct write"] : []))
      if report.strategy == .direct { #expect(refusedCount.value > 0) }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file system that refuses every direct read is read through the cache`(
    _ kind: EngineUnderTest
  ) throws {
    let report = try fallBack(
      kind, .bypass, source: uncached,
      intercept: Intercepting.every(.read, failsWith: .invalidArgument, where: \.isDirect))
    #expect(report.fallbacks.map(\.what) == ["direct read"])
  }

  @Test(arguments: EngineUnderTest.available)
  func `without preallocation the copy is made all the same`(_ kind: EngineUnderTest) throws {
    let report = try fallBack(
      kind, .bypass, source: cached, intercept: Intercepting.every(.allocate, failsWith: .notSupported))
    if report.operations[.allocate] > 0 {
      #expect(report.fallbacks.map(\.what) == ["preallocation"])
      #expect(report.operations[.allocate] == 1, "it is not asked again")
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `without cachestat the copy is made all the same`(_ kind: EngineUnderTest) throws {
    for cache in CopyOptions.CacheMode.allCases {
      _ = try fallBack(
        kind, cache, source: uncached, intercept: Intercepting.every(.cacheStatus, failsWith: .noFunction))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `interrupted operations of every kind are made again and counted`(_ kind: EngineUnderTest) throws {
    for cache in CopyOptions.CacheMode.allCases {
      let kinds = Shared<[Operation.Kind: Int]>([:])
      let report = try fallBack(kind, cache, source: cached) { operation in
        let number = kinds.update { kinds -> Int in
          kinds[operation.kind, default: 0] += 1
          return kinds[operation.kind]!
        }
        return number <= 2 ? .fail(.interrupted) : .pass
      }
      #expect(report.retries == 2 * kinds.value.count)
      #expect(report.fallbacks.isEmpty)
    }
  }

  // MARK: Clones

  @Test func `a clone that is not offered falls through to another way`() throws {
    for errno in [Errno.notSupported, .improperLink, .invalidArgument, .noFunction] {
      let report = try fallBack(
        .sequential, source: cached, intercept: Intercepting.every(.clone, failsWith: errno))
      #expect(report.strategy != .clone)
      #expect(report.operations[.clone] == 1)
    }
  }

  @Test(arguments: [Errno.ioError, .noSpace])
  func `a clone that fails is an error, and never taken for a copy`(errno: Errno) throws {
    try withScratch { scratch in
      try cached(scratch)
      let error = try copyError(
        in: scratch, .sequential, intercept: Intercepting.every(.clone, failsWith: errno))
      #expect(error.errno == errno)
      #expect(error.activity == .clone)
      #expect(error.path == scratch.bytes("destination"))
      #expect(!scratch.exists("destination"))
    }
  }

  @Test func `a clone is asked for as the options say`() throws {
    try withScratch { scratch in
      try cached(scratch)
      var options = CopyOptions.inChunks
      options.cloning = .never
      let report = try copy(in: scratch, .sequential, options)
      #expect(report.operations[.clone] == 0)

      options.cloning = .always
      let error = try copyError(
        in: scratch, .sequential, options, intercept: Intercepting.every(.clone, failsWith: .notSupported),
        to: "other")
      #expect(error.activity == .clone)
      #expect(error.errno == .notSupported)
      #expect(!scratch.exists("other"))
    }
  }
}

extension CopyReport {
  fileprivate var retries: Int { operations.retries }
}
