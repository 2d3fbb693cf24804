import SystemPackage
import Testing

@testable import UringIO

#if LINUX
  /// Cached files of trees that are copied from page to page, and what is read and written where they are not.
  @Suite struct TreePagesTests {
    enum Answer: String, CaseIterable {
      case whole, short, refused, broken
    }

    private static let sizes = [(128 << 10) - 1, 128 << 10, 300_000, (1 << 20) + 1, 5 << 20]

    private func makeSource(_ scratch: Scratch) throws {
      try scratch.makeFlat("source", count: 0)
      for size in Self.sizes { try scratch.makePattern("source/\(size)", size: size) }
    }

    private func intercept(_ answer: Answer) -> Interceptor? {
      switch answer {
      case .whole: nil
      case .short: Intercepting.transfersAtMost(70_000)
      case .refused: Intercepting.every(.movePages, failsWith: .improperLink)
      case .broken: Intercepting.every(.movePages, failsWith: .ioError) { $0.offset ?? 0 > 0 }
      }
    }

    @Test(arguments: EngineUnderTest.available, Answer.allCases)
    func `every byte arrives, whatever the kernel answers`(_ kind: EngineUnderTest, answer: Answer) throws {
      try withScratch { scratch in
        try makeSource(scratch)
        let report = try copyTree(in: scratch, kind, intercept: intercept(answer))
        #expect(report.failures.isEmpty && report.fileCount == Self.sizes.count)
        #expect(report.byteCount == Self.sizes.reduce(0) { $0 + Int64($1) })
        #expect(try scratch.treeDifference("destination", "source") == nil)
        #expect(scratch.descriptorCount == 0)
        guard try scratch.movesPages() else { return }
        // A page may have been given up meanwhile: then that file is read.
        #expect(report.operations[.movePages] > 0)
      }
    }

    @Test(arguments: EngineUnderTest.available)
    func `a disk that is full in the middle leaves nothing of that file`(_ kind: EngineUnderTest) throws {
      try withScratch { scratch in
        try makeSource(scratch)
        let isLarge: @Sendable (UringIO.Operation) -> Bool = { $0.offset ?? 0 >= 600_000 }
        let full = Intercepting.every(.write, failsWith: .noSpace, where: isLarge)
        let report = try copyTree(
          in: scratch, kind,
          intercept: { operation in
            guard operation.kind == .movePages else { return full(operation) }
            return isLarge(operation) ? .fail(.noSpace) : .shorten(to: 100_000)
          })
        #expect(report.failures.map(\.errno) == [.noSpace, .noSpace])
        for size in Self.sizes {
          #expect(scratch.exists("destination/\(size)") == (size < 600_000))
        }
        #expect(try scratch.treeDifference("destination", "source", isPart: true) == nil)
        #expect(scratch.descriptorCount == 0)
      }
    }
  }
#endif
