import SystemPackage
import Testing

@testable import UringIO

/// A save job alone, with made-up completions: what it asks for, and what it makes of the answers.
struct SaveJobTests {
  private static let descriptor = FileDescriptor(rawValue: 7)

  private func makeJob(
    _ path: String = "a/b/file", _ contents: FileToSave.Contents = .bytes(Array("hello".utf8)),
    cancellation: Cancellation = Cancellation(), _ change: (inout SaveOptions) -> Void = { _ in }
  ) throws -> DrivenJob {
    var options = SaveOptions()
    change(&options)
    let job = SaveJob(
      FileToSave(FilePath(path), contents), index: 0, options: options, pool: ProducedBytesPool(),
      cancellation: cancellation, progress: SaveProgressCounter())
    return DrivenJob(job, try AlignedBuffer(byteCount: 4096).whole)
  }

  private func kind(_ job: DrivenJob) -> Operation.Kind? { job.step.operation?.kind }

  /// Answers the creation with a descriptor.
  private func create(_ job: DrivenJob) { job.answer(.count(7)) }

  /// Answers what follows a failure of a file that was created: it is still the one that has the name.
  private func remove(_ job: DrivenJob) {
    #expect(kind(job) == .status)
    job.answer(.count(0))
    #expect(kind(job) == .closeFile)
    job.answer(.count(0))
    #expect(kind(job) == .statusOfName)
  }

  @Test func `a new file is created, written and closed`() throws {
    let job = try makeJob()
    guard case .createFile(.workingDirectory, let name, .exclusive, 0o666) = job.step.operation else {
      Issue.record("\(job.step)")
      return
    }
    #expect(name.bytes.text == "a/b/file")
    create(job)
    #expect(job.asked == .write(Self.descriptor, 0..<5, at: 0))
    job.succeed()
    #expect(kind(job) == .closeFile)
    job.answer(.count(0))
    #expect(job.asked == .success(5))
  }

  @Test func `an empty file is created and closed`() throws {
    let job = try makeJob("file", .bytes([]))
    create(job)
    #expect(kind(job) == .closeFile)
    job.answer(.count(0))
    #expect(job.asked == .success(0))
  }

  @Test func `short writes go on where they stopped`() throws {
    let job = try makeJob()
    create(job)
    job.answer(.count(2))
    #expect(job.asked == .write(Self.descriptor, 2..<5, at: 2))
    job.answer(.count(3))
    #expect(kind(job) == .closeFile)
  }

  @Test func `a write of nothing is an error, and the file is removed`() throws {
    let job = try makeJob()
    create(job)
    job.answer(.count(2))
    job.answer(.count(0))
    remove(job)
    // Whatever has the name is no file of the job's: the box was not filled.
    job.answer(.failed(.noSuchFileOrDirectory))
    let error = try #require(job.step.outcome?.error)
    #expect(error.errno == .ioError)
    #expect(error.offset == 2)
    #expect(error.note == "the unfinished file was moved or replaced meanwhile")
  }

  @Test func `bytes larger than the slot are written piece by piece`() throws {
    let job = try makeJob("file", .bytes([UInt8](repeating: 1, count: 10_000)))
    create(job)
    #expect(job.asked == .write(Self.descriptor, 0..<4096, at: 0))
    job.succeed()
    #expect(job.asked == .write(Self.descriptor, 0..<4096, at: 4096))
    job.succeed()
    #expect(job.asked == .write(Self.descriptor, 0..<1808, at: 8192))
    job.succeed()
    #expect(kind(job) == .closeFile)
  }

  @Test func `missing parents are looked for upwards and made downwards`() throws {
    let job = try makeJob { $0.createsParents = true }
    func asksForDirectory(_ path: String) -> Bool {
      if case .makeDirectory(_, let name, 0o777) = job.step.operation {
        name.bytes.text == path
      } else {
        false
      }
    }
    job.answer(.failed(.noSuchFileOrDirectory))
    #expect(asksForDirectory("a/b"))
    job.answer(.failed(.noSuchFileOrDirectory))
    #expect(asksForDirectory("a"))
    // Somebody else was faster.
    job.answer(.failed(.fileExists))
    #expect(asksForDirectory("a/b"))
    job.answer(.count(0))
    #expect(kind(job) == .createFile)
    create(job)
    #expect(kind(job) == .write)
  }

  @Test func `a parent that is removed again and again ends in an error`() throws {
    let job = try makeJob { $0.createsParents = true }
    var steps = 0
    while !job.step.isFinish, steps < 1000 {
      job.answer(kind(job) == .makeDirectory ? .failed(.fileExists) : .failed(.noSuchFileOrDirectory))
      steps += 1
    }
    #expect(job.step.outcome?.error?.errno == .noSuchFileOrDirectory)
  }

  @Test func `a parent that cannot be made is the error`() throws {
    let job = try makeJob { $0.createsParents = true }
    job.answer(.failed(.noSuchFileOrDirectory))
    job.answer(.failed(.permissionDenied))
    let error = try #require(job.step.outcome?.error)
    #expect(error.activity == .createDirectory)
    #expect(error.path?.text == "a/b")
  }

  @Test func `without the option a missing parent is an error`() throws {
    let job = try makeJob()
    job.answer(.failed(.noSuchFileOrDirectory))
    #expect(job.step.outcome?.error?.errno == .noSuchFileOrDirectory)
  }

  @Test func `an atomic save writes a temporary file beside and renames it`() throws {
    let job = try makeJob { $0.isAtomic = true }
    guard case .createFile(_, let temporary, .exclusive, _) = job.step.operation else {
      Issue.record("\(job.step)")
      return
    }
    #expect(temporary.bytes.text?.hasPrefix("a/b/.save-") == true)
    create(job)
    job.succeed()
    job.answer(.count(0))
    guard case .rename(_, let from, _, let to, replaces: true) = job.step.operation else {
      Issue.record("\(job.step)")
      return
    }
    #expect(from.bytes == temporary.bytes)
    #expect(to.bytes.text == "a/b/file")
    job.answer(.count(0))
    #expect(job.asked == .success(5))
  }

  @Test(arguments: [Operation.Kind.write, .synchronize, .closeFile, .rename])
  func `whatever fails, an atomic save removes its temporary file`(failing: Operation.Kind) throws {
    let job = try makeJob {
      $0.isAtomic = true
      $0.isDurable = true
    }
    create(job)
    while kind(job) != failing { job.succeed() }
    job.answer(.failed(.noSpace))
    if failing == .write || failing == .synchronize {
      #expect(kind(job) == .closeFile)
      job.answer(.count(0))
    }
    guard case .remove(_, let name, isDirectory: false) = job.step.operation else {
      Issue.record("\(job.step)")
      return
    }
    #expect(name.bytes.text?.hasPrefix("a/b/.save-") == true)
    job.answer(.count(0))
    #expect(job.step.outcome?.error?.errno == .noSpace)
    #expect(job.step.outcome?.error?.note == "the unfinished file was removed")
  }

  @Test func `a temporary file that cannot be removed is named`() throws {
    let job = try makeJob("file") { $0.isAtomic = true }
    create(job)
    job.answer(.failed(.ioError))
    job.answer(.count(0))
    job.answer(.failed(.permissionDenied))
    #expect(job.step.outcome?.error?.note?.contains("'.save-") == true)
  }

  @Test func `an exclusive atomic save does not replace`() throws {
    let job = try makeJob {
      $0.isAtomic = true
      $0.isExclusive = true
    }
    create(job)
    job.succeed()
    job.answer(.count(0))
    guard case .rename(_, _, _, _, replaces: false) = job.step.operation else {
      Issue.record("\(job.step)")
      return
    }
  }

  @Test func `a durable save syncs before it closes`() throws {
    let job = try makeJob { $0.isDurable = true }
    create(job)
    job.succeed()
    #expect(kind(job) == .synchronize)
    job.answer(.count(0))
    #expect(kind(job) == .closeFile)
  }

  @Test func `an exclusive save takes nothing that exists`() throws {
    let job = try makeJob { $0.isExclusive = true }
    job.answer(.failed(.fileExists))
    #expect(job.step.outcome?.error?.errno == .fileExists)
  }

  @Test func `a producer that throws leaves no file behind`() throws {
    let job = try makeJob("file", .producer { throw Errno.outOfRange })
    guard case .compute(let work) = job.step else {
      Issue.record("\(job.step)")
      return
    }
    job.answer(work())
    let error = try #require(job.step.outcome?.error)
    #expect(error.activity == .produce)
    #expect(error.cause == .thrown("\(Errno.outOfRange)"))
  }

  @Test func `pieces are made one after another, each when the one before is written`() throws {
    let left = Shared(3)
    let job = try makeJob(
      "file",
      .pieces { output in
        try output.append("piece")
        return left.update { left in
          left -= 1
          return left > 0
        }
      })
    for piece in 0..<3 {
      guard case .compute(let work) = job.step else {
        Issue.record("\(job.step)")
        return
      }
      job.answer(work())
      if piece == 0 { create(job) }
      #expect(job.step.operation?.offset == Int64(piece * 5))
      #expect(left.value == 2 - piece)
      job.succeed()
    }
    #expect(kind(job) == .closeFile)
  }

  @Test func `a cancelled save gives up before the next piece`() throws {
    let cancellation = Cancellation()
    let job = try makeJob("file", .bytes([UInt8](repeating: 1, count: 10_000)), cancellation: cancellation)
    create(job)
    cancellation.cancel()
    job.succeed()
    remove(job)
    job.answer(.failed(.noSuchFileOrDirectory))
    #expect(job.step.outcome?.error?.isCancellation == true)
  }

  @Test func `an error of closing is an error of the file`() throws {
    let job = try makeJob()
    create(job)
    job.succeed()
    job.answer(.failed(.noSpace))
    #expect(kind(job) == .statusOfName)
    job.answer(.failed(.noSuchFileOrDirectory))
    #expect(job.step.outcome?.error?.activity == .close)
  }

  @Test func `keys are the same for spellings that only repeat slashes and dots`() {
    func key(_ path: String) -> String? {
      SaveTarget.key(FileToSave(PathBytes(Array(path.utf8)), .bytes([]))).text
    }
    #expect(key("a/b") == "a/b")
    #expect(key("./a//b") == "a/b")
    #expect(key("a/./b/") == "a/b")
    #expect(key("/a") == "/a")
    #expect(key("//a") == "/a")
    #expect(key("a/../b") == "a/../b")
    #expect(key("") == "")
  }
}
