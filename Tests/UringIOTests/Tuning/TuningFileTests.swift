import Foundation
import SystemPackage
import Testing

@testable import UringIO

@Suite struct TuningFileTests {
  private static let machine = MachineProbe.probe()

  private func entry(
    _ job: TuningFile.Job = .large, device: String = "/dev/x", kernel: String = machine.kernel,
    cores: Int = machine.coreCount, _ settings: TunedSettings = TunedSettings(.threads, workers: 3)
  ) -> TuningFile.Entry {
    TuningFile.Entry(
      fileSystem: "ext4", device: device, job: job, kernel: kernel, coreCount: cores, date: "2026-11-21",
      settings: settings)
  }

  private func mount(_ device: String = "/dev/x") throws -> MountProbe {
    try #require(MountProbe(line: "36 35 98:0 / /mnt rw - ext4 \(device) rw"))
  }

  // MARK: Settings

  @Test(arguments: [
    TunedSettings(.auto), TunedSettings(.uring, depth: 8, chunkByteCount: 1 << 20, cache: .keep),
    TunedSettings(.threads, workers: 256), TunedSettings(.sequential, cache: .bypass),
  ])
  func `settings are what their text says`(_ settings: TunedSettings) {
    #expect(TunedSettings(settings.text) == settings)
  }

  @Test(arguments: [
    "", "none", "uring:", "uring:depth", "uring:depth=0", "uring:depth=4097", "uring:workers=0",
    "uring:workers=x",
    "uring:chunk-size=1", "uring:chunk-size=2G", "uring:cache=", "uring:batch=3", "uring:depth=1,",
    " uring", "uring:depth=99999999999999999999",
  ])
  func `what is out of range is nothing`(text: String) { #expect(TunedSettings(text) == nil) }

  @Test func `they are applied where they belong`() {
    let settings = TunedSettings(.threads, workers: 5, depth: 7, chunkByteCount: 1 << 20, cache: .keep)
    var configuration = FileEngine.Configuration()
    var options = CopyOptions()
    var tree = TreeOptions()
    settings.apply(to: &configuration)
    settings.apply(to: &options)
    settings.apply(to: &tree)
    #expect(configuration.engine == .threads && configuration.workers == 5 && configuration.depth == 7)
    #expect(options.chunkByteCount == 1 << 20 && options.depth == 7 && options.cache == .keep)
    #expect(tree.workers == 5 && tree.depth == 7)
  }

  // MARK: The file

  @Test func `what is written is read again, and a new entry takes the place of the old one`() {
    var file = TuningFile()
    file.set(entry())
    file.set(entry(.small))
    file.set(entry(device: "//server/a share", TunedSettings(.uring, depth: 2)))
    file.set(entry(.large, TunedSettings(.uring, depth: 4)))
    #expect(file.entries.count == 3)
    let again = TuningFile(text: file.text)
    #expect(again == file && again.damagedLineCount == 0)
    var other = again
    #expect(other.forget(fileSystem: "ext4", device: "/dev/x") && other.entries.count == 1)
    #expect(
      !other.forget(fileSystem: "ext4", device: "/dev/x")
        && !other.forget(fileSystem: "xfs", device: "/dev/x"))
  }

  @Test func `a name with the format's own characters makes no second line`() {
    var file = TuningFile()
    file.set(entry(device: "/dev/a\tb\nc"))
    let again = TuningFile(text: file.text)
    #expect(
      again.entries.count == 1 && again.damagedLineCount == 0 && again.entries[0].device == "/dev/a b c")
  }

  @Test func `damaged lines are counted and the others used`() {
    let good = TuningFile(entries: [entry()]).text
    for (text, count, damaged) in [
      ("", 0, 0), ("\n\n", 0, 0), ("another format\nx", 0, 2), (good + "x\n", 1, 1),
      (good + "a\tb\tc\td\te\tf\tg\n", 1, 1),
      (good.replacing("large", with: "huge"), 0, 1), (good.replacing("workers=3", with: "workers=300"), 0, 1),
      (String(good.dropLast(9)), 0, 1), ("\u{0}\u{1}\u{fffd}", 0, 1),
      (String(repeating: "x\n", count: 1000), 0, 1000),
    ] {
      let file = TuningFile(text: text)
      #expect(file.entries.count == count && file.damagedLineCount == damaged, "\(text.prefix(60))")
    }
  }

  @Test func `it lies where the XDG specification says`() {
    #expect(TuningFile.path { ["XDG_CONFIG_HOME": "/c", "HOME": "/h"][$0] } == "/c/swift-uring-io/tuning")
    #expect(TuningFile.path { ["HOME": "/h"][$0] } == "/h/.config/swift-uring-io/tuning")
    #expect(
      TuningFile.path { ["XDG_CONFIG_HOME": "c", "HOME": "/h"][$0] } == "/h/.config/swift-uring-io/tuning")
    #expect(TuningFile.path { ["XDG_CONFIG_HOME": "", "HOME": "h"][$0] } == nil)
    #expect(TuningFile.path { _ in nil } == nil)
  }

  // MARK: Using it

  @Test func `it is used for its job, file system, kernel and cores alone`() throws {
    var file = TuningFile()
    file.set(entry())
    let settings = TunedSettings(.threads, workers: 3)
    #expect(file.find(.large, try mount(), Self.machine, "f") == .settings(settings, date: "2026-11-21"))
    #expect(file.find(.small, try mount(), Self.machine, "f") == .none)
    #expect(file.find(.large, try mount("/dev/y"), Self.machine, "f") == .none)
    for stale in [entry(kernel: "Linux 2.4.0"), entry(cores: Self.machine.coreCount + 1)] {
      guard case .ignored(let why) = TuningFile(entries: [stale]).find(.large, try mount(), Self.machine, "f")
      else {
        Issue.record("a stale entry is used")
        continue
      }
      #expect(why.contains("stale"))
    }
    guard case .ignored(let why) = TuningFile(text: "rubbish").find(.large, try mount(), Self.machine, "f")
    else {
      throw TestFailure("rubbish is used")
    }
    #expect(why.contains("damaged"))
  }

  #if LINUX
    @Test func `a file that is not there, cannot be read or is a directory is no error`() throws {
      try withScratch { scratch in
        let path = scratch.bytes("new")
        #expect(TuningFile.find(.large, near: path, in: scratch.path("missing")) == .none)
        #expect(TuningFile.find(.large, near: path, in: nil) == .none)
        try #require(mkdir(scratch.path("directory"), 0o755) == 0)
        guard case .ignored = TuningFile.find(.large, near: path, in: scratch.path("directory")) else {
          throw TestFailure("a directory is used")
        }
        try scratch.makePattern("pattern", size: 100_000)
        guard case .ignored(let why) = TuningFile.find(.large, near: path, in: scratch.path("pattern")) else {
          throw TestFailure("a pattern is used")
        }
        #expect(why.contains("damaged"))
        // Of a path that is not there yet the directory counts, and of one that leads nowhere nothing.
        let mount = try #require(MountProbe.around(path))
        #expect(MountProbe.around(scratch.bytes("a/b/c")) == nil)
        var tuning = TuningFile()
        tuning.set(
          TuningFile.Entry(
            fileSystem: mount.type, device: mount.source, job: .small, kernel: Self.machine.kernel,
            coreCount: Self.machine.coreCount, date: "2026-01-02", settings: TunedSettings(.sequential)))
        try scratch.write("tuning", Array(tuning.text.utf8))
        #expect(
          TuningFile.find(.small, near: path, in: scratch.path("tuning"))
            == .settings(TunedSettings(.sequential), date: "2026-01-02"))
      }
    }
  #endif

  @Test func `a FIFO under its name is an empty file, and waited for by nobody`() throws {
    try withScratch { scratch in
      let path = scratch.path("tuning")
      try #require(mkfifo(path, 0o600) == 0)
      let file = try #require(TuningFile.read(path)).get()
      #expect(file.entries.isEmpty)
    }
  }
}
