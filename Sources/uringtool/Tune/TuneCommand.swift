import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `uringtool tune PATH`.
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Find the fastest settings for the file system under PATH, and remember them.",
    discussion: """
      Copies a large file and a tree of small ones, both cached, again and again with engines, chunk sizes, depths, \
      workers and cache modes: all once, the better half again, and so on, each round beside the defaults. What is \
      clearly faster than these is written to $XDG_CONFIG_HOME/swift-uring-io/tuning (or ~/.config), and uringcp \
      uses it on the same file system where the user says nothing about engines; --explain says so. Measured on \
      another kernel or with other cores it is left alone.
      """)

  @Argument(help: "A directory on the file system.")
  var path: PathBytes

  @Option(
    help: ArgumentHelp("Time to take, 5s to 24h: 90s, 5m (default: 60s).", valueName: "time"),
    transform: Self.seconds)
  var budget: Double = 60

  @Option(help: "Tune for one job: large (one file), small (a tree).")
  var job: TuningFile.Job?

  @Option(
    help:
      "Which time is to be short: until the copy returns, until it is on the disk, or both as much (return, disk, both)."
  )
  var until = TuneWork.Goal.both

  @Flag(help: "Remove what was found for this file system.")
  var forget = false

  @Option(help: ArgumentHelp("Repeat the order of an earlier run.", valueName: "n"))
  var seed: UInt32?

  @Flag(help: "Print one JSON object with every candidate.")
  var json = false

  static func seconds(_ text: String) throws -> Double {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let last = text.last else { throw ValidationError("it takes a time like 90s or 5m") }
    let number = units[last] == nil ? text : String(text.dropLast())
    guard let value = Int(number), value > 0 else { throw ValidationError("it takes a time like 90s or 5m") }
    let seconds = Double(value) * (units[last] ?? 1)
    guard (5...86_400).contains(seconds) else { throw ValidationError("it takes a time from 5s to 24h") }
    return seconds
  }

  func run() throws {
    let interruption = Interruption()
    let directory = path.resolved
    guard let mount = MountProbe.around(directory) else {
      throw ToolError(message: "cannot tell which file system '\(path.displayed)' is on")
    }
    guard let file = TuningFile.path() else {
      throw ToolError(message: "there is no place for settings: neither XDG_CONFIG_HOME nor HOME is set")
    }
    let store = TuningStore(file: file)
    if forget { return try store.forget(mount) }
    // Before minutes are spent on what could not be kept.
    try store.prepare()
    let result = try measure(directory, interruption)
    var entries: [TuningFile.Entry] = []
    let machine = MachineProbe.probe()
    for (job, halving) in result {
      guard case .winner(let settings) = halving.outcome else { continue }
      entries.append(
        TuningFile.Entry(
          fileSystem: mount.type, device: mount.source, job: job, kernel: machine.kernel,
          coreCount: machine.coreCount, date: TuneReport.today, settings: settings))
    }
    let decided = result.filter { $0.1.outcome != .tooShort }.map(\.0)
    try store.replace(mount, decided, with: entries)
    let report = TuneReport(path: directory, mount: mount, file: file, goal: until, result: result)
    if json {
      Console.line(report.json.text)
    } else {
      for line in report.lines { Console.line(line) }
    }
  }

  private func measure(
    _ directory: PathBytes, _ interruption: Interruption
  ) throws(ToolError) -> [(TuningFile.Job, Halving)] {
    var space = statvfs()
    guard directory.withCString({ statvfs($0, &space) }) == 0 else {
      throw ToolError.system("cannot use the directory", path)
    }
    let free = Int64(space.f_bavail) * Int64(space.f_frsize)
    let jobs = job.map { [$0] } ?? TuningFile.Job.allCases
    let sizes = jobs.map { TuneWork.byteCount($0, free: free) }
    let outcomes = try OutcomeDirectory(in: directory, byteCount: sizes.reduce(0) { $0 + $1.needed })
    defer {
      Console.status("")
      if let complaint = outcomes.remove() { Console.error(complaint) }
    }
    var hasRing = true
    if case .failure = RingProbe.probe() { hasRing = false }
    var generator = SeededGenerator(seed: UInt64(seed ?? UInt32.random(in: 1...999_999)))
    var result: [(TuningFile.Job, Halving)] = []
    let start = ContinuousClock.now
    for (index, job) in jobs.enumerated() {
      Console.status("making files")
      let work = try TuneWork(job, until, in: outcomes, largeByteCount: sizes[index].large, interruption)
      var halving = Halving(
        TuneCandidates.all(job, coreCount: MachineProbe.probe().coreCount, hasRing: hasRing))
      // What is left is shared by the jobs that are left.
      let now = (ContinuousClock.now - start) / .seconds(1)
      let end = now + (budget - now) / Double(jobs.count - index)
      try halving.run(
        &generator, isOver: { (ContinuousClock.now - start) / .seconds(1) > end },
        measure: { settings throws(ToolError) in
          Console.status("\(job.rawValue): \(settings.text)")
          return try work.measure(settings)
        })
      result.append((job, halving))
    }
    return result
  }
}

extension TuningFile.Job: ExpressibleByArgument {}
extension TuneWork.Goal: ExpressibleByArgument {}
