import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Single files whose pages go from file to file: on one thread, below 16 MiB.
  @Suite struct CopyPagesTests {
    private static let size = (6 << 20) + 1234

    @Test func `every byte arrives, and nothing is read beside`() throws {
      try withScratch { scratch in
        guard try scratch.movesPages() else { return }
        for size in [128 << 10, 300_001, Self.size] {
          try scratch.makePattern("source", size: size)
          let report = try copy(in: scratch, .sequential, CopyOptions(), to: "to-\(size)")
          #expect(try scratch.firstDifference("source", "to-\(size)") == nil)
          #expect(report.strategy == .small && report.byteCount == Int64(size))
          #expect(report.operations.byteCount(.movePages) == size && report.operations[.read] == 0)
        }
        try scratch.makePattern("source", size: (128 << 10) - 1)
        let report = try copy(in: scratch, .sequential, CopyOptions())
        #expect(report.operations[.movePages] == 0, "too small to gain")
      }
    }

    @Test func `little by little, refused, or broken off, every byte arrives`() throws {
      let intercepts: [Interceptor] = [
        Intercepting.transfersAtMost(70_001), Intercepting.every(.movePages, failsWith: .invalidArgument),
        Intercepting.every(.movePages, failsWith: .ioError) { $0.offset! >= 2 << 20 },
      ]
      for intercept in intercepts {
        try withScratch { scratch in
          try scratch.makePattern("source", size: Self.size)
          let report = try copy(
            in: scratch, .sequential, CopyOptions(), intercept: intercept, movesPages: true)
          #expect(try scratch.firstDifference("source", "destination") == nil)
          #expect(report.byteCount == Int64(Self.size) && report.fallbacks.isEmpty)
        }
      }
    }

    @Test(arguments: [UringIO.Operation.Kind.read, .write])
    func `an error is that of reading or writing, and leaves nothing`(_ kind: UringIO.Operation.Kind) throws {
      try withScratch { scratch in
        try scratch.makePattern("source", size: Self.size)
        let error = try copyError(
          in: scratch, .sequential, CopyOptions(),
          intercept: {
            guard [kind, .movePages].contains($0.kind), $0.offset ?? 0 >= 3 << 20 else { return .pass }
            return .fail(.ioError)
          }, movesPages: true)
        #expect(error.errno == .ioError && error.offset == 3 << 20)
        #expect(error.activity == (kind == .read ? .read : .write))
        #expect(error.path == scratch.bytes(kind == .read ? "source" : "destination"))
        #expect(try scratch.names() == ["source"])
        #expect(scratch.descriptorCount == 0)
      }
    }

    @Test func `a source that shrinks is reported, and its copy has what was there`() throws {
      try withScratch { scratch in
        guard try scratch.movesPages() else { return }
        try scratch.makePattern("source", size: Self.size)
        let error = try copyError(
          in: scratch, .sequential, CopyOptions(),
          intercept: Intercepting.before(4, of: .movePages) { scratch.resize("source", to: 3_000_001) },
          movesPages: true)
        guard case .sourceChanged(_, _, let copied) = error.cause else {
          throw TestFailure("not reported as changed: \(error)")
        }
        #expect(copied == 3_000_001)
        #expect(try scratch.size("destination") == 3_000_001)
        #expect(try scratch.firstDifferenceFromPattern("destination", 0..<3_000_001) == nil)
      }
    }

    @Test func `cancelled in between, it leaves nothing`() throws {
      try withScratch { scratch in
        try scratch.makePattern("source", size: Self.size)
        let cancellation = Cancellation()
        let error = try copyError(
          in: scratch, .sequential, CopyOptions(), cancellation: cancellation,
          intercept: Intercepting.before(4, of: .movePages) { cancellation.cancel() }, movesPages: true)
        #expect(error.isCancellation)
        #expect(try scratch.names() == ["source"])
      }
    }
  }
#endif
