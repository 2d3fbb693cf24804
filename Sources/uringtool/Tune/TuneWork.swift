import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is copied again and again to try settings on: made once, and in the page cache before each run.
struct TuneWork {
  /// Which time is to be short.
  enum Goal: String, CaseIterable {
    /// Until the copy returns: what it wrote may still be in memory alone.
    case toReturn = "return"
    /// Until it is on the disk.
    case toDisk = "disk"
    /// Both as much: their geometric mean.
    case both
  }

  let job: TuningFile.Job
  private let goal: Goal
  private let source: PathBytes
  private let directory: OutcomeDirectory
  private let tree: FileTree?
  private let contents: ContentComparison
  private let interruption: Interruption

  /// Small files in directories of a hundred.
  private static let smallFiles = GeneratedFiles(kind: .small, fileCount: 4000, fileByteCount: 4096)
  /// One file: enough that starting does not count, if there is room.
  private static let largeByteCountRange = (64 << 20)...(512 << 20)

  /// What a job needs of the disk, its source and a copy; and what its large file is.
  static func byteCount(_ job: TuningFile.Job, free: Int64) -> (needed: Int64, large: Int) {
    guard job == .large else { return (3 * smallFiles.byteCount, 0) }
    let available = MachineProbe.availableMemoryByteCount() ?? 1 << 30
    let large = Int(min(free / 4, available / 6))
    let size = max(largeByteCountRange.lowerBound, min(large, largeByteCountRange.upperBound)) & ~0xf_ffff
    return (Int64(2 * size), size)
  }

  /// - Parameter largeByteCount: of the large file.
  init(
    _ job: TuningFile.Job, _ goal: Goal, in directory: OutcomeDirectory, largeByteCount: Int,
    _ interruption: Interruption
  ) throws(ToolError) {
    self.job = job
    self.goal = goal
    self.directory = directory
    self.interruption = interruption
    contents = try ContentComparison()
    let files =
      job == .small
      ? Self.smallFiles : GeneratedFiles(kind: .large, fileCount: 1, fileByteCount: largeByteCount)
    let place = directory.path.appending(PathBytes(job.rawValue))
    guard place.withCString({ mkdir($0, 0o755) }) == 0 else {
      throw ToolError.system("cannot make the directory", place)
    }
    source = try files.make(in: place, interruption)
    tree = job == .small ? try FileTree(source) : nil
  }

  /// Copies it once.
  ///
  /// - Returns: the seconds of the goal, engine and all; or why it cannot be done with these settings.
  /// - Throws: `ToolError` after a signal, or where nobody can copy it.
  func measure(_ settings: TunedSettings) throws(ToolError) -> Result<Double, ToolError> {
    try warm()
    defer { directory.removeOutcome() }
    let destination = directory.newName()
    var configuration = FileEngine.Configuration()
    settings.apply(to: &configuration)
    let start = ContinuousClock.now
    let byteCount: Int64
    let toReturn: Double
    do throws(FileIOError) {
      let engine = try FileEngine(configuration)
      defer { engine.shutdownBlocking() }
      byteCount = try copy(engine, settings, to: destination)
      toReturn = (ContinuousClock.now - start) / .seconds(1)
    } catch {
      try interruption.check()
      return .failure(ToolError(message: "\(error)"))
    }
    try interruption.check()
    let answer =
      goal == .toReturn ? 0 : (job == .large ? Synchronization.file : .fileSystem).wait(for: destination)
    let toDisk = (ContinuousClock.now - start) / .seconds(1)
    guard answer == 0 else {
      return .failure(ToolError(message: "the copy cannot be synced: \(String(cString: strerror(answer)))"))
    }
    // What is copied is checked by the tests and by compare; here a wrong size would mean a wrong time.
    guard byteCount == expectedByteCount else {
      return .failure(ToolError(message: "it copied \(byteCount) bytes instead of \(expectedByteCount)"))
    }
    switch goal {
    case .toReturn: return .success(toReturn)
    case .toDisk: return .success(toDisk)
    case .both: return .success((toReturn * toDisk).squareRoot())
    }
  }

  private var expectedByteCount: Int64 {
    if let tree { return tree.byteCount }
    guard let file = OpenedForReading(source) else { return 0 }
    return Int64(file.status.st_size)
  }

  private func copy(
    _ engine: FileEngine, _ settings: TunedSettings, to destination: PathBytes
  ) throws(FileIOError) -> Int64 {
    if job == .large {
      var options = CopyOptions()
      options.cloning = .never
      settings.apply(to: &options)
      return try engine.copyFileBlocking(
        from: source, to: destination, options: options, cancellation: interruption.cancellation
      ).byteCount
    }
    var options = TreeOptions()
    options.cloning = .never
    settings.apply(to: &options)
    return try engine.copyTreeBlocking(
      from: source, to: destination, options: options, cancellation: interruption.cancellation
    ).byteCount
  }

  /// Nothing waits for the disk from the run before, and the source is in the page cache.
  private func warm() throws(ToolError) {
    sync()
    if let tree {
      _ = try tree.prepare(.cached, contents, interruption)
    } else if let file = OpenedForReading(source) {
      try contents.read(file.descriptor, source, size: Int64(file.status.st_size), interruption)
    }
  }
}
