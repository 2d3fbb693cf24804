import SystemPackage
import Testing

@testable import UringIO

/// What a tree's walk gives to the rooms that ask.
@Suite struct TreeDealingTests {
  private static func walk(_ scratch: Scratch, _ limits: TreeLimits) throws -> TreeCopySource {
    let route = TreeRoute(
      sourceRoot: scratch.bytes("source"), destinationRoot: scratch.bytes("destination"),
      rules: EntryRules(), progress: TreeProgressCounter(nil), isOnRing: true)
    let large = TreeLargeCopies(inline: true) { file, _ in
      file.close()
      return .init(report: .failure(FileIOError(.notSupported, during: .copy)))
    }
    return TreeCopySource(
      route: route, limits: limits, roomCount: limits.roomCount, large: large, observe: nil)
  }

  private static func drive(_ job: any Job, _ source: TreeCopySource) throws {
    var tally = OperationTally()
    let outcome = BlockingDriver.drive(
      job, buffer: try AlignedBuffer(byteCount: 65_536).whole,
      in: OperationContext(cancellation: Cancellation(), intercept: nil), tally: &tally)
    source.finished(job, outcome, in: 0)
  }

  private static func files(_ pull: Pull) -> TreeFilesJob? {
    if case .job(let job as TreeFilesJob) = pull { job } else { nil }
  }

  @Test func `a room whose batches wait for a ring gets others, as many files as it may have open`() throws {
    try withScratch { scratch in
      try scratch.makeFlat("source", count: 300)
      let limits = TreeLimits(depth: 64, roomCount: 1, coreCount: 1, descriptorLimit: 4096)
      #expect(limits.filesInFlightMax == 64 && limits.batchCount == 16)
      let source = try Self.walk(scratch, limits)
      guard case .job(let root) = source.next(for: .any, in: 0, busyCount: 0) else {
        throw TestFailure("no root")
      }
      try Self.drive(root, source)

      var jobs: [TreeFilesJob] = []
      while let job = Self.files(source.next(for: .any, in: 0, busyCount: 0)) { jobs.append(job) }
      // Each waits with its whole batch: so the first is large, and those that are added have less and less.
      #expect(jobs.first?.entryCount == 16 && jobs.last?.entryCount == 1 && jobs.count > 8)
      #expect(jobs.reduce(0) { $0 + $1.entryCount } == 64)
      let temperature = source.route.temperature
      for isCold in [false, true] {
        while isCold, !temperature.isCold { _ = temperature.foundUncached() }
        guard case .full = source.next(for: .any, in: 0, busyCount: 0) else {
          throw TestFailure("too many files")
        }
      }
      while temperature.isCold { temperature.foundCached() }

      try Self.drive(jobs.removeFirst(), source)
      guard case .full = source.next(for: .any, in: 0, busyCount: 1) else {
        throw TestFailure("two jobs keep one thread")
      }
      #expect(Self.files(source.next(for: .any, in: 0, busyCount: 0)).map { jobs.append($0) } != nil)
      for job in jobs { try Self.drive(job, source) }
      while let job = Self.files(source.next(for: .any, in: 0, busyCount: 0)) { try Self.drive(job, source) }
      guard case .end = source.next(for: .any, in: 0, busyCount: 0) else { throw TestFailure("no end") }
      #expect(source.report.fileCount == 300)
      #expect(try scratch.treeDifference() == nil)
    }
  }
}
