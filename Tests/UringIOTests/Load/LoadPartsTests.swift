import SystemPackage
import Testing

@testable import UringIO

/// What a load is put together from.
@Suite struct LoadPartsTests {
  @Test func `a size class has room for the size, and at most an eighth more`() {
    var sizes = Array(1...5000)
    for shift in 12..<44 { for offset in [-1, 0, 1, 1 << (shift - 4)] { sizes.append(1 << shift + offset) } }
    for size in sizes {
      let (index, byteCount) = LoadMemory.sizeClass(size)
      #expect(byteCount >= size)
      #expect(byteCount <= max(256, size + size / 8 + 1))
      #expect(LoadMemory.sizeClass(byteCount) == (index, byteCount))
      #expect(LoadMemory.sizeClass(byteCount + 1).index == index + 1)
    }
  }

  @Test func `memory of small files does not overlap, and the last to come back goes out first`() throws {
    var memory = LoadMemory()
    let name = NumberedName(index: 0, name: .current)
    var files: [LoadedFile] = []
    for number in 0..<2000 {
      let region = try memory.make(3000)
      region.slice.withMutableBytes { $0.copyBytes(from: LoadPattern.bytes(number, count: $0.count)) }
      files.append(LoadedFile(name, room: 0, region: region))
    }
    for (number, file) in files.enumerated() {
      #expect(file.region!.slice.withBytes { LoadPattern.matches($0, number, count: $0.count) })
    }
    memory.giveBack(files[3])
    memory.giveBack(files[8])
    let reused = [3000, 100_000, 3000, 3000].map { memory.reuse($0).map(ObjectIdentifier.init) }
    let freeByteCount = memory.freeByteCount
    #expect(reused == [ObjectIdentifier(files[8]), nil, ObjectIdentifier(files[3]), nil])
    #expect(freeByteCount == 0)
  }

  @Test func `a window puts every order right`() {
    var numbers = SystemRandomNumberGenerator()
    for count in [1, 2, 7, 100] {
      var window = LoadWindow()
      var ready: [LoadedFile] = []
      for index in (0..<count).shuffled(using: &numbers) {
        window.insert(LoadedFile(NumberedName(index: index, name: .current), room: 0, region: nil))
        window.takeReady(into: &ready)
        #expect(ready.map(\.index) == Array(0..<ready.count))
        #expect(window.nextIndex == ready.count)
      }
      #expect(ready.count == count)
    }
  }

  @Test(arguments: [1, 3, BatchPace.fileCountMax])
  func `a room takes at most so many names at once`(batch: Int) throws {
    let source = LoadSource(
      LoadFeed((0..<1000).map { FilePath("\($0)") }), settings: LoadSource.Settings(batch: batch),
      roomCount: 1,
      transform: nil, cancellation: Cancellation())
    let room = source.rooms[0]
    var names: [Int] = []
    var following = 0
    while names.count < 1000 {
      // As many of the batch as are left come without the source.
      let left = room.nextIndex
      guard case .name(let name) = room.takeWork(source) else { throw TestFailure("no name") }
      following = left == nil ? 1 : following + 1
      #expect(following <= batch)
      names.append(name.index)
    }
    #expect(names == Array(0..<1000))
  }

  @Test func `a room hands on what it has before it asks the kernel for memory`() throws {
    let source = LoadSource(
      LoadFeed([FilePath]()), settings: LoadSource.Settings(), roomCount: 1, transform: nil,
      cancellation: Cancellation())
    let room = source.rooms[0]
    func makeFile(_ byteCount: Int) throws -> LoadedFile {
      try room.makeFile(NumberedName(index: 0, name: .current), capacity: byteCount, source)
    }
    func delivered() -> [LoadedFile] {
      var returned: [[LoadedFile]] = [[]]
      if case .files(let files) = source.take(returning: &returned, count: 0, byteCount: 0) { return files }
      return []
    }
    let first = try makeFile(100)
    room.complete(first, source)
    let second = try makeFile(100)
    #expect(delivered().isEmpty, "the next one had room beside the first")
    let third = try makeFile(3 << 20)
    #expect(delivered().map(ObjectIdentifier.init) == [ObjectIdentifier(first)])
    #expect(second !== third)
  }

  @Test func `where few files may be open, fewer jobs run`() throws {
    let engine = PoolEngine(workerCount: 40)
    var options = LoadOptions()
    options.workers = 40
    for (limit, count) in [(1 << 20, 40), (1024, 40), (64, 20), (26, 1), (3, 1)] {
      #expect(LoadRooms.make(for: engine, options, descriptorCountMax: limit).count == count)
    }
    guard EngineUnderTest.hasRing else { return }
    let ring = try EngineUnderTest.ring.make(workerCount: 2)
    let enough = FileRooms.ringDepth
    for (limit, depth) in [(1 << 20, enough), (1024, enough), (64, 10), (3, 1)] {
      let rooms = LoadRooms.make(for: ring, LoadOptions(), descriptorCountMax: limit)
      #expect(rooms.allSatisfy { $0.depth == depth })
    }
    try ring.stop()
  }

  @Test func `a feed numbers the paths and ends once`() {
    let feed = LoadFeed((0..<10).map { FilePath("/file\($0)") })
    let first = feed.take(4)
    #expect(first.map(\.index) == [0, 1, 2, 3])
    #expect(first.map { $0.name.bytes.text } == ["/file0", "/file1", "/file2", "/file3"])
    #expect(feed.take(0).isEmpty)
    #expect(feed.take(100).map(\.index) == [4, 5, 6, 7, 8, 9])
    #expect(feed.take(1).isEmpty)
  }

  @Test func `a feed keeps names that are no UTF-8, and empty ones`() {
    let feed = LoadFeed([PathBytes([0xff, 0x20]), PathBytes([]), PathBytes([65])])
    #expect(feed.take(3).map(\.name.bytes) == [PathBytes([0xff, 0x20]), PathBytes([]), PathBytes([65])])
  }
}
