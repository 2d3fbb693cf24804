import SystemPackage
import Testing

@testable import UringIO

/// The loading job alone: what it asks, with made-up answers. The file's descriptor is one that no process
/// has: what is asked of the kernel all the same, it knows nothing of.
@Suite struct LoadJobTests {
  private static let descriptor = FileDescriptor(rawValue: 1_999_999_999)
  private static let path = PathBytes(Array("/some/file".utf8))

  /// A job that loads one file, driven by hand.
  private final class Bench {
    let source: LoadSource
    let driven: DrivenJob
    private let status: FileDescriptor

    /// - Parameters:
    ///   - size: what the file says.
    ///   - status: of which real file; its size is changed.
    init(
      size: Int, _ status: FileDescriptor, isRing: Bool = false, transform: AnyTransform? = nil,
      maxBytesInFlight: Int = 1 << 30, warmRoomCount: Int = .max, isCold: Bool = false,
      fileCount: Int = 1
    ) throws {
      self.status = status
      try status.resize(to: Int64(size))
      source = LoadSource(
        LoadFeed([PathBytes](repeating: LoadJobTests.path, count: fileCount)),
        settings: LoadSource.Settings(
          maxBytesInFlight: maxBytesInFlight, isRing: isRing, sharesLargeFiles: isRing,
          loadsSmallFiles: false,
          warmRoomCount: warmRoomCount),
        roomCount: isRing ? 2 : 1, transform: transform, cancellation: Cancellation())
      if isCold { source.makeCold() }
      guard case .job(let job) = source.next(for: .any, in: 0, busyCount: 0) else {
        throw TestFailure("no job")
      }
      driven = DrivenJob(job, try AlignedBuffer(byteCount: 1).whole)
    }

    /// Answers the opening and the question for the status.
    func open() throws {
      guard case .openFile(.workingDirectory, let name, .read(followsLink: true))? = operation else {
        throw TestFailure("it does not open")
      }
      #expect(name.bytes == LoadJobTests.path)
      driven.answer(.count(Int(LoadJobTests.descriptor.rawValue)))
      guard case .status(LoadJobTests.descriptor, let box)? = operation else {
        throw TestFailure("it does not ask for the status")
      }
      driven.answer(.count(box.fill(status)))
    }

    var operation: UringIO.Operation? { driven.step.operation }

    /// What the status will say the file is on.
    var device: UInt64? {
      let box = StatusBox()
      return box.fill(status) >= 0 ? box.status.device : nil
    }

    /// Answers a read with these bytes; it must be at this offset.
    func read(at offset: Int64, _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(operation?.kind == .read, sourceLocation: sourceLocation)
      #expect(operation?.offset == offset, sourceLocation: sourceLocation)
      operation?.slice?.withMutableBytes { $0.copyBytes(from: bytes) }
      driven.answer(.count(bytes.count))
    }

    /// Answers the closing, and takes what was loaded.
    func close() throws -> LoadedFile {
      guard case .closeFile(LoadJobTests.descriptor)? = operation else {
        throw TestFailure("it does not close the file: \(driven.step)")
      }
      driven.answer(.count(0))
      return try file()
    }

    func file() throws -> LoadedFile {
      var none: [[LoadedFile]] = [[]]
      guard case .files(let files) = source.take(returning: &none, count: 0, byteCount: 0), files.count == 1
      else { throw TestFailure("not one file was handed on") }
      #expect(driven.step.isFinish)
      source.finished(driven.job, .success(0), in: 0)
      guard case .end = source.next(for: .any, in: 0, busyCount: 0) else { throw TestFailure("no end") }
      return files[0]
    }
  }

  private func bench(
    size: Int, isRing: Bool = false, transform: AnyTransform? = nil, _ body: (Bench) throws -> Void
  ) throws {
    try withScratch { scratch in
      let status = try scratch.open("status", options: [.create])
      defer { try? status.close() }
      try body(try Bench(size: size, status, isRing: isRing, transform: transform))
    }
  }

  private func bytes(_ file: LoadedFile) throws -> [UInt8] { try file.withBytes { Array($0) } }

  @Test func `a file read whole in one go is not read again`() throws {
    try bench(size: 5) { bench in
      try bench.open()
      #expect(bench.operation!.slice!.count > 5)
      bench.read(at: 0, [1, 2, 3, 4, 5])
      #expect(try bytes(bench.close()) == [1, 2, 3, 4, 5])
    }
  }

  @Test func `short reads go on where they stopped`() throws {
    try bench(size: 5) { bench in
      try bench.open()
      bench.read(at: 0, [1, 2])
      bench.read(at: 2, [3])
      bench.read(at: 3, [4, 5])
      #expect(try bytes(bench.close()) == [1, 2, 3, 4, 5])
    }
  }

  @Test func `a file that shrank ends where a read finds nothing`() throws {
    try bench(size: 5) { bench in
      try bench.open()
      bench.read(at: 0, [1, 2])
      bench.read(at: 2, [])
      #expect(try bytes(bench.close()) == [1, 2])
    }
  }

  @Test func `a file that grew is read to its end, in larger memory`() throws {
    try bench(size: 5) { bench in
      try bench.open()
      let first = (0..<bench.operation!.slice!.count).map { UInt8($0 % 251) }
      bench.read(at: 0, first)
      #expect(bench.operation!.slice!.count >= first.count)
      bench.read(at: Int64(first.count), [7, 8])
      bench.read(at: Int64(first.count + 2), [])
      #expect(try bytes(bench.close()) == first + [7, 8])
    }
  }

  @Test func `a file that says it has no bytes is read until a read finds nothing`() throws {
    try bench(size: 0) { bench in
      try bench.open()
      #expect(bench.operation!.slice!.count == LoadJob.unknownCapacity)
      bench.read(at: 0, [1, 2, 3])
      bench.read(at: 3, [])
      #expect(try bytes(bench.close()) == [1, 2, 3])
    }
  }

  @Test func `an empty file is one without bytes, not an error`() throws {
    try bench(size: 0) { bench in
      try bench.open()
      bench.read(at: 0, [])
      let file = try bench.close()
      #expect(file.error == nil && file.byteCount == 0)
      #expect(try file.take().isEmpty)
    }
  }

  @Test func `an error halfway is the file's, and the file is closed`() throws {
    try bench(size: 5) { bench in
      try bench.open()
      bench.read(at: 0, [1, 2])
      bench.driven.answer(.failed(.ioError))
      let file = try bench.close()
      #expect(file.error == FileIOError(.ioError, during: .read, path: Self.path, offset: 2))
      #expect(file.byteCount == 0)
      #expect(throws: FileIOError.self) { try file.withBytes { _ in } }
      #expect(throws: FileIOError.self) { try file.take() }
    }
  }

  @Test func `a file that cannot be opened has that error`() throws {
    try bench(size: 5) { bench in
      bench.driven.answer(.failed(.noSuchFileOrDirectory))
      let error = try bench.file().error
      #expect(error == FileIOError(.noSuchFileOrDirectory, during: .open, path: Self.path))
    }
  }

  @Test func `a file whose status is refused is closed`() throws {
    try bench(size: 5) { bench in
      bench.driven.answer(.count(Int(LoadJobTests.descriptor.rawValue)))
      bench.driven.answer(.failed(.staleNFSFileHandle))
      let error = try bench.close().error
      #expect(error == FileIOError(.staleNFSFileHandle, during: .status, path: Self.path))
    }
  }

  @Test func `an error of closing what was read means nothing`() throws {
    try bench(size: 2) { bench in
      try bench.open()
      bench.read(at: 0, [1, 2])
      bench.driven.answer(.failed(.ioError))
      #expect(try bytes(bench.file()) == [1, 2])
    }
  }

  @Test func `a ring asks for what is cached first, and waits for the rest`() throws {
    let size = LoadJob.cachedFirstByteCount
    try bench(size: size, isRing: true) { bench in
      try bench.open()
      #expect(bench.operation?.options == .cachedOnly)
      bench.driven.answer(.failed(.resourceTemporarilyUnavailable))
      #expect(bench.operation?.options == [])
      bench.read(at: 0, [UInt8](repeating: 3, count: size))
      #expect(try bench.close().byteCount == size)
    }
  }

  @Test func `what was cached only in part is waited for from there`() throws {
    let size = LoadJob.cachedFirstByteCount
    try bench(size: size, isRing: true) { bench in
      try bench.open()
      bench.read(at: 0, [1, 2])
      #expect(bench.operation?.options == [])
      bench.read(at: 2, [UInt8](repeating: 3, count: size - 2))
      #expect(try bench.close().byteCount == size)
    }
  }

  @Test func `a small file is taken for a cached one, and a ring does nothing of it`() throws {
    try bench(size: 100, isRing: true) { bench in
      #expect(bench.driven.step.isInline)
      try bench.open()
      #expect(bench.operation?.options == .cachedOnly)
      bench.read(at: 0, [UInt8](repeating: 3, count: 100))
      #expect(bench.driven.step.isInline)
      #expect(try bench.close().byteCount == 100)
      #expect(!bench.source.temperature.isCold)
    }
  }

  @Test func `where no read tells what is cached, the kernel is asked at once the next time`() throws {
    for isCached in [true, false] {
      try bench(size: 100, isRing: true) { bench in
        try bench.open()
        let device = try #require(bench.device)
        #expect(!bench.source.temperature.isMute(device))
        bench.driven.answer(.failed(.notSupported))
        guard case .cacheStatus(Self.descriptor, 0..<100)? = bench.operation else {
          throw TestFailure("it does not ask")
        }
        #expect(bench.source.temperature.isMute(device))
        bench.driven.answer(isCached ? .count(4096) : .count(0))
        #expect(bench.operation?.options == [] && bench.driven.step.isInline == isCached)
        bench.read(at: 0, [UInt8](repeating: 3, count: 100))
        #expect(try bench.close().byteCount == 100)
      }
    }
    try bench(size: 100, isRing: true) { bench in
      bench.source.temperature.foundMute(try #require(bench.device))
      try bench.open()
      #expect(bench.operation?.kind == .cacheStatus)
      bench.driven.answer(.failed(.noFunction))
      #expect(bench.operation?.kind == .read && !bench.driven.step.isInline)
    }
  }

  @Test func `files that are not cached are waited for, many at a time, until they are again`() throws {
    try bench(size: 100, isRing: true) { bench in
      guard case .full = bench.source.next(for: .any, in: 0, busyCount: 1) else {
        throw TestFailure("more than one job")
      }
      try bench.open()
      bench.source.makeCold()
      bench.driven.answer(.failed(.resourceTemporarilyUnavailable))
      #expect(bench.operation?.options == [] && !bench.driven.step.isInline)
      bench.read(at: 0, [UInt8](repeating: 3, count: 100))
      #expect(bench.operation?.kind == .closeFile && !bench.driven.step.isFinish)
      bench.driven.answer(.count(0))
      // The job ends, for the engine to ask for more of them; what it loaded is handed on before the ring waits.
      #expect(bench.driven.step.isFinish)
      bench.source.settle(in: 0)
      #expect(try bench.file().byteCount == 100)
      for _ in 0..<3 { bench.source.temperature.foundCached() }
      #expect(!bench.source.temperature.isCold)
    }
  }

  @Test func `while the ring waits for one file its room goes on with another`() throws {
    try withScratch { scratch in
      let status = try scratch.open("status", options: [.create])
      defer { try? status.close() }
      let bench = try Bench(size: 100, status, isRing: true, fileCount: 3)
      try bench.open()
      bench.driven.answer(.failed(.resourceTemporarilyUnavailable))
      #expect(!bench.source.temperature.isCold && !bench.driven.step.isInline)
      let other = try helper(bench, in: 0)
      #expect(other.step.operation?.kind == .openFile && other.step.isInline)
      guard case .full = bench.source.next(for: .any, in: 0, busyCount: 1) else {
        throw TestFailure("two jobs keep one thread")
      }
      // The job that waited leaves what there is to the one that went on meanwhile.
      bench.read(at: 0, [UInt8](repeating: 3, count: 100))
      bench.driven.answer(.count(0))
      #expect(bench.driven.step.isFinish)
      bench.source.finished(bench.driven.job, .success(0), in: 0)
      // Alone, one that waited goes on itself.
      other.answer(.count(Int(LoadJobTests.descriptor.rawValue)))
      guard case .status(_, let box)? = other.step.operation else { throw TestFailure("no status") }
      other.answer(.count(box.fill(status)))
      other.answer(.failed(.resourceTemporarilyUnavailable))
      other.answer(.count(100))
      #expect(other.step.operation?.kind == .closeFile)
      other.answer(.count(0))
      #expect(other.step.operation?.kind == .openFile && other.step.isInline)
    }
  }

  @Test func `a room that waits until files are not cached has handed on what it loaded before`() throws {
    try withScratch { scratch in
      let status = try scratch.open("status", options: [.create])
      defer { try? status.close() }
      let bench = try Bench(size: 100, status, warmRoomCount: 0, isCold: true)
      try bench.open()
      bench.read(at: 0, [UInt8](repeating: 3, count: 100))
      for _ in 0..<3 { bench.source.temperature.foundCached() }
      bench.driven.answer(.count(0))
      #expect(bench.driven.step.isFinish)
      bench.source.finished(bench.driven.job, .success(0), in: 0)
      guard case .wait = bench.source.next(for: .any, in: 0, busyCount: 0) else {
        throw TestFailure("it does not wait")
      }
      var none: [[LoadedFile]] = [[]]
      guard case .files(let files) = bench.source.take(returning: &none, count: 0, byteCount: 0) else {
        throw TestFailure("what was loaded is kept back")
      }
      #expect(files.map(\.byteCount) == [100])
    }
  }

  // MARK: Large files

  private let chunk = LoadSource.chunkByteCount

  /// A job more, of the source's other room for the next chunk.
  private func helper(_ bench: Bench, in room: Int = 1) throws -> DrivenJob {
    guard case .job(let job) = bench.source.next(for: .any, in: room, busyCount: 0) else {
      throw TestFailure("no job")
    }
    return DrivenJob(job, try AlignedBuffer(byteCount: 1).whole)
  }

  @Test func `a large file's chunks go to several jobs, and its tail is checked`() throws {
    try bench(size: LoadSource.largeByteCount, isRing: true) { bench in
      try bench.open()
      #expect(bench.operation?.offset == 0)
      #expect(bench.operation?.slice?.count == chunk)
      let other = try helper(bench)
      #expect(other.step.operation?.offset == Int64(chunk))
      bench.driven.succeed()
      #expect(bench.operation?.offset == Int64(2 * chunk))
      other.succeed()
      #expect(other.step.operation?.offset == Int64(3 * chunk))
      other.succeed()
      // The last chunk is there before another one.
      #expect(other.step.isFinish)
      bench.driven.succeed()
      bench.read(at: Int64(LoadSource.largeByteCount), [])
      #expect(try bench.close().byteCount == LoadSource.largeByteCount)
    }
  }

  @Test func `a large file that grew goes on behind its last chunk`() throws {
    try bench(size: LoadSource.largeByteCount, isRing: true) { bench in
      try bench.open()
      for _ in 0..<4 { bench.driven.succeed() }
      bench.read(at: Int64(LoadSource.largeByteCount), [9])
      bench.read(at: Int64(LoadSource.largeByteCount + 1), [])
      let file = try bench.close()
      #expect(file.byteCount == LoadSource.largeByteCount + 1)
      #expect(try file.take().last == 9)
    }
  }

  @Test func `a large file that shrank has the bytes before its earliest end`() throws {
    try bench(size: LoadSource.largeByteCount, isRing: true) { bench in
      try bench.open()
      let other = try helper(bench)
      other.answer(.count(0))
      #expect(other.step.isFinish)
      bench.driven.answer(.count(chunk / 2))
      bench.driven.answer(.count(0))
      #expect(try bench.close().byteCount == chunk / 2)
    }
  }

  @Test func `an error in one chunk ends all of them`() throws {
    try bench(size: LoadSource.largeByteCount, isRing: true) { bench in
      try bench.open()
      let other = try helper(bench)
      other.answer(.count(10))
      other.answer(.failed(.ioError))
      #expect(other.step.isFinish)
      bench.driven.succeed()
      let error = try bench.close().error
      #expect(error == FileIOError(.ioError, during: .read, path: Self.path, offset: Int64(chunk + 10)))
    }
  }

  // MARK: Transforms and cancellation

  @Test func `a transform runs once the file is closed, and not on one that failed`() throws {
    let transform: AnyTransform = { file in .value(TransformBox(file.byteCount)) }
    try bench(size: 2, transform: transform) { bench in
      try bench.open()
      bench.read(at: 0, [1, 2])
      #expect(bench.operation?.kind == .closeFile)
      bench.driven.answer(.count(0))
      guard case .compute(let work) = bench.driven.step else { throw TestFailure("nothing is computed") }
      bench.driven.answer(work())
      #expect(try TransformedFile<Int>(bench.file()).result.get() == 2)
    }
    try bench(size: 2, transform: transform) { bench in
      try bench.open()
      bench.driven.answer(.failed(.ioError))
      #expect(throws: FileIOError.self) { try TransformedFile<Int>(bench.close()).result.get() }
    }
  }

  @Test func `once cancelled it closes what is open and asks for nothing more`() throws {
    try bench(size: 5) { bench in
      bench.source.cancellation.cancel()
      // The file was opened all the same.
      bench.driven.answer(.count(Int(LoadJobTests.descriptor.rawValue)))
      #expect(bench.operation?.kind == .closeFile)
      bench.driven.answer(.count(0))
      #expect(bench.driven.step.outcome?.error?.isCancellation == true)
    }
    try bench(size: 5) { bench in
      bench.source.cancellation.cancel()
      bench.driven.answer(.failed(.canceled))
      #expect(bench.driven.step.outcome?.error?.isCancellation == true)
    }
    try bench(size: 5) { bench in
      try bench.open()
      bench.source.cancellation.cancel()
      bench.driven.answer(.failed(.canceled))
      #expect(bench.operation?.kind == .closeFile)
    }
  }

  @Test func `a closing that was cancelled is made again`() throws {
    try bench(size: 1) { bench in
      try bench.open()
      bench.read(at: 0, [1])
      #expect(bench.operation?.kind == .closeFile)
      bench.source.cancellation.cancel()
      for _ in 0..<2 {
        bench.driven.answer(.failed(.canceled))
        guard case .closeFile(Self.descriptor)? = bench.operation else { throw TestFailure("it stays open") }
      }
      bench.driven.answer(.count(0))
      #expect(bench.driven.step.isFinish)
    }
  }

  @Test func `of a large file's jobs the last one closes it`() throws {
    try bench(size: LoadSource.largeByteCount, isRing: true) { bench in
      try bench.open()
      let other = try helper(bench)
      bench.source.cancellation.cancel()
      other.succeed()
      #expect(other.step.isFinish)
      bench.driven.answer(.failed(.canceled))
      #expect(bench.operation?.kind == .closeFile)
      bench.driven.answer(.count(0))
      #expect(bench.driven.step.isFinish)
    }
  }
}

extension LoadSource {
  fileprivate func makeCold() {
    while !temperature.isCold { foundUncached() }
  }
}
