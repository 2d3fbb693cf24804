import CCommandLine
import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The command: operands to pairs of files, one copy after another, an exit status.
@main
struct Command {
  private var arguments: Arguments
  private let operands: Operands
  private let output: Output
  private let interruption: Interruption

  static func main() {
    commandReserveStandardDescriptors()
    DescriptorTable.grow()
    switch Arguments.parse(words) {
    case .help: print(Help.text)
    case .version: print(Help.version)
    case .misuse(let error): misuse(error)
    case .run(let arguments):
      let operands: Operands
      do throws(UsageError) { operands = try Operands(arguments) } catch { misuse(error) }
      var command = Command(
        arguments: arguments, operands: operands,
        output: Output(arguments: arguments, trace: makeTrace(arguments)), interruption: Interruption())
      let status = command.run()
      exit(command.writeTrace() ? status : max(status, 1))
    }
  }

  private static var words: [PathBytes] {
    (1..<max(1, Int(CommandLine.argc))).map { PathBytes(cString: CommandLine.unsafeArgv[$0]!) }
  }

  private static func print(_ text: String) -> Never {
    Messages.write(text, to: STDOUT_FILENO)
    exit(Messages.endOfOutput() ? 0 : 1)
  }

  private static func misuse(_ error: UsageError) -> Never {
    Messages.misuse(error)
    exit(1)
  }

  /// Before anything is copied: who wants a trace does not want to copy for hours without one.
  private static func makeTrace(_ arguments: Arguments) -> TraceOutput? {
    do throws(FileIOError) {
      return try arguments.trace.map { path throws(FileIOError) in try TraceOutput(path) }
    } catch {
      Messages.error("\(error)")
      exit(1)
    }
  }

  private func writeTrace() -> Bool {
    do throws(FileIOError) { try output.trace?.write() } catch {
      Messages.error("\(error)")
      return false
    }
    return true
  }

  private mutating func run() -> CInt {
    if arguments.leavesEverythingOpen { tune(for: operands.pairs[0].destination) }
    let engine: FileEngine
    do throws(FileIOError) {
      engine = try FileEngine(arguments.engine)
    } catch {
      Messages.error("\(error)")
      return 1
    }
    var options = arguments.copy
    if !operands.backsUp { options.backup = nil }
    let copy = OperandCopy(
      arguments: arguments, output: output, interruption: interruption, engine: engine, options: options)
    // With one pair nothing can be written twice.
    var history = operands.pairs.count > 1 ? OperandHistory(arguments) : nil
    var status: CInt = 0
    for pair in operands.pairs {
      if !run(pair, copy, &history) { status = 1 }
      if let interrupted = interruption.exitStatus { return interrupted }
    }
    return Messages.endOfOutput() ? status : 1
  }

  /// - Returns: whether there was nothing to complain of.
  private func run(_ pair: OperandPair, _ copy: OperandCopy, _ history: inout OperandHistory?) -> Bool {
    var refusal: String?
    switch history?.judge(pair) {
    case nil, .copy?: break
    case .skip(let warning)?:
      Messages.error(warning)
      return true
    case .refuse(let text)?:
      guard arguments.asks else {
        Messages.error(text)
        return false
      }
      refusal = text
    }
    let outcome = copy.copy(pair, refusal: refusal)
    history?.tried(pair, isCopied: outcome == .copied)
    return outcome != .notCopied
  }

  /// Takes what `uringtool tune` found for the destination's file system, if it did.
  private mutating func tune(for destination: PathBytes) {
    switch TuningFile.find(arguments.isRecursive ? .small : .large, near: destination) {
    case .none: break
    case .settings(let settings, let date):
      settings.apply(to: &arguments.engine)
      settings.apply(to: &arguments.copy)
      if !arguments.isRecursive {
        arguments.copy.chunkByteCount = settings.chunkByteCount
        arguments.copy.cache = settings.cache ?? .auto
      }
      if arguments.explains { Messages.line("tuned: \(settings.text) (uringtool tune, \(date))") }
    case .ignored(let why):
      if arguments.explains { Messages.line("not tuned: \(why)") }
    }
  }
}
