import Foundation
import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Small files by one operation each: what it does, and what it leaves to the steps of a job.
  @Suite struct SmallFileCopyTests {
    private static let bufferByteCount = 16_384
    private static let sparseByteCountMin: Int64 = 8192

    /// A directory to copy from, one to copy to, and what copies.
    private final class Bench {
      let scratch: Scratch
      let source: FileDescriptor
      let destination: FileDescriptor
      let buffer: AlignedBuffer

      init(_ scratch: Scratch) throws {
        self.scratch = scratch
        for name in ["from", "to"] { try #require(mkdir(scratch.path(name), 0o755) == 0) }
        source = try scratch.open("from", .readOnly)
        destination = try scratch.open("to", .readOnly)
        buffer = try AlignedBuffer(byteCount: SmallFileCopyTests.bufferByteCount)
      }

      deinit {
        try? source.close()
        try? destination.close()
      }

      func perform(
        _ name: String, named newName: String? = nil, memoryDevice: UInt64 = .max
      ) -> SmallFileCopy {
        let copy = SmallFileCopy()
        copy.prepare(
          FileName(PathBytes(Array(name.utf8))), from: source, to: destination,
          named: FileName(PathBytes(Array((newName ?? name).utf8))), buffer: buffer.whole,
          sparseByteCountMin: SmallFileCopyTests.sparseByteCountMin, memoryDevice: memoryDevice)
        isDone = copy.perform() == 1
        return copy
      }

      var isDone = false

      /// What a copy left open is the caller's.
      func close(_ copy: SmallFileCopy) throws {
        try copy.rest.source?.close()
        try copy.rest.destination?.close()
      }
    }

    private func withBench(_ body: (Bench, Scratch) throws -> Void) throws {
      try withScratch { scratch in
        let before = try scratch.openDescriptors()
        try body(Bench(scratch), scratch)
        #expect(try scratch.openDescriptors() == before)
      }
    }

    @Test(arguments: [0, 1, 4096, bufferByteCount - 1])
    func `a whole file, its permissions, and nothing left open`(size: Int) throws {
      try withBench { bench, scratch in
        try scratch.makePattern("from/a", size: size)
        chmod(scratch.path("from/a"), 0o640)
        let copy = bench.perform("a", named: "b")
        #expect(
          bench.isDone && copy.byteCount == size && copy.rest.source == nil && copy.rest.destination == nil)
        #expect(try scratch.firstDifference("from/a", "to/b") == nil)
        #expect(try scratch.status("to/b").st_mode & 0o777 == 0o640)
        let written: [UringIO.Operation.Kind] = size > 0 ? [.write] : []
        #expect(
          Array(copy.calls) == [.openFile, .status, .createFile, .read] + written + [.closeFile, .closeFile])
      }
    }

    @Test func `what cannot be opened is left alone, links and absent names included`() throws {
      try withBench { bench, scratch in
        symlink("/etc/passwd", scratch.path("from/link"))
        for name in ["absent", "link"] {
          let copy = bench.perform(name)
          #expect(!bench.isDone && copy.rest.source == nil && copy.rest.destination == nil)
          #expect(Array(copy.calls) == [.openFile])
        }
        #expect(!scratch.exists("to/link"))
      }
    }

    @Test func `what is no small dense regular file is opened and no more`() throws {
      try withBench { bench, scratch in
        try scratch.makePattern("from/large", size: Self.bufferByteCount)
        try scratch.makePattern("from/sparse", size: 1)
        scratch.resize("from/sparse", to: Int(Self.sparseByteCountMin))
        try scratch.makeFIFO("from/fifo")
        for name in ["large", "sparse", "fifo"] {
          let copy = bench.perform(name)
          #expect(!bench.isDone && copy.rest.source != nil && copy.rest.destination == nil, "\(name)")
          #expect(Array(copy.calls) == [.openFile, .status])
          try bench.close(copy)
          #expect(!scratch.exists("to/\(name)"))
        }
      }
    }

    @Test func `what has the name already stays as it is`() throws {
      try withBench { bench, scratch in
        try scratch.makePattern("from/a", size: 100)
        try scratch.makePattern("to/a", size: 7, seed: 2)
        let copy = bench.perform("a")
        #expect(!bench.isDone && copy.rest.source != nil && copy.rest.destination == nil)
        #expect(try scratch.firstDifferenceFromPattern("to/a", 0..<7, seed: 2) == nil)
        #expect(try scratch.size("to/a") == 7)
        try bench.close(copy)
      }
    }

    @Test func `a file that is not cached, or where no read can tell, is left with both open`() throws {
      // tmpfs has no read that takes only what is cached.
      try withScratch(inMemory: true) { scratch in
        let bench = try Bench(scratch)
        try scratch.makePattern("from/a", size: 100)
        let copy = bench.perform("a")
        try #require(!bench.isDone && copy.rest.source != nil && copy.rest.destination != nil)
        #expect(copy.calls.last == .read)
        try bench.close(copy)
        // Unless it is known to be one.
        let device = UInt64(try scratch.status("from/a").st_dev)
        _ = bench.perform("a", named: "b", memoryDevice: device)
        #expect(bench.isDone)
        #expect(try scratch.firstDifference("from/a", "to/b") == nil)
      }
    }

    // MARK: In a job

    private func makeNode(_ bench: Bench, _ listing: DirectoryListing) throws -> TreeNode {
      TreeNode(
        parent: nil, name: .current, listing: listing,
        open: .init(source: try bench.source.duplicate(), destination: try bench.destination.duplicate()),
        sourceIdentity: FileIdentity(device: 1, inode: 1),
        destinationIdentity: FileIdentity(device: 1, inode: 2))
    }

    /// Drives the job for a whole directory.
    private func drive(
      _ bench: Bench, cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil
    ) throws -> (job: TreeFilesJob, tally: OperationTally) {
      let listing = DirectoryListing()
      let records = try AlignedBuffer(byteCount: 65_536)
      let count = SystemCall.listDirectory(bench.source, records.whole)
      try #require(count > 0 && count < 60_000)
      records.whole.withBytes {
        _ = listing.add(records: UnsafeRawBufferPointer(rebasing: $0[..<count]))
      }
      listing.complete()
      let route = TreeRoute(
        sourceRoot: bench.scratch.bytes("from"), destinationRoot: bench.scratch.bytes("to"),
        rules: EntryRules(), progress: TreeProgressCounter(nil))
      let job = TreeFilesJob(node: try makeNode(bench, listing), offsets: listing.files[...], route: route)
      var tally = OperationTally()
      let outcome = BlockingDriver.drive(
        job, buffer: bench.buffer.whole,
        in: OperationContext(cancellation: cancellation, intercept: intercept),
        tally: &tally)
      guard case .success = outcome else { throw TestFailure("\(outcome)") }
      return (job, tally)
    }

    @Test func `a job goes on from wherever the operation stopped`() throws {
      try withBench { bench, scratch in
        for index in 0..<5 { try scratch.makePattern("from/small\(index)", size: 1000 + index) }
        try scratch.makePattern("from/larger", size: 3 * Self.bufferByteCount + 1)
        try scratch.makePattern("from/there", size: 300)
        try scratch.makePattern("to/there", size: 9000, seed: 3)
        try scratch.makePattern("from/kept out", size: 10)
        mkdir(scratch.path("to/kept out"), 0o755)
        symlink("small1", scratch.path("from/link"))
        let (job, tally) = try drive(bench)
        #expect(job.smallFiles.count == 5 && job.smallByteCount == 5010)
        #expect(job.results.count == 4)
        let failures = job.results.compactMap { $0.outcome.error }
        #expect(failures.count == 1 && failures.first?.cause == .otherOverDirectory)
        for name in ["small0", "small1", "small2", "small3", "small4", "larger", "there"] {
          #expect(try scratch.firstDifference("from/\(name)", "to/\(name)") == nil, "\(name)")
        }
        #expect(try scratch.status("to/link").st_mode & S_IFMT == S_IFLNK)
        // Counted as what the kernel was asked: eight sources, each once. What is there already, and a link, is one
        // more question each.
        #expect(tally[.copySmallFile] == 0 && tally[.openFile] == 8 && tally[.entry] == 3)
        #expect(tally[.closeFile] == 2 * 7)
      }
    }

    @Test func `whoever answers for the kernel is asked for every call`() throws {
      try withBench { bench, scratch in
        for index in 0..<3 { try scratch.makePattern("from/\(index)", size: 1000) }
        let (job, tally) = try drive(bench) { $0.kind == .write ? .fail(.noSpace) : .pass }
        #expect(job.smallFiles.isEmpty && job.results.count == 3 && tally[.write] == 3)
        #expect(job.results.allSatisfy { $0.outcome.error?.errno == .noSpace })
        #expect(!scratch.exists("to/0") && !scratch.exists("to/2"))
      }
    }

    @Test func `an error on closing the copy is the copy's, which is removed`() throws {
      try withBench { bench, _ in
        let listing = DirectoryListing.ofOne("a", type: 8)
        let route = TreeRoute(
          sourceRoot: bench.scratch.bytes("from"), destinationRoot: bench.scratch.bytes("to"),
          rules: EntryRules(), progress: TreeProgressCounter(nil))
        let job = TreeFileJob(
          node: try makeNode(bench, listing), nameOffset: listing.files[0], route: route,
          begun: .init(source: FileDescriptor(rawValue: 100), closeError: .ioError))
        let driven = DrivenJob(job, bench.buffer.whole)
        #expect(driven.step.operation?.kind == .remove)
        driven.answer(.count(0))
        guard case .closeFile(let closed)? = driven.step.operation else { throw TestFailure("closes") }
        #expect(closed.rawValue == 100)
        driven.answer(.count(0))
        #expect(driven.step.outcome?.error?.activity == .close)
      }
    }
  }
#endif
