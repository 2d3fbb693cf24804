import SystemPackage
import Testing

@testable import UringIO

/// A tree's jobs alone, with made-up answers: no kernel.
@Suite struct TreeJobTests {
  private static let source = FileDescriptor(rawValue: -11)
  private static let destination = FileDescriptor(rawValue: -12)
  /// What the files are opened as: descriptors that no process has.
  private static let sourceFile = 1_999_999_100
  private static let destinationFile = 1_999_999_200

  private final class Bench {
    let route: TreeRoute
    let driven: DrivenJob
    let job: TreeFileJob
    private let buffer: AlignedBuffer

    /// A job for "/source/name", which was listed as a regular file.
    init() throws {
      route = TreeRoute(
        sourceRoot: PathBytes(Array("/source".utf8)), destinationRoot: PathBytes(Array("/copy".utf8)),
        rules: EntryRules(), progress: TreeProgressCounter(nil))
      let listing = DirectoryListing.ofOne("name", type: 8)
      // Negative descriptors: closing them at the end closes nothing.
      let node = TreeNode(
        parent: nil, name: .current, listing: listing,
        open: .init(source: TreeJobTests.source, destination: TreeJobTests.destination),
        sourceIdentity: FileIdentity(device: 1, inode: 1),
        destinationIdentity: FileIdentity(device: 1, inode: 2))
      buffer = try AlignedBuffer(byteCount: 4096)
      job = TreeFileJob(node: node, nameOffset: listing.files[0], route: route)
      driven = DrivenJob(job, buffer.whole)
    }

    /// What is asked now.
    var operation: Operation? { driven.step.operation }
    var error: FileIOError? { driven.step.outcome?.error }
  }

  /// Fills a box as the kernel would for a real file.
  private func fill(_ operation: UringIO.Operation?, from name: String, in scratch: Scratch) throws {
    switch operation {
    case .statusOfName(_, _, let box)?, .status(_, let box)?:
      #expect(box.fill(.workingDirectory, FileName(scratch.bytes(name))) >= 0)
    default: Issue.record("not asked for a status")
    }
  }

  /// A bench whose source, a file of so many bytes, is open and whose destination is about to be created.
  private func benchAtCreation(_ scratch: Scratch, size: Int = 5000) throws -> Bench {
    try scratch.makePattern("file", size: size)
    let bench = try Bench()
    guard case .openFile(Self.source, _, .read(followsLink: false))? = bench.operation else {
      throw TestFailure("the source is opened in its directory, and no link is followed")
    }
    bench.driven.answer(.count(Self.sourceFile))
    try fill(bench.operation, from: "file", in: scratch)
    bench.driven.answer(.count(0))
    guard case .createFile(Self.destination, _, .exclusive, _)? = bench.operation else {
      throw TestFailure("the destination is created, never replaced")
    }
    return bench
  }

  private func closes(_ bench: Bench, _ descriptor: Int) {
    guard case .closeFile(let closed)? = bench.operation else {
      Issue.record("closes nothing")
      return
    }
    #expect(closed.rawValue == CInt(descriptor))
    bench.driven.answer(.count(0))
  }

  @Test func `short reads and writes are gone on from, and the end is asked for`() throws {
    try withScratch { scratch in
      let bench = try benchAtCreation(scratch)
      bench.driven.answer(.count(Self.destinationFile))
      for (offset, count) in [(0, 4096), (4096, 100), (4196, 804)] {
        guard case .read(_, let slice, let at, _)? = bench.operation else { throw TestFailure("reads") }
        #expect(at == Int64(offset) && slice.count == 4096)
        bench.driven.answer(.count(count))
        for part in [count / 2, count - count / 2] {
          guard case .write(let file, let slice, let at, _)? = bench.operation else {
            throw TestFailure("writes")
          }
          #expect(file.rawValue == CInt(Self.destinationFile))
          #expect(at == Int64(offset + (part == slice.count && part != count ? count - part : 0)))
          bench.driven.answer(.count(part))
        }
      }
      closes(bench, Self.destinationFile)
      closes(bench, Self.sourceFile)
      #expect(bench.driven.step.outcome?.byteCount == 5000)
    }
  }

  /// A bench that has been told whether its source, 200,000 bytes, is cached.
  private func benchAtPages(_ scratch: Scratch, cached: Completion) throws -> Bench {
    let bench = try benchAtCreation(scratch, size: 200_000)
    bench.route.movesPages = true
    bench.driven.answer(.count(Self.destinationFile))
    guard case .cacheStatus(let file, 0..<200_000)? = bench.operation else {
      throw TestFailure("asks whether all of it is cached")
    }
    #expect(file.rawValue == CInt(Self.sourceFile))
    bench.driven.answer(cached)
    return bench
  }

  /// Answers the copy of pages that is to go from `offset` to the file's end.
  private func movePages(_ bench: Bench, from offset: Int, _ completion: Completion) throws {
    guard case .movePages(let from, let at, let to, let toOffset, let count, _)? = bench.operation else {
      throw TestFailure("moves no pages: \(bench.driven.step)")
    }
    #expect(from.rawValue == CInt(Self.sourceFile) && to.rawValue == CInt(Self.destinationFile))
    #expect(at == Int64(offset) && toOffset == Int64(offset) && count == 200_000 - offset)
    bench.driven.answer(completion)
  }

  /// Answers the read at `offset`, and the write of what it gives.
  private func readAndWrite(_ bench: Bench, at offset: Int, _ count: Int) throws {
    guard case .read(_, _, let at, _)? = bench.operation else {
      throw TestFailure("reads nothing: \(bench.driven.step)")
    }
    #expect(at == Int64(offset))
    bench.driven.answer(.count(count))
    guard count > 0 else { return }
    guard case .write(_, let slice, let at, _)? = bench.operation else { throw TestFailure("writes nothing") }
    #expect(at == Int64(offset) && slice.count == count)
    bench.driven.answer(.count(count))
  }

  @Test func `a cached file is copied from page to page, and its end is asked for`() throws {
    try withScratch { scratch in
      let bench = try benchAtPages(scratch, cached: .count(200_704))
      try movePages(bench, from: 0, .count(150_000))
      try movePages(bench, from: 150_000, .count(50_000))
      // It has grown meanwhile.
      try readAndWrite(bench, at: 200_000, 7)
      try readAndWrite(bench, at: 200_007, 0)
      closes(bench, Self.destinationFile)
      closes(bench, Self.sourceFile)
      #expect(bench.driven.step.outcome?.byteCount == 200_007)
      #expect(bench.route.movesPages)
    }
  }

  @Test(
    arguments: [.failed(.improperLink), .failed(.noSpace), .failed(.ioError), .count(0)] as [Completion])
  func `what the kernel does not copy is read and written from there on`(answer: Completion) throws {
    try withScratch { scratch in
      let bench = try benchAtPages(scratch, cached: .count(200_704))
      try movePages(bench, from: 0, .count(150_000))
      try movePages(bench, from: 150_000, answer)
      try readAndWrite(bench, at: 150_000, 4096)
      try readAndWrite(bench, at: 154_096, 0)
      closes(bench, Self.destinationFile)
      closes(bench, Self.sourceFile)
      #expect(bench.driven.step.outcome?.byteCount == 154_096)
      // The end may have come early; a refusal holds for the others, too.
      #expect(bench.route.movesPages == (answer == .count(0)))
    }
  }

  @Test(arguments: [.count(196_608), .count(0), .failed(.noFunction)] as [Completion])
  func `what is not cached whole, or nobody knows of, is read and written`(answer: Completion) throws {
    try withScratch { scratch in
      let bench = try benchAtPages(scratch, cached: answer)
      try readAndWrite(bench, at: 0, 4096)
      try readAndWrite(bench, at: 4096, 0)
      closes(bench, Self.destinationFile)
      closes(bench, Self.sourceFile)
      #expect(bench.driven.step.outcome?.byteCount == 4096)
      #expect(bench.route.movesPages == (answer != .failed(.noFunction)))
    }
  }

  @Test func `a file that shrinks ends where it ends, one that grows goes on`() throws {
    for sizes in [[10, 0], [4096, 904, 0]] + [[4096, 4096, 3, 0]] {
      try withScratch { scratch in
        let bench = try benchAtCreation(scratch)
        bench.driven.answer(.count(Self.destinationFile))
        for count in sizes {
          guard bench.operation?.kind == .read else { break }
          bench.driven.answer(.count(count))
          if count > 0 { bench.driven.answer(.count(count)) }
        }
        closes(bench, Self.destinationFile)
        closes(bench, Self.sourceFile)
        #expect(bench.driven.step.outcome?.byteCount == sizes.reduce(0, +))
      }
    }
  }

  @Test func `a failing write closes both and removes what was created`() throws {
    try withScratch { scratch in
      for answer in [Completion.failed(.noSpace), .count(0)] {
        let bench = try benchAtCreation(scratch)
        bench.driven.answer(.count(Self.destinationFile))
        bench.driven.answer(.count(4096))
        bench.driven.answer(answer)
        try fill(bench.operation, from: "file", in: scratch)
        bench.driven.answer(.count(0))
        try fill(bench.operation, from: "file", in: scratch)
        bench.driven.answer(.count(0))
        guard case .remove(Self.destination, let name, isDirectory: false)? = bench.operation else {
          throw TestFailure("removes")
        }
        #expect(name.text == "name")
        bench.driven.answer(.failed(.permissionDenied))
        closes(bench, Self.destinationFile)
        closes(bench, Self.sourceFile)
        #expect(bench.error?.errno == (answer == .count(0) ? .ioError : .noSpace))
        #expect(bench.error?.note?.contains("could not be removed") == true)
      }
    }
  }

  @Test func `what has a failed file's name by then is somebody's, and stays`() throws {
    try withScratch { scratch in
      try scratch.makePattern("other", size: 1)
      for isThere in [true, false] {
        let bench = try benchAtCreation(scratch)
        bench.driven.answer(.count(Self.destinationFile))
        bench.driven.answer(.failed(.ioError))
        try fill(bench.operation, from: "file", in: scratch)
        bench.driven.answer(.count(0))
        try fill(bench.operation, from: "other", in: scratch)
        bench.driven.answer(isThere ? .count(0) : .failed(.noSuchFileOrDirectory))
        closes(bench, Self.destinationFile)
        closes(bench, Self.sourceFile)
        #expect(bench.error?.note?.contains("moved or replaced") == true)
      }
    }
  }

  @Test func `what is not cached is waited for, and where no read tells the kernel is asked`() throws {
    try withScratch { scratch in
      let bench = try benchAtCreation(scratch)
      bench.driven.answer(.count(Self.destinationFile))
      #expect(bench.operation?.options == .cachedOnly)
      bench.driven.answer(.failed(.resourceTemporarilyUnavailable))
      #expect(bench.operation?.options == [] && !bench.driven.step.isInline)

      for isCached in [true, false] {
        let bench = try benchAtCreation(scratch)
        bench.driven.answer(.count(Self.destinationFile))
        bench.driven.answer(.failed(.notSupported))
        guard case .cacheStatus(let file, 0..<5000)? = bench.operation else { throw TestFailure("asks") }
        #expect(file.rawValue == CInt(Self.sourceFile))
        bench.driven.answer(.count(isCached ? 8192 : 4096))
        #expect(bench.operation?.options == [] && bench.driven.step.isInline == isCached)
      }
    }
  }

  @Test func `an error on closing is one of the copy, and the file is removed`() throws {
    try withScratch { scratch in
      let bench = try benchAtCreation(scratch)
      bench.driven.answer(.count(Self.destinationFile))
      bench.driven.answer(.count(0))
      #expect(bench.operation?.kind == .closeFile)
      bench.driven.answer(.failed(.ioError))
      #expect(bench.operation?.kind == .remove)
      bench.driven.answer(.count(0))
      closes(bench, Self.sourceFile)
      #expect(bench.error?.activity == .close)
    }
  }

  @Test func `a listing takes what the kernel wrote, and nothing beyond it`() {
    let listing = DirectoryListing()
    let bytes =
      DirectoryListing.record([0x2e], inode: 1, type: 4)
      + DirectoryListing.record([0x2e, 0x2e], inode: 2, type: 4)
      + DirectoryListing.record(Array("b".utf8), inode: 9, type: 8)
      + DirectoryListing.record(Array("d".utf8), inode: 5, type: 4)
      + DirectoryListing.record([0xff, 0x0a], inode: 3, type: 10)
      + DirectoryListing.record([0x2e, 0x2e, 0x2e], inode: 4, type: 0)
    let cut = DirectoryListing.record(Array("cut off".utf8), inode: 1, type: 8).dropLast(3)
    (bytes + cut).withUnsafeBytes { #expect(listing.add(records: $0)) }
    listing.complete()
    #expect(
      listing.files.map { listing.name(at: $0).bytes.bytes } == [[0xff, 0x0a], [0x2e, 0x2e, 0x2e], [0x62]])
    #expect(listing.files.map { listing.kind(ofFileAt: $0) } == [.other, .unknown, .regular])
    #expect(listing.directories.map { listing.name(at: $0).text } == ["d"])
  }
}
