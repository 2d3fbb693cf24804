import Testing

@testable import UringIO

/// How many descriptors a tree's copy may have.
@Suite struct TreeLimitsTests {
  /// What the program has open besides the walk: three streams, two rings with a wake-up each, and a large
  /// copy's files.
  private static let others = 24

  @Test(arguments: [16, 17, 24, 32, 40, 48, 64, 100, 128, 256, 512, 1024, 4096, 65_536, 1 << 20])
  func `what is open at once fits into the limit`(_ limit: Int) {
    for (depth, rooms, cores) in [(1, 1, 1), (1, 9, 2), (64, 2, 2), (4096, 4, 64), (1, 256, 256), (64, 4, 8)]
    {
      let limits = TreeLimits(depth: depth, roomCount: rooms, coreCount: cores, descriptorLimit: limit)
      let open =
        2 * limits.openDirectoriesMax + 2 * limits.roomCount * limits.depth + 2 * limits.pipeCount
      #expect(limits.openDirectoriesMax >= 2 && limits.depth >= 1 && limits.roomCount >= 1)
      #expect(limits.depth <= depth && limits.roomCount <= rooms && limits.warmRoomCount <= limits.roomCount)
      #expect(open <= max(6, limit - Self.others), "\(limits)")
      let batches =
        2 * limits.openDirectoriesMax + 2 * limits.roomCount * limits.batchCountMax + 2 * limits.pipeCount
      #expect(limits.pipeCount == 0 || limits.pipeCount == limits.roomCount)
      #expect(limits.descriptorCount <= max(6, limit - Self.others))
      #expect(batches <= max(6, limit - Self.others) && limits.batchCount <= limits.batchCountMax)
      if limit >= 1024 { #expect(open <= limit / 2 + 256, "\(limits)") }
    }
  }

  @Test func `with the usual limit nothing is given up`() {
    let limits = TreeLimits(depth: 32, roomCount: 2, coreCount: 2, descriptorLimit: 1024)
    #expect(limits.depth == 32 && limits.roomCount == 2 && limits.openDirectoriesMax == 128)
    #expect(limits.warmRoomCount == 2 && limits.pipeCount == 2)
  }

  @Test func `where descriptors are few no pipe takes any`() {
    let limits = TreeLimits(depth: 64, roomCount: 2, coreCount: 2, descriptorLimit: 256)
    #expect(limits.pipeCount == 0)
  }
}
