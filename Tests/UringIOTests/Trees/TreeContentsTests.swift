import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// What is in a tree arrives as what it is.
@Suite struct TreeContentsTests {
  @Test(arguments: EngineUnderTest.available)
  func `files of every size arrive whole, cached or not`(_ kind: EngineUnderTest) throws {
    let sizes = [
      0, 1, 100, 4095, 4096, 4097, 100 << 10, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 300_001, 3 << 20,
      (8 << 20) - 1, 8 << 20, (9 << 20) + 5,
    ]
    try withScratch { scratch in
      try scratch.makeDirectory("source")
      for size in sizes { try scratch.makePattern("source/\(size)", size: size, seed: UInt64(size)) }
      for isCached in [true, false] {
        if !isCached { for size in sizes { try scratch.dropFromCache("source/\(size)") } }
        let report = try copyTree(in: scratch, kind, .inChunks, to: "cached \(isCached)")
        #expect(try scratch.treeDifference("source", "cached \(isCached)") == nil)
        #expect(report.fileCount == sizes.count && report.largeFileCount == 2)
        #expect(report.byteCount == Int64(sizes.reduce(0, +)))
        #expect(report.directoryCount == 1 && report.failureCount == 0 && report.engine == kind.kind)
      }
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `links, FIFOs and sockets are made anew, and nothing is followed`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makePattern("outside", size: 1000)
      try scratch.makeDirectory("source")
      try scratch.makeDirectory("source/directory")
      try scratch.makeDirectory("source/empty")
      try scratch.makePattern("source/directory/file", size: 10)
      try scratch.makeLink("source/dangling", to: "nowhere")
      try scratch.makeLink("source/loop", to: "loop")
      try scratch.makeLink("source/up", to: "..")
      try scratch.makeLink("source/to directory", to: "directory")
      try scratch.makeLink("source/to file", to: scratch.path("outside"))
      try scratch.makeLink("source/long", to: String(repeating: "x", count: 4095))
      try scratch.makeFIFO("source/fifo")
      try scratch.makeSocket("source/socket")
      let report = try copyTree(in: scratch, kind)
      #expect(try scratch.treeDifference() == nil)
      #expect(report.linkCount == 6 && report.specialCount == 2 && report.fileCount == 1)
      #expect(report.directoryCount == 3 && report.failureCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a link and a FIFO as the source are copied as what they are`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeLink("source", to: "nowhere")
      #expect(try copyTree(in: scratch, kind).linkCount == 1)
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("destination")) == "nowhere")
      try scratch.makeFIFO("fifo")
      #expect(try copyTree(in: scratch, kind, from: "fifo", to: "second").specialCount == 1)
      #expect(try scratch.status("second").st_mode & S_IFMT == S_IFIFO)
      try scratch.makePattern("file", size: 5000)
      let report = try copyTree(in: scratch, kind, from: "file", to: "third")
      #expect(report.fileCount == 1 && report.byteCount == 5000 && report.directoryCount == 0)
      #expect(try scratch.firstDifference("file", "third") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `names are bytes`(_ kind: EngineUnderTest) throws {
    let names: [[UInt8]] = [
      Array(".hidden".utf8), Array("...".utf8), Array("new\nline".utf8), Array(" ".utf8), Array("-rf".utf8),
      [0xff, 0xfe, 0x80], [UInt8](repeating: UInt8(ascii: "n"), count: 255), [0xc3], Array("\u{1b}[31m".utf8),
    ]
    try withScratch { scratch in
      try scratch.makeDirectory("source")
      for name in names {
        let path = scratch.bytes("source").appending(PathBytes(name + (name.count < 250 ? [0x64] : [])))
        #expect(path.withCString { mkdir($0, 0o755) } == 0)
        let file = scratch.bytes("source").appending(
          PathBytes(name.count < 250 ? name : Array(name.dropLast())))
        #expect(file.withCString { mknod($0, S_IFREG | 0o644, 0) } == 0)
      }
      let report = try copyTree(in: scratch, kind)
      #expect(report.fileCount == names.count)
      #expect(report.directoryCount == names.count + 1)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `permissions are the source's, those of directories without a right to write too`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("source")
      for mode: mode_t in [0o400, 0o444, 0o500, 0o600, 0o640, 0o755] {
        try scratch.makePattern("source/small \(mode)", size: 10)
        try scratch.changeMode("source/small \(mode)", mode)
        try scratch.makeDirectory("source/directory \(mode)")
        try scratch.makePattern("source/directory \(mode)/file", size: 10)
        try scratch.makeDirectory("source/directory \(mode)/inner")
        try scratch.makePattern("source/directory \(mode)/large", size: 8 << 20)
        try scratch.changeMode("source/directory \(mode)/large", 0o444)
        try scratch.changeMode("source/directory \(mode)/inner", 0o555)
        try scratch.changeMode("source/directory \(mode)", mode | 0o500)
      }
      try scratch.changeMode("source", 0o555)
      let report = try copyTree(in: scratch, kind, .inChunks)
      #expect(report.failureCount == 0 && report.largeFileCount == 6)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `holes stay holes`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("source")
      for (name, size) in [("small", 256 << 10), ("large", 64 << 20)] {
        try scratch.makePattern("source/\(name)", size: 4096)
        scratch.resize("source/\(name)", to: size)
        try scratch.fill("source/\(name)", Int64(size - 10)..<Int64(size))
      }
      try scratch.write("source/hole", [])
      scratch.resize("source/hole", to: 1 << 30)
      let report = try copyTree(in: scratch, kind)
      #expect(report.fileCount == 3 && report.failureCount == 0)
      for name in ["small", "large", "hole"] {
        #expect(try scratch.firstDifference("source/\(name)", "destination/\(name)") == nil)
        let blocks = try scratch.status("destination/\(name)").st_blocks
        #expect(try blocks <= scratch.status("source/\(name)").st_blocks + 16, "\(name)")
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `5,000 files in one directory, and large ones among them`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: 5000)
      for number in 0..<7 { try scratch.makePattern("source/large \(number)", size: (8 << 20) + number) }
      let last = Shared(TreeProgress())
      let report = try copyTree(
        in: scratch, kind, .inChunks, progress: { progress in last.update { $0 = progress } })
      #expect(report.fileCount == 5007 && report.largeFileCount == 7 && report.failureCount == 0)
      #expect(try scratch.treeDifference() == nil)
      #expect(last.value == TreeProgress(fileCount: 5007, byteCount: report.byteCount))
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `200 directories, by every number of workers`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDirectory("source")
      for number in 0..<200 { try scratch.makeFlat("source/\(number)", count: 2) }
      for workers in [1, 2, 7] {
        var options = TreeOptions()
        options.workers = workers
        options.depth = workers
        let report = try copyTree(in: scratch, kind, options, to: "by \(workers)")
        #expect(report.fileCount == 400 && report.directoryCount == 201 && report.failureCount == 0)
        #expect(try scratch.treeDifference("source", "by \(workers)") == nil)
        // Nobody is asked whether what is in memory is cached.
        #expect(report.operations[.cacheStatus] == 0)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `each entry is told of once, when it is there`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: 50)
      try scratch.makeFlat("source/inner", count: 50)
      try scratch.makePattern("source/large", size: 9 << 20)
      try scratch.makeLink("source/link", to: "x")
      let told = Shared<[String]>([])
      try copyTree(
        in: scratch, kind, .inChunks,
        observe: { event in
          guard case .copied(let from, let to, _, _) = event else { return }
          let isThere = to.text.flatMap { try? FileManager.default.attributesOfItem(atPath: $0) } != nil
          told.update { $0.append("\(from.text ?? "") \(isThere)") }
        })
      let names =
        (0..<50).flatMap { ["file-\($0)", "inner/file-\($0)"] } + ["inner", "large", "link"]
      let expected = (["source"] + names.map { "source/" + $0 }).map { scratch.path($0) + " true" }
      #expect(told.value.sorted() == expected.sorted())
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `files of procfs that claim to be empty have their contents`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      let report = try withoutHanging {
        let engine = try kind.makeFileEngine()
        defer { engine.shutdownBlocking() }
        return try engine.copyTreeBlocking(
          from: PathBytes(Array("/proc/self/net".utf8) + [UInt8(ascii: "/")]),
          to: scratch.bytes("destination"),
          options: TreeOptions(), cancellation: Cancellation())
      }
      #expect(report.fileCount > 0)
      #expect(try !scratch.read("destination/dev").isEmpty)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `batches of any size, large files and all`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: 200)
      for number in 0..<20 { try scratch.makePattern("source/large \(number)", size: 8 << 20) }
      for batch in [1, 7, 4096] {
        var options = TreeOptions.inChunks
        options.batch = batch
        let report = try copyTree(in: scratch, kind, options, to: "by \(batch)")
        #expect(report.fileCount == 220 && report.largeFileCount == 20 && report.failureCount == 0)
        #expect(try scratch.treeDifference("source", "by \(batch)") == nil)
      }
      for batch in [0, 4097, -1] {
        var options = TreeOptions.inChunks
        options.batch = batch
        #expect(try copyTreeError(in: scratch, kind, options, to: "none").errno == .invalidArgument)
      }
      #expect(!scratch.exists("none"))
    }
  }
}
