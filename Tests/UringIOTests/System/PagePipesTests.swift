import Dispatch
import Synchronization
import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Pages that go through pipes: what arrives, and what is never left in one for somebody else.
  @Suite struct PagePipesTests {
    /// Moves a range piece by piece.
    ///
    /// - Returns: the first error number, or nothing; how far it came.
    private func move(
      _ pipes: PagePipes, _ source: FileDescriptor, to destination: FileDescriptor, _ range: Range<Int64>,
      piece: Int = .max
    ) -> (position: Int64, answer: Int) {
      var position = range.lowerBound
      while position < range.upperBound {
        let answer = pipes.move(
          source, at: position, to: destination, at: position,
          byteCount: min(piece, Int(range.upperBound - position)))
        guard answer > 0 else { return (position, answer) }
        position += Int64(answer)
      }
      return (position, 0)
    }

    @Test(arguments: [1, 4095, 4096, 65_537, 524_288, 524_289, 3_000_001])
    func `every byte arrives at its place, in pieces of any size`(piece: Int) throws {
      try withScratch { scratch in
        let size = piece < 4000 ? 5000 : 3_000_001
        try scratch.makePattern("file", size: size)
        let source = try scratch.open("file", .readOnly)
        let copy = try scratch.open("copy", .readWrite, options: [.create])
        let pipes = PagePipes()
        let moved = move(pipes, source, to: copy, 0..<Int64(size), piece: piece)
        #expect(moved == (Int64(size), 0))
        #expect(try scratch.firstDifference("copy", "file") == nil)
        #expect(pipes.move(source, at: Int64(size), to: copy, at: 0, byteCount: 10) == 0, "the end")
        try source.close()
        try copy.close()
      }
    }

    @Test func `one call takes half a MiB, and as much as it says`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 2 << 20)
        let source = try scratch.open("file", .readOnly)
        let copy = try scratch.open("copy", .readWrite, options: [.create])
        #expect(PagePipes().move(source, at: 0, to: copy, at: 0, byteCount: 2 << 20) == PagePipes.byteCount)
        #expect(try scratch.size("copy") == PagePipes.byteCount)
        try source.close()
        try copy.close()
      }
    }

    @Test func `what a destination did not take never reaches another one`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 600_000)
        try scratch.makePattern("other", size: 600_000, seed: 2)
        let source = try scratch.open("file", .readOnly)
        let other = try scratch.open("other", .readOnly)
        let copy = try scratch.open("copy", .readWrite, options: [.create])
        let pipes = PagePipes()
        for _ in 0..<50 {
          // Open for reading only, it takes nothing.
          let refused = pipes.move(source, at: 0, to: other, at: 0, byteCount: 600_000)
          #expect(refused == -Int(Errno.badFileDescriptor.rawValue))
          #expect(move(pipes, other, to: copy, 0..<600_000) == (600_000, 0))
        }
        #expect(try scratch.firstDifference("copy", "other") == nil)
        #expect(pipes.idleDescriptors.count == 1)
        try source.close()
        try other.close()
        try copy.close()
      }
    }

    @Test func `what is no file is refused, and the pipe is good afterwards`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 10_000)
        let source = try scratch.open("file", .readOnly)
        let directory = try FileDescriptor.open(scratch.filePath("."), .readOnly)
        let copy = try scratch.open("copy", .readWrite, options: [.create])
        let pipes = PagePipes()
        #expect(pipes.move(directory, at: 0, to: copy, at: 0, byteCount: 100) < 0)
        #expect(move(pipes, source, to: copy, 0..<10_000) == (10_000, 0))
        #expect(try scratch.firstDifference("copy", "file") == nil)
        for descriptor in [source, directory, copy] { try descriptor.close() }
      }
    }

    @Test func `threads have pipes of their own, which end with their owner`() throws {
      try withScratch { scratch in
        let count = 8
        let size = 700_001
        for index in 0..<count { try scratch.makePattern("\(index)", size: size, seed: UInt64(index)) }
        let failures = Mutex(0)
        var inodes: Set<UInt64> = []
        do {
          let pipes = PagePipes()
          DispatchQueue.concurrentPerform(iterations: 20 * count) { turn in
            let index = turn % count
            do {
              let source = try scratch.open("\(index)", .readOnly)
              let copy = try scratch.open("copy-\(turn)", .readWrite, options: [.create])
              if move(pipes, source, to: copy, 0..<Int64(size)).position < size {
                failures.withLock { $0 += 1 }
              }
              try source.close()
              try copy.close()
            } catch {
              failures.withLock { $0 += 1 }
            }
          }
          inodes = try Set(pipes.idleDescriptors.map { try FileStatus.of($0).get().inode })
          #expect((1...20 * count).contains(inodes.count))
        }
        #expect(failures.withLock { $0 } == 0)
        for turn in 0..<20 * count {
          #expect(try scratch.firstDifference("copy-\(turn)", "\(turn % count)") == nil)
        }
        for number in 0..<CInt(4096) {
          guard case .success(let status) = FileStatus.of(FileDescriptor(rawValue: number)) else { continue }
          #expect(!(status.type == .fifo && inodes.contains(status.inode)), "a pipe is still open")
        }
      }
    }
  }
#endif
