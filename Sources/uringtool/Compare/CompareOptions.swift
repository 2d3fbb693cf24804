import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What all comparisons can be told.
struct CompareOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Rounds that count, after one to warm up, 1 to 1000. It ends after ten or a few more where the answer is clear by then.",
      valueName: "n"))
  var rounds = Clarity.roundCountDefault

  @Option(
    help: ArgumentHelp(
      """
      Our engines, with commas: auto, uring, threads, sequential; each may be set: \
      uring:depth=32,workers=1. The same one twice is compared with itself.
      """, valueName: "list"))
  var engine = EngineList([EngineSpec(.uring), EngineSpec(.threads), EngineSpec(.sequential)])

  @Option(
    help: ArgumentHelp(
      """
      A program of yours to compare with, as often as you like: 'rsync -a {source}/ {destination}'. It is started \
      without a shell.
      """, valueName: "command"))
  var against: [String] = []

  @Flag(name: .customLong("no-tool"), help: "Leave out the usual tool (cp).")
  var leavesToolOut = false

  @Option(
    help: ArgumentHelp("Whom the others are compared with (default: the usual tool).", valueName: "name"))
  var baseline: String?

  @Flag(help: "Drop the source's contents from the page cache before each run (posix_fadvise).")
  var uncached = false

  @Option(
    help: ArgumentHelp("Seconds after which a run is ended and its contestant left out.", valueName: "n"))
  var timeLimit = 600

  @Option(help: ArgumentHelp("Where things are made (default: beside the source).", valueName: "dir"))
  var directory: PathBytes?

  @Option(help: ArgumentHelp("Repeat the order of an earlier run.", valueName: "n"))
  var seed: UInt32?

  @Flag(
    help: """
      Hold the free memory that the runs do not need. On a virtual machine whose host takes free memory \
      back, times vary less; the first round then starts later.
      """)
  var ballast = false

  @Flag(help: "Print one JSON object with all samples (docs/compare-json.md).")
  var json = false

  @Option(
    help: ArgumentHelp("Write a page with charts, complete in itself, into this file.", valueName: "file"))
  var html: PathBytes?

  func validate() throws {
    try checkRange(rounds, "--rounds", 1...1000)
    try checkRange(timeLimit, "--time-limit", 1...86_400)
    for command in against {
      guard let words = ShellWords.split(command), !words.isEmpty else {
        throw ValidationError(
          "--against takes a command: '\(command)' has a quote that does not end, or no word")
      }
    }
  }

  /// - Throws: `ValidationError` for a setting that the job has not.
  func check(_ keys: [EngineSpec.Key], _ job: String) throws {
    for setting in engine.specs.flatMap(\.settings) where !keys.contains(setting.key) {
      throw ValidationError("compare \(job) has no setting '\(setting.key.rawValue)'")
    }
  }

  var state: CacheState { uncached ? .uncached : .cached }

  /// The text has no place for them, and who reads only that need not wait for one run more of everybody.
  var showsLatencies: Bool { json || html != nil }
}

/// For the jobs whose source can be made.
struct GeneratedSource: ParsableArguments {
  @Option(
    help: """
      Make the source instead: small (files in directories of a hundred), csv (the tutorials' files), large (one \
      file).
      """)
  var generate: GeneratedFiles.Kind?

  @Option(
    help: ArgumentHelp("Files to make, 1 to 10000000 (default: 10000 small ones, 100 csv).", valueName: "n"))
  var files: Int?

  @Option(
    help: ArgumentHelp(
      """
      Of each file, 1 to 1T (default: 4K small, 500K csv, 1G large). Up to 8 with commas are compared in turn; \
      of each there are then as many files as 256 MiB hold, and no more than --files says, or its default.
      """, valueName: "sizes"),
    transform: Self.sizes)
  var size: [Int]?

  private static let sizeCountMax = 8

  /// Of "4K,64K,1M", in bytes; in the order given.
  private static func sizes(_ text: String) throws -> [Int] {
    let sizes = try text.split(separator: ",", omittingEmptySubsequences: false).map { piece in
      guard let size = ByteSize.parse(String(piece)), (1...(1 << 40)).contains(size) else {
        throw ValidationError("it takes a size from 1 to 1T, or several with commas")
      }
      return size
    }
    guard sizes.count <= sizeCountMax else {
      throw ValidationError("it takes at most \(sizeCountMax) sizes")
    }
    guard Set(sizes).count == sizes.count else { throw ValidationError("it takes each size once") }
    return sizes
  }

  func validate() throws {
    try checkRange(files, "--files", 1...10_000_000)
    if generate == nil, files != nil || size != nil {
      throw ValidationError("--files and --size go with --generate")
    }
    if generate == .large, files != nil { throw ValidationError("--generate large makes one file") }
  }

  /// - Throws: `ValidationError` unless there is either a path or something to be made, of a kind that the job takes.
  func check(beside path: PathBytes?, makes kinds: [GeneratedFiles.Kind], _ job: String) throws {
    if path == nil, generate == nil { throw ValidationError("name a source, or --generate one") }
    if path != nil, generate != nil { throw ValidationError("either a source or --generate, not both") }
    if let generate, !kinds.contains(generate) {
      let names = kinds.map(\.rawValue).joined(separator: " or ")
      throw ValidationError("compare \(job) can --generate \(names), not \(generate.rawValue)")
    }
  }

  /// What is made: one for each size; empty where the user names a source.
  var made: [GeneratedFiles] {
    guard let generate else { return [] }
    let (count, sizeDefault) =
      switch generate {
      case .small: (files ?? 10_000, 4096)
      case .csv: (files ?? 100, 500_000)
      case .large: (1, 1 << 30)
      }
    guard let size, size.count > 1 else {
      return [GeneratedFiles(kind: generate, fileCount: count, fileByteCount: size?.first ?? sizeDefault)]
    }
    return size.map { size in
      GeneratedFiles(
        kind: generate, fileCount: GeneratedFiles.fileCount(ofSize: size, atMost: count), fileByteCount: size)
    }
  }
}
