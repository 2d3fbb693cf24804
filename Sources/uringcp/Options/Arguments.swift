import UringIO

/// What the command line asks for.
struct Arguments {
  enum When: String { case auto, always, never }

  /// How each operand is copied.
  var copy = TreeOptions()
  var engine = FileEngine.Configuration()
  /// `-r`: directories are copied, and links and special files as what they are.
  var isRecursive = false
  /// `-i`.
  var asks = false
  /// `-f`.
  var isForced = false
  /// `--parents`.
  var usesWholePaths = false
  var stripsTrailingSlashes = false
  /// `-T`: the destination is never taken for a directory to copy into.
  var treatsDestinationAsFile = false
  /// `-t`.
  var targetDirectory: PathBytes?
  var operands: [PathBytes] = []

  var isVerbose = false
  /// `--debug`.
  var showsMethod = false
  var explains = false
  var showsStatistics = false
  var writesJSON = false
  var progress = When.auto
  /// `--trace`.
  var trace: PathBytes?

  enum Outcome {
    case run(Arguments)
    case help
    case version
    case misuse(UsageError)
  }

  /// Whether the user leaves the choice of the engine and all its numbers to the command.
  var leavesEverythingOpen: Bool {
    engine.engine == .auto && engine.workers == nil && engine.depth == nil && copy.depth == nil
      && copy.chunkByteCount == nil && copy.cache == .auto
  }

  /// - Parameter words: without the program's name.
  static func parse(_ words: [PathBytes]) -> Outcome {
    var scanner = OptionScanner(words, endsAtOperand: Environment.isPosixlyCorrect)
    var reader = ArgumentReader()
    do throws(UsageError) {
      while let (option, value) = try scanner.next() {
        switch option {
        // At once, whatever comes after them.
        case .help: return .help
        case .version: return .version
        default: try reader.take(option, value)
        }
      }
      return .run(try reader.arguments(operands: scanner.operands))
    } catch {
      return .misuse(error)
    }
  }
}
