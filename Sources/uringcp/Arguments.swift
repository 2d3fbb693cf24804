import CCommandLine
import UringIO

/// What the command line asks for.
struct Arguments {
  enum When: String { case auto, always, never }

  var copy = CopyOptions()
  var engine = FileEngine.Configuration()
  var explains = false
  var showsStatistics = false
  var writesJSON = false
  var progress = When.auto
  /// `--trace`.
  var trace: PathBytes?
  var isVerbose = false
  /// `-r`: directories are copied, and links and special files as what they are.
  var isRecursive = false
  /// `-T`: the destination is never taken for a directory to copy into.
  var treatsDestinationAsFile = false
  /// `-t`.
  var targetDirectory: PathBytes?
  var operands: [PathBytes] = []

  /// Whether the user leaves the choice of the engine and all its numbers to the command.
  var leavesEverythingOpen: Bool {
    engine.engine == .auto && engine.workers == nil && engine.depth == nil && copy.depth == nil
      && copy.chunkByteCount == nil && copy.cache == .auto
  }

  enum Outcome {
    case run(Arguments)
    case help
    case version
    /// A message (getopt has printed its own where it is `nil`).
    case misuse(String?)
  }

  // MARK: Options

  /// Values for options without a letter; above every character.
  private enum Long: CInt {
    case engine = 256
    case chunkSize, depth, workers, cache, explain, stats, trace, json, progress, reflink, help, version
  }

  private static let longOptions: [(name: String, argument: CInt, value: CInt)] =
    [
      ("engine", 1, Long.engine.rawValue), ("chunk-size", 1, Long.chunkSize.rawValue),
      ("depth", 1, Long.depth.rawValue), ("workers", 1, Long.workers.rawValue),
      ("cache", 1, Long.cache.rawValue), ("explain", 0, Long.explain.rawValue),
      ("stats", 0, Long.stats.rawValue), ("trace", 1, Long.trace.rawValue),
      ("json", 0, Long.json.rawValue),
      ("progress", 2, Long.progress.rawValue), ("reflink", 2, Long.reflink.rawValue),
      ("force", 0, letter("f")), ("recursive", 0, letter("r")), ("no-clobber", 0, letter("n")),
      ("verbose", 0, letter("v")),
      ("no-target-directory", 0, letter("T")), ("target-directory", 1, letter("t")),
      ("help", 0, Long.help.rawValue), ("version", 0, Long.version.rawValue),
    ] + unsupportedNames.enumerated().map { ($1, 2, firstUnsupported + CInt($0)) }

  /// cp's options, and later ones of ours, that are not there yet: their values start here.
  private static let firstUnsupported: CInt = 1000
  private static let unsupportedNames = [
    "archive", "attributes-only", "backup", "copy-contents", "debug", "interactive", "dereference",
    "no-dereference", "link", "symbolic-link", "preserve", "no-preserve", "parents",
    "remove-destination", "sparse", "strip-trailing-slashes", "suffix", "update", "one-file-system",
    "context", "keep-directory-symlink", "atomic", "durable", "verify", "resume",
  ]
  private static let unsupportedLetters = "abdiHLPlspSuxZ"

  private static func letter(_ character: Character) -> CInt { CInt(character.asciiValue!) }

  static func parse(_ count: CInt, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Outcome {
    var arguments = Arguments()
    let table = longOptions.withTable()
    while true {
      let option = commandNextOption(count, values, "fnrRvTt:" + unsupportedLetters, table)
      guard option != -1 else { break }
      switch arguments.take(option, argument: commandOptionArgument().map { String(cString: $0) }) {
      case nil: continue
      case let outcome?: return outcome
      }
    }
    for index in Int(commandOperandIndex())..<max(Int(count), Int(commandOperandIndex())) {
      arguments.operands.append(PathBytes(cString: values[index]!))
    }
    return arguments.checked()
  }

  /// Takes one option; an outcome where the command ends because of it.
  private mutating func take(_ option: CInt, argument: String?) -> Outcome? {
    switch option {
    case Self.letter("f"): copy.existing = copy.existing == .keep ? .keep : .replaceIfNeeded
    case Self.letter("n"): copy.existing = .keep
    case Self.letter("r"), Self.letter("R"): isRecursive = true
    case Self.letter("v"): isVerbose = true
    case Self.letter("T"): treatsDestinationAsFile = true
    case Self.letter("t"):
      if targetDirectory != nil { return .misuse("multiple target directories specified") }
      targetDirectory = PathBytes(cString: commandOptionArgument()!)
    case CInt(UInt8(ascii: "?")): return .misuse(nil)
    default:
      if option >= Self.firstUnsupported {
        let name = Self.unsupportedNames[Int(option - Self.firstUnsupported)]
        return .misuse("option --\(name) is not supported yet")
      }
      guard let long = Long(rawValue: option) else {
        return .misuse("option -\(Character(UnicodeScalar(UInt8(option)))) is not supported yet")
      }
      return take(long, argument: argument)
    }
    return nil
  }

  private mutating func take(_ option: Long, argument: String?) -> Outcome? {
    switch option {
    case .engine:
      guard let choice = EngineChoice(rawValue: argument!) else {
        return invalid(argument!, for: "--engine", "auto, uring, threads, sequential")
      }
      engine.engine = choice
    case .chunkSize:
      guard let size = ByteSize.parse(argument!), size > 0, size <= CopyOptions.chunkByteCountRange.upperBound
      else { return invalid(argument!, for: "--chunk-size", "a size from 4K to 1G") }
      copy.chunkByteCount = max(size, CopyOptions.chunkByteCountRange.lowerBound)
    case .depth:
      guard let depth = Int(argument!), CopyOptions.depthRange.contains(depth) else {
        return invalid(argument!, for: "--depth", "a number from 1 to 4096")
      }
      copy.depth = depth
      engine.depth = depth
    case .workers:
      guard let workers = Int(argument!), (1...256).contains(workers) else {
        return invalid(argument!, for: "--workers", "a number from 1 to 256")
      }
      engine.workers = workers
    case .cache:
      guard let mode = CopyOptions.CacheMode(rawValue: argument!) else {
        return invalid(argument!, for: "--cache", "auto, keep, bypass")
      }
      copy.cache = mode
    case .reflink:
      guard let cloning = CopyOptions.Cloning(rawValue: argument ?? "always") else {
        return invalid(argument!, for: "--reflink", "auto, always, never")
      }
      copy.cloning = cloning
    case .progress:
      guard let when = When(rawValue: argument ?? "always") else {
        return invalid(argument!, for: "--progress", "auto, always, never")
      }
      progress = when
    case .explain: explains = true
    case .stats:
      showsStatistics = true
      if engine.measuring == .counts { engine.measuring = .statistics }
    case .trace:
      trace = PathBytes(cString: commandOptionArgument()!)
      engine.measuring = .trace
    case .json: writesJSON = true
    case .help: return .help
    case .version: return .version
    }
    return nil
  }

  private func invalid(_ argument: String, for option: String, _ valid: String) -> Outcome {
    let quoted = ShellQuoting.quote(PathBytes(Array(argument.utf8)))
    return .misuse("invalid argument \(quoted) for '\(option)': it takes \(valid)")
  }

  // MARK: What goes together

  /// Bytes in flight: what nobody means to ask for is refused rather than tried.
  private static let inFlightByteCountMax = 4 << 30

  private func checked() -> Outcome {
    if treatsDestinationAsFile, targetDirectory != nil {
      return .misuse("cannot combine --target-directory (-t) and --no-target-directory (-T)")
    }
    // With both given; one alone is bounded by its own range.
    if let chunk = copy.chunkByteCount, let depth = copy.depth, chunk * depth > Self.inFlightByteCountMax {
      return .misuse("--chunk-size times --depth is more than 4 GiB")
    }
    if operands.isEmpty { return .misuse("missing file operand") }
    if targetDirectory == nil, operands.count == 1 {
      return .misuse("missing destination file operand after \(ShellQuoting.quote(operands[0]))")
    }
    if treatsDestinationAsFile, operands.count > 2 {
      return .misuse("extra operand \(ShellQuoting.quote(operands[2]))")
    }
    return .run(self)
  }
}

extension [(name: String, argument: CInt, value: CInt)] {
  /// As getopt_long takes it; the copy lives as long as the process.
  fileprivate func withTable() -> UnsafeRawPointer {
    let names = map { [CChar]($0.name.utf8CString) }
    var options: [commandOption] = []
    for (index, option) in enumerated() {
      let name = UnsafeMutablePointer<CChar>.allocate(capacity: names[index].count)
      name.initialize(from: names[index], count: names[index].count)
      options.append(commandOption(name: name, argument: option.argument, value: option.value))
    }
    return commandMakeOptionTable(options, CInt(options.count))
  }
}

extension PathBytes {
  init(cString: UnsafePointer<CChar>) {
    var bytes: [UInt8] = []
    var next = cString
    while next.pointee != 0 {
      bytes.append(UInt8(bitPattern: next.pointee))
      next += 1
    }
    self.init(bytes)
  }
}
