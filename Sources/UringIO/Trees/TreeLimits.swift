/// How many descriptors and jobs a tree's copy may have at once.
struct TreeLimits: Sendable, Equatable {
  /// Directories that are open at once, each in the source and in the destination.
  var openDirectoriesMax: Int
  /// Files in flight in each room.
  var depth: Int
  var roomCount: Int
  /// Rooms that work while the source is cached.
  var warmRoomCount: Int

  /// Pipes that files are copied through, one for each room; none where descriptors are few.
  let pipeCount: Int

  /// Cached files of one directory that a room takes at once.
  var batchCount: Int
  /// The most that may be asked for: each of a batch may turn out to be large, and stays open until it is copied.
  let batchCountMax: Int

  /// More gain nothing: the walk's lock is then taken once in half a millisecond.
  private static let batchCountEnough = 16
  static let batchRange = 1...4096

  /// More open directories gain nothing.
  private static let openDirectoriesEnough = 128

  /// - Parameters:
  ///   - depth: wanted files in flight in each room.
  ///   - descriptorLimit: what the process may have open, as far as it is for this copy.
  init(depth: Int, roomCount: Int, coreCount: Int, descriptorLimit: Int) {
    let available = max(6, descriptorLimit - DescriptorBudget.reserve)
    // A file in flight has two. Half of what there is at most, so that directories have the other half.
    let files = max(1, available / 4)
    self.roomCount = max(1, min(roomCount, files))
    self.depth = max(1, min(depth, files / self.roomCount))
    let left = available - 2 * self.roomCount * self.depth
    openDirectoriesMax = max(2, min(left / 2, Self.openDirectoriesEnough))
    let isAmple = openDirectoriesMax == Self.openDirectoriesEnough
    let forBatches = (available - 2 * openDirectoriesMax) / (2 * self.roomCount)
    pipeCount = isAmple && forBatches > Self.batchCountEnough ? self.roomCount : 0
    // A room's pipe has as many descriptors as one of its files.
    batchCountMax = max(1, pipeCount > 0 ? forBatches - 1 : forBatches)
    batchCount = min(isAmple ? Self.batchCountEnough : 1, batchCountMax)
    warmRoomCount = max(1, min(self.roomCount, coreCount))
  }

  /// Files in flight in each room, those of batches included.
  var filesInFlightMax: Int { max(depth, min(batchCount, batchCountMax)) }

  /// The most that is open at once.
  var descriptorCount: Int {
    2 * openDirectoriesMax + 2 * roomCount * filesInFlightMax + PagePipes.descriptorsOfPipe * pipeCount
  }
}
