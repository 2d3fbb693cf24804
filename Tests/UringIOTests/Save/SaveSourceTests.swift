import SystemPackage
import Testing

@testable import UringIO

/// The source of a save's jobs, pulled by hand: nothing is performed.
struct SaveSourceTests {
  private func makeSource(
    _ paths: [String], cancellation: Cancellation = Cancellation(),
    _ change: (inout SaveOptions) -> Void = { _ in }
  ) -> SaveSource {
    var options = SaveOptions()
    options.batch = 1
    change(&options)
    var left = paths.map { FileToSave(FilePath($0), .bytes([1])) }[...]
    return SaveSource(
      options: options, cancellation: cancellation, progress: SaveProgressCounter(),
      pull: { left.popFirst().map { .file($0) } ?? .end })
  }

  private func job(_ pull: Pull) -> SaveJob? { if case .job(let job) = pull { job as? SaveJob } else { nil } }

  private func directory(_ pull: Pull) -> SyncDirectoryJob? {
    if case .job(let job) = pull { job as? SyncDirectoryJob } else { nil }
  }

  private func isWait(_ pull: Pull) -> Bool { if case .wait = pull { true } else { false } }
  private func isEnd(_ pull: Pull) -> Bool { if case .end = pull { true } else { false } }

  @Test func `an entry for a file in flight waits for it, and the engine is woken`() throws {
    let source = makeSource(["a", "./a", "b"])
    let wakes = Shared(0)
    source.attach { wakes.update { $0 += 1 } }
    let first = try #require(job(source.next(for: .any)))
    #expect(isWait(source.next(for: .any)))
    #expect(wakes.value == 0)
    source.finished(first, .success(1))
    #expect(wakes.value == 1)
    let second = try #require(job(source.next(for: .any)))
    #expect(second.index == 1)
    #expect(job(source.next(for: .any))?.index == 2)
    #expect(isEnd(source.next(for: .any)))
    #expect(source.end().fileCount == 1)
  }

  @Test func `directories are synced once at the end, when no file is in flight`() throws {
    let source = makeSource(["d/a", "d/b", "e/a"]) { $0.isDurable = true }
    let wakes = Shared(0)
    source.attach { wakes.update { $0 += 1 } }
    let jobs = (0..<3).compactMap { _ in job(source.next(for: .any)) }
    #expect(jobs.count == 3)
    #expect(isWait(source.next(for: .any)))
    for job in jobs {
      source.finished(job, .success(1))
    }
    #expect(wakes.value == 1)
    var synced: [String] = []
    while let job = directory(source.next(for: .any)) {
      synced.append(job.path.text ?? "")
      source.finished(job, .success(0))
    }
    #expect(synced.sorted() == ["d/", "e/"])
    #expect(isEnd(source.next(for: .any)))
  }

  @Test func `a directory of nothing but failures is not synced`() throws {
    let source = makeSource(["d/a"]) { $0.isDurable = true }
    let file = try #require(job(source.next(for: .any)))
    source.finished(file, .failure(FileIOError(.noSpace, during: .write)))
    #expect(isEnd(source.next(for: .any)))
    #expect(source.end().failures.map(\.index) == [0])
  }

  @Test func `directories are synced early where there are too many to keep`() throws {
    let count = 3000
    let source = makeSource((0..<count).map { "\($0)/file" }) { $0.isDurable = true }
    var files = 0
    var directories = 0
    var waitingMax = 0
    while true {
      let pull = source.next(for: .any)
      if let file = job(pull) {
        files += 1
        source.finished(file, .success(1))
      } else if let synced = directory(pull) {
        directories += 1
        source.finished(synced, .success(0))
      } else {
        #expect(isEnd(pull))
        break
      }
      waitingMax = max(waitingMax, files - directories)
    }
    #expect(files == count)
    #expect(directories == count)
    #expect(waitingMax == 1024)
  }

  @Test func `after the first error nothing more is begun where that was asked for`() throws {
    let source = makeSource(["a", "b", "c"]) { $0.stopsAtFirstError = true }
    let first = try #require(job(source.next(for: .any)))
    let second = try #require(job(source.next(for: .any)))
    source.finished(first, .failure(FileIOError(.noSpace, during: .write)))
    #expect(isEnd(source.next(for: .any)))
    source.finished(second, .success(1))
    let report = source.end()
    #expect(report.fileCount == 1)
    #expect(report.failures.count == 1)
  }

  @Test(arguments: [Errno?.none, .ioError, .invalidArgument])
  func `a directory is opened, synced and closed, whatever syncing answers`(errno: Errno?) throws {
    let job = DrivenJob(
      SyncDirectoryJob(.path(PathBytes(Array("d".utf8)))), try AlignedBuffer(byteCount: 1).whole)
    #expect(job.step.operation?.kind == .openFile)
    job.answer(.count(7))
    #expect(job.step.operation?.kind == .synchronize)
    job.answer(errno.map { .failed($0) } ?? .count(0))
    #expect(job.step.operation?.kind == .closeFile)
    job.answer(.count(0))
    // EINVAL: the file system has no such thing.
    #expect(job.step.outcome?.error?.errno == (errno == .ioError ? .ioError : nil))
  }

  @Test func `a directory that cannot be opened is an error`() throws {
    let job = DrivenJob(
      SyncDirectoryJob(.path(PathBytes(Array("d".utf8)))), try AlignedBuffer(byteCount: 1).whole)
    job.answer(.failed(.permissionDenied))
    #expect(job.step.outcome?.error?.errno == .permissionDenied)
  }
}
