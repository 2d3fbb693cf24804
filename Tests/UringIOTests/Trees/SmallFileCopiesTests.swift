import Foundation
import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Small files by one operation: what it does, and what it leaves to the steps of a job.
  @Suite struct SmallFileCopiesTests {
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
        buffer = try AlignedBuffer(byteCount: SmallFileCopiesTests.bufferByteCount)
      }

      deinit {
        try? source.close()
        try? destination.close()
      }

      private func copies() -> SmallFileCopies {
        let copies = SmallFileCopies(
          from: source, to: destination, sparseByteCountMin: SmallFileCopiesTests.sparseByteCountMin,
          creation: CreationLock())
        return copies
      }

      /// One file.
      func perform(_ name: String, named newName: String? = nil, memoryDevice: UInt64 = .max) -> Copied {
        let copies = copies()
        copies.prepare(buffer: buffer.whole, memoryDevice: memoryDevice)
        copies.add(FileName(name), named: FileName(newName ?? name))
        return Copied(isDone: copies.perform() == 1, copies.outcome(at: 0), Array(copies.calls(at: 0)))
      }

      /// Several at once.
      func perform(_ names: [String]) -> [Copied] {
        let copies = copies()
        copies.prepare(buffer: buffer.whole)
        for name in names { copies.add(FileName(name), named: FileName(name)) }
        let doneCount = copies.perform()
        let copied = names.indices.map {
          Copied(isDone: nil, copies.outcome(at: $0), Array(copies.calls(at: $0)))
        }
        #expect(copied.count { $0.isDone } == doneCount)
        return copied
      }

      /// What a copy left open is the caller's.
      func close(_ copy: Copied) throws {
        try copy.rest.source?.close()
        try copy.rest.destination?.close()
      }
    }

    /// What became of one file.
    private struct Copied {
      var isDone = false
      var byteCount: Int?
      var rest = SmallFileCopies.Rest()
      let calls: [UringIO.Operation.Kind]

      init(isDone told: Bool?, _ outcome: SmallFileCopies.Outcome, _ calls: [UringIO.Operation.Kind]) {
        switch outcome {
        case .copied(let byteCount):
          isDone = true
          self.byteCount = byteCount
        case .left(let rest): self.rest = rest
        }
        self.calls = calls
        if let told { #expect(told == isDone) }
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
          copy.isDone && copy.byteCount == size && copy.rest.source == nil && copy.rest.destination == nil)
        #expect(try scratch.firstDifference("from/a", "to/b") == nil)
        #expect(try scratch.status("to/b").st_mode & 0o777 == 0o640)
        let written: [UringIO.Operation.Kind] = size > 0 ? [.write] : []
        #expect(
          copy.calls == [.openFile, .status, .createFile, .read] + written + [.closeFile, .closeFile])
      }
    }

    @Test func `what cannot be opened is left alone, links and absent names included`() throws {
      try withBench { bench, scratch in
        symlink("/etc/passwd", scratch.path("from/link"))
        for name in ["absent", "link"] {
          let copy = bench.perform(name)
          #expect(!copy.isDone && copy.rest.source == nil && copy.rest.destination == nil)
          #expect(copy.calls == [.openFile])
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
          #expect(!copy.isDone && copy.rest.source != nil && copy.rest.destination == nil, "\(name)")
          #expect(copy.calls == [.openFile, .status])
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
        #expect(!copy.isDone && copy.rest.source != nil && copy.rest.destination == nil)
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
        try #require(!copy.isDone && copy.rest.source != nil && copy.rest.destination != nil)
        #expect(copy.calls.last == .read)
        try bench.close(copy)
        // Unless it is known to be one.
        let device = UInt64(try scratch.status("from/a").st_dev)
        #expect(bench.perform("a", named: "b", memoryDevice: device).isDone)
        #expect(try scratch.firstDifference("from/a", "to/b") == nil)
      }
    }

    // MARK: Several at once

    @Test func `each file of many has its own fate, and none is another's`() throws {
      try withBench { bench, scratch in
        let sizes = [0, 1, 4096, Self.bufferByteCount - 1, 100, 8000, 3]
        for (index, size) in sizes.enumerated() {
          try scratch.makePattern("from/whole\(index)", size: size, seed: UInt64(index))
        }
        try scratch.makePattern("from/large", size: 5 * Self.bufferByteCount)
        try scratch.makePattern("from/there", size: 300)
        try scratch.makePattern("to/there", size: 9, seed: 4)
        symlink("whole1", scratch.path("from/link"))
        let names = [
          "whole0", "absent", "whole1", "large", "whole2", "there", "whole3", "link", "whole4", "whole5",
          "whole6",
        ]
        let copies = bench.perform(names)
        for (name, copy) in zip(names, copies) {
          #expect(copy.isDone == name.hasPrefix("whole"), "\(name)")
          #expect((copy.rest.source != nil) == ["large", "there"].contains(name), "\(name)")
          #expect(copy.rest.destination == nil, "\(name)")
          try bench.close(copy)
        }
        for (index, size) in sizes.enumerated() {
          #expect(try scratch.size("to/whole\(index)") == size)
          #expect(try scratch.firstDifference("from/whole\(index)", "to/whole\(index)") == nil)
        }
        #expect(try scratch.firstDifferenceFromPattern("to/there", 0..<9, seed: 4) == nil)
        #expect(!scratch.exists("to/large") && !scratch.exists("to/link"))
      }
    }

    @Test func `what has a name that comes twice is copied once`() throws {
      // A directory that takes upper and lower case for the same has such names; so has one that changes meanwhile.
      try withBench { bench, scratch in
        try scratch.makePattern("from/a", size: 100)
        let copies = bench.perform(["a", "a"])
        #expect(copies[0].isDone && !copies[1].isDone && copies[1].rest.source != nil)
        try bench.close(copies[1])
        #expect(try scratch.firstDifference("from/a", "to/a") == nil)
      }
    }

    @Test func `many files are created with the owner and the permissions of each`() throws {
      try withBench { bench, scratch in
        let modes: [mode_t] = [0o600, 0o644, 0o4755, 0o400, 0o777, 0o640]
        for (index, mode) in modes.enumerated() {
          try scratch.makePattern("from/\(index)", size: 10 + index)
          if geteuid() == 0 { chown(scratch.path("from/\(index)"), uid_t(1000 + index % 2), 7) }
          chmod(scratch.path("from/\(index)"), mode)
        }
        let copies = SmallFileCopies(
          from: bench.source, to: bench.destination, sparseByteCountMin: Self.sparseByteCountMin,
          preserved: [.permissions, .ownership, .timestamps], creation: CreationLock())
        copies.prepare(buffer: bench.buffer.whole)
        for index in modes.indices { copies.add(FileName("\(index)"), named: FileName("\(index)")) }
        #expect(copies.perform() == modes.count)
        for index in modes.indices {
          let from = try scratch.status("from/\(index)")
          let to = try scratch.status("to/\(index)")
          #expect(to.st_mode == from.st_mode && to.st_uid == from.st_uid && to.st_gid == from.st_gid)
          #expect(to.st_mtim.tv_sec == from.st_mtim.tv_sec && to.st_mtim.tv_nsec == from.st_mtim.tv_nsec)
        }
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
        #expect(tally[.copySmallFiles] == 0 && tally[.openFile] == 8 && tally[.entry] == 3)
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

    @Test func `more files than are copied at once, and a cancellation between`() throws {
      try withBench { bench, scratch in
        let count = 3 * SmallFileCopies.fileCountMax + 5
        for index in 0..<count {
          try scratch.makePattern("from/\(index)", size: 100 + index, seed: UInt64(index))
        }
        let (job, tally) = try drive(bench)
        #expect(job.smallFiles.count == count && job.results.isEmpty && tally[.createFile] == count)
        for index in 0..<count { #expect(try scratch.firstDifference("from/\(index)", "to/\(index)") == nil) }
      }
    }

    @Test func `cancelled, it leaves nothing half done and nothing open`() throws {
      try withBench { bench, scratch in
        try scratch.makePattern("from/larger", size: 3 * Self.bufferByteCount + 1)
        for index in 0..<40 { try scratch.makePattern("from/\(index)", size: 100, seed: UInt64(index)) }
        try scratch.makePattern("to/7", size: 5000)
        let names = ["larger", "7"] + (0..<40).filter { $0 != 7 }.map { "\($0)" }
        let listing = DirectoryListing.of(names.map { ($0, 8) })
        let cancellation = Cancellation()
        let route = TreeRoute(
          sourceRoot: scratch.bytes("from"), destinationRoot: scratch.bytes("to"), rules: EntryRules(),
          progress: TreeProgressCounter(nil), cancellation: cancellation)
        let job = TreeFilesJob(node: try makeNode(bench, listing), offsets: listing.files[...], route: route)
        var tally = OperationTally()
        let context = OperationContext(cancellation: Cancellation(), intercept: nil)
        var completions = Completions()
        var operationCount = 0
        driving: while true {
          switch job.next(after: completions, buffer: bench.buffer.whole) {
          case .perform(let operation), .performInline(let operation):
            completions = Completions(BlockingDriver.perform(operation, in: context, tally: &tally))
            operationCount += 1
            if operationCount == 1 { cancellation.cancel() }
          case .finish: break driving
          default: throw TestFailure("one operation after another")
          }
        }
        // The first operation's files are all there, those that it left too; the others were not begun.
        for name in names.prefix(SmallFileCopies.fileCountMax) {
          #expect(try scratch.firstDifference("from/\(name)", "to/\(name)") == nil, "\(name)")
        }
        for name in names.dropFirst(SmallFileCopies.fileCountMax) { #expect(!scratch.exists("to/\(name)")) }
        #expect(job.smallFiles.count == SmallFileCopies.fileCountMax - 2 && job.results.count == 2)
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
