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
  private let output: Output
  private let interruption: Interruption

  static func main() {
    switch Arguments.parse(CommandLine.argc, CommandLine.unsafeArgv) {
    case .help:
      Messages.write(Messages.help, to: STDOUT_FILENO)
      exit(Messages.endOfOutput() ? 0 : 1)
    case .version:
      Messages.line("uringcp (swift-uring-io) \(UringIOVersion.current)")
      exit(Messages.endOfOutput() ? 0 : 1)
    case .misuse(let text):
      Messages.misuse(text)
      exit(2)
    case .run(let arguments):
      var command = Command(
        arguments: arguments, output: Output(arguments: arguments, trace: makeTrace(arguments)),
        interruption: Interruption())
      let status = command.run()
      exit(command.writeTrace() ? status : max(status, 1))
    }
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
    guard let pairs = pairs() else { return 1 }
    if arguments.leavesEverythingOpen { tune(for: pairs[0].destination) }
    let engine: FileEngine
    do throws(FileIOError) {
      engine = try FileEngine(arguments.engine)
    } catch {
      Messages.error("\(error)")
      return 1
    }
    var status: CInt = 0
    // With one pair nothing can be written twice.
    var history = pairs.count > 1 ? newHistory : nil
    for (source, destination) in pairs {
      switch history?.judge(source, to: destination) {
      case nil, .copy?: break
      case .skip(let warning)?:
        Messages.error(warning)
        continue
      case .refuse(let text)?:
        Messages.error(text)
        status = 1
        continue
      }
      let isCopied = copy(source, destination, engine)
      if let interrupted = interruption.exitStatus { return interrupted }
      if isCopied { history?.copied(source, to: destination) } else { status = 1 }
    }
    return Messages.endOfOutput() ? status : 1
  }

  /// Takes what `uringtool tune` found for the destination's file system, if it did.
  private mutating func tune(for destination: PathBytes) {
    switch TuningFile.find(arguments.isRecursive ? .small : .large, near: destination) {
    case .none: break
    case .settings(let settings, let date):
      settings.apply(to: &arguments.engine)
      settings.apply(to: &arguments.copy)
      if arguments.explains { Messages.line("tuned: \(settings.text) (uringtool tune, \(date))") }
    case .ignored(let why):
      if arguments.explains { Messages.line("not tuned: \(why)") }
    }
  }

  private var newHistory: OperandHistory {
    OperandHistory(isRecursive: arguments.isRecursive, keepsExisting: arguments.copy.existing == .keep)
  }

  private func copy(_ source: PathBytes, _ destination: PathBytes, _ engine: FileEngine) -> Bool {
    guard !arguments.isRecursive || Self.isRegular(source) else {
      return RecursiveCopy(arguments: arguments, output: output, interruption: interruption)
        .run(source, destination, engine)
    }
    let bar = ProgressBar(arguments.progress)
    do throws(FileIOError) {
      let report = try engine.copyFileBlocking(
        from: source, to: destination, options: arguments.copy, cancellation: interruption.cancellation,
        progress: bar?.update)
      bar?.end()
      output.copied(report, from: source, to: destination)
      return true
    } catch {
      bar?.end()
      output.failed(error, source: source, destination: destination)
      return false
    }
  }

  // MARK: Operands

  /// Which file goes where; `nil` after an error that ends the command.
  private func pairs() -> [(source: PathBytes, destination: PathBytes)]? {
    if let directory = arguments.targetDirectory {
      return into(directory, arguments.operands)
    }
    let sources = arguments.operands.dropLast()
    let last = arguments.operands.last!
    if arguments.treatsDestinationAsFile { return [(sources.first!, last)] }
    if sources.count == 1, !Self.isDirectory(last).0 { return [(sources.first!, last)] }
    return into(last, Array(sources))
  }

  private func into(
    _ directory: PathBytes, _ sources: [PathBytes]
  ) -> [(source: PathBytes, destination: PathBytes)]? {
    let (isDirectory, errno) = Self.isDirectory(directory)
    guard isDirectory else {
      let what = arguments.targetDirectory == nil ? "target" : "target directory"
      Messages.error("\(what) \(ShellQuoting.quote(directory)): \(errno ?? .notDirectory)")
      return nil
    }
    return sources.map { ($0, directory.appending($0.lastComponent)) }
  }

  private static func isRegular(_ path: PathBytes) -> Bool {
    var status = stat()
    return path.withCString({ lstat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private static func isDirectory(_ path: PathBytes) -> (Bool, Errno?) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { return (false, Errno(rawValue: errno)) }
    return (status.st_mode & S_IFMT == S_IFDIR, nil)
  }
}
