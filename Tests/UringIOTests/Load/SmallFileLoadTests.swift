import Foundation
import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Small files by one operation each: what it does, and what it leaves to the steps of a job.
  @Suite struct SmallFileLoadTests {
    private static let memoryByteCount = 4096

    /// Loads one file of the scratch directory.
    private func perform(
      _ name: String, in scratch: Scratch, memory: BufferSlice?, memoryDevice: UInt64 = .max
    ) -> (load: SmallFileLoad, isDone: Bool) {
      let load = SmallFileLoad()
      load.prepare(
        FileName(scratch.bytes(name)), in: .workingDirectory, into: memory, memoryDevice: memoryDevice)
      return (load, load.perform() == 1)
    }

    private func withMemory(
      inMemory: Bool = false, _ body: (Scratch, BufferSlice) throws -> Void
    ) throws {
      try withScratch(inMemory: inMemory) { scratch in
        let before = try scratch.openDescriptors()
        try body(scratch, try AlignedBuffer(byteCount: Self.memoryByteCount).whole)
        #expect(try scratch.openDescriptors() == before)
      }
    }

    @Test(arguments: [memoryByteCount / 4 * 3, memoryByteCount - 1])
    func `a whole file, and nothing left open`(size: Int) throws {
      try withMemory { scratch, memory in
        try scratch.makePattern("a", size: size)
        let (load, isDone) = perform("a", in: scratch, memory: memory)
        #expect(isDone && load.transferredByteCount == size && load.descriptor == nil)
        #expect(Array(load.calls) == [.openFile, .status, .read, .closeFile])
        let expected = try Data(contentsOf: URL(fileURLWithPath: scratch.path("a")))
        #expect(memory.withBytes { Data($0.prefix(size)) } == expected)
      }
    }

    @Test func `what fills the memory, or little of it, is left open with its size`() throws {
      try withMemory { scratch, memory in
        for size in [0, 1, Self.memoryByteCount / 4 * 3 - 1, Self.memoryByteCount, 3 * Self.memoryByteCount] {
          try scratch.makePattern("a", size: size)
          let (load, isDone) = perform("a", in: scratch, memory: memory)
          #expect(!isDone && load.byteCount == Int64(size) && load.descriptor != nil, "\(size)")
          #expect(load.device == UInt64(try scratch.status("a").st_dev))
          #expect(Array(load.calls) == [.openFile, .status])
          try load.descriptor?.close()
        }
      }
    }

    @Test func `without memory a file is opened and asked for its size`() throws {
      try withMemory { scratch, _ in
        try scratch.makePattern("a", size: 100)
        let (load, isDone) = perform("a", in: scratch, memory: nil)
        #expect(!isDone && load.byteCount == 100 && load.descriptor != nil)
        try load.descriptor?.close()
      }
    }

    @Test func `what is no regular file, or not there, says no size`() throws {
      try withMemory { scratch, memory in
        try scratch.makeFIFO("fifo")
        mkdir(scratch.path("directory"), 0o755)
        for name in ["fifo", "directory"] {
          let (load, isDone) = perform(name, in: scratch, memory: memory)
          #expect(!isDone && load.byteCount == nil && load.descriptor != nil, "\(name)")
          try load.descriptor?.close()
        }
        let (load, isDone) = perform("absent", in: scratch, memory: memory)
        #expect(!isDone && load.byteCount == nil && load.descriptor == nil)
        #expect(Array(load.calls) == [.openFile])
      }
    }

    @Test func `a file that is not cached, or where no read can tell, is left open`() throws {
      // tmpfs has no read that takes only what is cached.
      try withMemory(inMemory: true) { scratch, memory in
        try scratch.makePattern("a", size: Self.memoryByteCount - 1)
        let (load, isDone) = perform("a", in: scratch, memory: memory)
        try #require(!isDone && load.byteCount == Int64(Self.memoryByteCount - 1))
        #expect(load.calls.last == .read)
        try load.descriptor?.close()
        // Unless it is known to be one.
        let device = UInt64(try scratch.status("a").st_dev)
        #expect(perform("a", in: scratch, memory: memory, memoryDevice: device).isDone)
      }
    }

    @Test func `what one file came to is not the next one's`() throws {
      try withMemory { scratch, memory in
        try scratch.makePattern("a", size: 1)
        let (load, _) = perform("a", in: scratch, memory: memory)
        try load.descriptor?.close()
        load.prepare(FileName(scratch.bytes("absent")), in: .workingDirectory, into: memory)
        #expect(load.descriptor == nil && load.byteCount == nil && load.calls.isEmpty)
      }
    }

    // MARK: In a load

    /// A load of these files by one job, driven to its end.
    private func drive(
      _ names: [String], in scratch: Scratch, cancellation: Cancellation = Cancellation(),
      intercept: Interceptor? = nil
    ) throws -> (files: [LoadedFile], tally: OperationTally, source: LoadSource) {
      let source = LoadSource(
        LoadFeed(names.map { scratch.bytes($0) }), settings: LoadSource.Settings(sharesLargeFiles: false),
        roomCount: 1, transform: nil, cancellation: cancellation)
      guard case .job(let job) = source.next(for: .any) else { throw TestFailure("no job") }
      var tally = OperationTally()
      let outcome = BlockingDriver.drive(
        job, buffer: try AlignedBuffer(byteCount: 1).whole,
        in: OperationContext(cancellation: cancellation, intercept: intercept), tally: &tally)
      source.finished(job, outcome, in: 0)
      var none: [[LoadedFile]] = [[]]
      guard case .files(let files) = source.take(returning: &none, count: 0, byteCount: 0) else {
        return ([], tally, source)
      }
      return (files, tally, source)
    }

    @Test func `sizes that change from file to file are loaded whole, each claiming what it has`() throws {
      try withScratch { scratch in
        let before = try scratch.openDescriptors()
        let sizes = [4000, 4000, 3900, 3000, 5, 0, 1, 2, 100_000, 4000, 64 << 10, 4000, 0, 4000, 4000]
        let names = try scratch.makeLoadFiles(sizes).indices.map { "\($0)" }
        let (files, tally, source) = try drive(names, in: scratch)
        #expect(files.map(\.byteCount) == sizes)
        for file in files {
          #expect(try file.isPattern(count: sizes[file.index]))
          // Of what is kept no more than a quarter is left over, but for the smallest and what was empty.
          let memory = try #require(file.region?.slice.count)
          #expect(file.claimedByteCount == memory)
          #expect(memory <= max(256, file.byteCount * 4 / 3 + 256) || file.byteCount == 0)
        }
        #expect(source.claimed.load(ordering: .relaxed) == files.reduce(0) { $0 + $1.claimedByteCount })
        #expect(tally[.openFile] == sizes.count && tally[.closeFile] == sizes.count)
        #expect(tally[.status] == sizes.count && tally[.loadSmallFile] == 0)
        #expect(try scratch.openDescriptors() == before)
      }
    }

    @Test func `a tmpfs is found out with its first file, and nothing is asked about the others`() throws {
      try withScratch(inMemory: true) { scratch in
        let names = try scratch.makeLoadFiles([Int](repeating: 4000, count: 50)).indices.map { "\($0)" }
        let (files, tally, source) = try drive(names, in: scratch)
        #expect(files.count == 50)
        for file in files { #expect(try file.isPattern(count: 4000)) }
        #expect(tally[.cacheStatus] == 0)
        // The first was refused a read that waits for nothing, once by the job: the others are one operation each.
        #expect(tally[.read] == 51 && tally[.openFile] == 50 && tally[.closeFile] == 50)
        #expect(source.temperature.memoryDevice == UInt64(try scratch.status("0").st_dev))
      }
    }

    @Test func `what the operation leaves has the same errors as step by step`() throws {
      try withScratch { scratch in
        let before = try scratch.openDescriptors()
        try scratch.write("0", [1, 2, 3])
        try scratch.makeFIFO("fifo")
        mkdir(scratch.path("directory"), 0o755)
        let (files, _, _) = try drive(["0", "fifo", "absent", "directory", "0"], in: scratch)
        #expect(
          files.map { $0.error?.errno } == [
            nil, .notSupported, .noSuchFileOrDirectory, .isDirectory, nil,
          ])
        #expect(files.map { $0.error?.activity } == [nil, .load, .open, .load, nil])
        #expect(try scratch.openDescriptors() == before)
      }
    }

    @Test func `whoever answers for the kernel is asked for every call`() throws {
      try withScratch { scratch in
        let names = try scratch.makeLoadFiles([100, 100, 100]).indices.map { "\($0)" }
        let (files, tally, _) = try drive(names, in: scratch) {
          $0.kind == .read ? .fail(.ioError) : .pass
        }
        #expect(files.map { $0.error?.errno } == [.ioError, .ioError, .ioError])
        #expect(tally[.read] == 3 && tally[.openFile] == 3)
      }
    }

    @Test func `a load that is cancelled closes what the operation left open`() throws {
      try withScratch { scratch in
        let before = try scratch.openDescriptors()
        let names = try scratch.makeLoadFiles([100]).indices.map { "\($0)" }
        let cancellation = Cancellation()
        let source = LoadSource(
          LoadFeed(names.map { scratch.bytes($0) }), settings: LoadSource.Settings(), roomCount: 1,
          transform: nil, cancellation: cancellation)
        guard case .job(let job) = source.next(for: .any) else { throw TestFailure("no job") }
        let driven = DrivenJob(job, try AlignedBuffer(byteCount: 1).whole)
        guard case .loadSmallFile(let load)? = driven.step.operation else {
          throw TestFailure("no operation")
        }
        // The first of all: nobody knows what memory it will need.
        #expect(load.perform() == 0 && load.descriptor != nil)
        cancellation.cancel()
        driven.answer(.count(0))
        guard case .closeFile(let descriptor)? = driven.step.operation else { throw TestFailure("left open") }
        #expect(descriptor == load.descriptor)
        try descriptor.close()
        driven.answer(.count(0))
        #expect(driven.step.isFinish)
        #expect(try scratch.openDescriptors() == before)
      }
    }
  }
#endif
