/// The rooms of a run over many files: one for each worker, so that each can keep to files of its own.
enum FileRooms {
  /// Files in flight on each ring: enough to keep a device busy where nothing is cached.
  static let ringDepth = 64

  /// - Parameters:
  ///   - depth: files in flight on each ring, where it was asked for; a thread always has one.
  ///   - workers: rings or threads to use, where fewer than the engine has were asked for.
  static func make(
    for engine: any Engine, depth: Int? = nil, workers: Int? = nil, bufferByteCount: Int,
    placement: PlacementTable = .smallFiles
  ) -> [Room] {
    let count = max(1, min(engine.workerCount, workers ?? engine.workerCount))
    var room = Room(
      lane: .any, depth: engine.kind == .uring ? max(1, depth ?? ringDepth) : 1,
      bufferByteCount: bufferByteCount, placement: placement)
    room.usesHugePages = false
    return [Room](repeating: room, count: count)
  }

  /// Takes depth, and then rooms, away until no more than so many descriptors are open at once.
  static func fit(_ rooms: inout [Room], descriptorsOfJob: Int, descriptorCountMax: Int) {
    let jobCountMax = max(1, (descriptorCountMax - DescriptorBudget.reserve) / descriptorsOfJob)
    if rooms.count > jobCountMax { rooms.removeLast(rooms.count - jobCountMax) }
    for index in rooms.indices { rooms[index].depth = min(rooms[index].depth, jobCountMax / rooms.count) }
  }

  /// Of rooms that fit: the most that is open at once.
  static func descriptorCount(of rooms: [Room], descriptorsOfJob: Int) -> Int {
    rooms.reduce(0) { $0 + $1.depth } * descriptorsOfJob
  }
}
