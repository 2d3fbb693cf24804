import SystemPackage
import Testing

@testable import UringIO

/// Calls that run at the same time share what the process may have open.
@Suite struct DescriptorBudgetTests {
  private static let limit = 64

  private func share(_ budget: DescriptorBudget, taking count: Int) -> (offered: Int, DescriptorBudget.Share)
  {
    budget.share { limit in (limit, min(count, limit - DescriptorBudget.reserve)) }
  }

  @Test(arguments: [0, 24, 25, 64, 1024, 1 << 20])
  func `what is claimed together stays within the limit`(_ limit: Int) {
    let budget = DescriptorBudget { limit }
    var shares: [DescriptorBudget.Share] = []
    var free = max(0, limit - DescriptorBudget.reserve)
    for _ in 0..<10 {
      let (offered, share) = share(budget, taking: .max)
      let count = offered - DescriptorBudget.reserve
      #expect(count <= free && (count > 0 || free == 0))
      free -= count
      shares.append(share)
    }
    #expect(free >= 0 && shares.count == 10)
  }

  @Test func `what is given back, or dropped, is offered again, once`() {
    let budget = DescriptorBudget { 1024 }
    let whole = share(budget, taking: 0).offered
    let (_, first) = share(budget, taking: 500)
    var second: DescriptorBudget.Share? = share(budget, taking: 100).1
    #expect(share(budget, taking: 0).offered == 24 + 400 - 80)
    first.giveBack()
    first.giveBack()
    #expect(share(budget, taking: 0).offered == 24 + 900 - 180)
    withExtendedLifetime(second) {}
    second = nil
    #expect(share(budget, taking: 0).offered == whole)
  }

  @Test(arguments: EngineUnderTest.available)
  func `trees, a load and a durable save at once`(_ kind: EngineUnderTest) async throws {
    try await withScratch(inMemory: true) { scratch in
      for name in ["first", "second"] {
        try scratch.makeDeep(name, levels: 400, siblingEvery: 1)
        try scratch.makeFlat(name + "/flat", count: 300)
      }
      let paths = try scratch.makeLoadFiles((0..<2_000).map { $0 % 300 })
      let openMax = Shared(0)
      let budget = DescriptorBudget { Self.limit }
      let engine = try kind.makeFileEngine(
        intercept: { operation in
          // Afterwards at least this one is open, too.
          if case .openFile = operation {
            let count = scratch.descriptorCount
            openMax.update { $0 = max($0, count) }
          }
          return .pass
        }, descriptorBudget: budget)
      async let first = engine.copyTree(from: scratch.filePath("first"), to: scratch.filePath("copy1"))
      async let second = engine.copyTree(from: scratch.filePath("second"), to: scratch.filePath("copy2"))
      async let loaded = {
        var count = 0
        for try await file in engine.load(paths) where file.error == nil { count += 1 }
        return count
      }()
      async let saved = engine.save(
        (0..<300).map { FileToSave(scratch.bytes("saved\($0)"), .bytes([1, 2, 3])) },
        options: {
          var options = SaveOptions()
          options.isDurable = true
          options.depth = 128
          return options
        }())
      #expect(try await first.failureCount == 0)
      #expect(try await second.failureCount == 0)
      #expect(try await loaded == paths.count)
      #expect(try await saved.fileCount == 300)
      await engine.shutdown()
      #expect(try scratch.treeDifference("first", "copy1") == nil)
      #expect(try scratch.treeDifference("second", "copy2") == nil)
      print("\(kind): at most \(openMax.value) of \(Self.limit) were open")
      #expect(openMax.value > 0 && openMax.value <= Self.limit - 16)
      // Nothing is kept of what they had.
      #expect(share(budget, taking: 0).offered == 24 + 40 - 8)
      #expect(scratch.descriptorCount == 0)
    }
  }
}
