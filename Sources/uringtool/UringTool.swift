import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `uringtool`: tells which engine is faster on this machine, and why.
struct UringTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uringtool",
    abstract: "Tells what io_uring can do here, and whether it is faster than threads and cp.",
    discussion: """
      Exit status: 0 if all went well, 1 if something did not, 2 for wrong usage, 130 or 143 after \
      SIGINT or SIGTERM.
      """,
    version: "uringtool (swift-uring-io) \(UringIOVersion.current)",
    subcommands: [
      ProbeCommand.self, CompareCommand.self, TuneCommand.self, LoadCommand.self, SaveCommand.self,
      AppendCommand.self,
      CopyOnceCommand.self,
    ])
}

@main
enum Program {
  static func main() {
    DescriptorTable.grow()
    do {
      var command = try UringTool.parseAsRoot(RawArguments.ofThisProcess())
      try command.run()
    } catch let error as ToolError {
      Console.error(error.message)
      exit(error.exitStatus)
    } catch let status as ExitCode {
      exit(status.rawValue)
    } catch let error as FileIOError {
      Console.error("\(error)")
      exit(1)
    } catch {
      let text = UringTool.fullMessage(for: error)
      // Help and the version are asked for; everything else ArgumentParser says is wrong usage, for which
      // it would exit with 64 and commands of this kind exit with 2.
      let isAskedFor = UringTool.exitCode(for: error) == .success
      Console.write(
        text.isEmpty ? "" : text + "\n", to: isAskedFor ? STDOUT_FILENO : STDERR_FILENO)
      exit(isAskedFor ? 0 : 2)
    }
  }
}

extension Program {
  /// Ends the program where the errors have been printed already.
  static func end(status: CInt) -> Never { exit(status) }
}

/// Why the command ends early: one line for a person, and the exit status.
struct ToolError: Error {
  var message: String
  var exitStatus: CInt = 1
}
