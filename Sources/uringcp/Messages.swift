import CCommandLine
import Synchronization
import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the command prints. Results go to standard output, everything else to standard error.
enum Messages {
  /// The program's name, as it was called.
  static let program = CommandLine.argc > 0 ? String(cString: CommandLine.unsafeArgv[0]!) : "uringcp"

  static func error(_ text: String) { write("\(program): \(text)\n", to: STDERR_FILENO) }

  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Writes whole; an error of standard output is remembered for ``endOfOutput()``.
  static func write(_ text: String, to descriptor: CInt) {
    var text = text
    text.withUTF8 { bytes in
      let error = commandWriteWhole(descriptor, bytes.baseAddress, bytes.count)
      if error != 0, descriptor == STDOUT_FILENO { outputError.store(error, ordering: .relaxed) }
    }
  }

  private static let outputError = Atomic<CInt>(0)

  /// Whether everything written to standard output got there; says so where it did not.
  static func endOfOutput() -> Bool {
    let number = outputError.load(ordering: .relaxed)
    guard number != 0 else { return true }
    error("write error: \(Errno(rawValue: number))")
    return false
  }

  static func misuse(_ text: String?) {
    if let text { error(text) }
    write("Try '\(program) --help' for more information.\n", to: STDERR_FILENO)
  }

  /// An error in cp's words where cp has words for it.
  static func describe(_ error: FileIOError, source: PathBytes, destination: PathBytes) -> String {
    let quote = ShellQuoting.quote
    let path = quote(error.path ?? source)
    let note = error.note.map { " (\($0))" } ?? ""
    switch (error.activity, error.cause) {
    case (_, .system(.canceled)): return "interrupted while copying \(quote(source))" + note
    case (_, .sameFile):
      let (from, to) = entry(error.path, source, destination)
      return "\(quote(from)) and \(quote(to)) are the same file"
    case (_, .intoItself):
      return "cannot copy a directory, \(quote(source)), into itself, \(quote(destination))"
    case (_, .directoryOverOther):
      let (from, to) = entry(error.path, source, destination)
      return "cannot overwrite non-directory \(quote(to)) with directory \(quote(from))"
    case (_, .otherOverDirectory): return "cannot overwrite directory \(path) with non-directory"
    case (_, .danglingSymlink): return "not writing through dangling symlink \(path)"
    case (_, .sourceChanged(let before, let after, let copied)):
      return "\(path) changed while it was copied: it had \(before) bytes and now has \(after); the copy has "
        + "the \(copied) bytes that were read" + note
    case (_, .sourceEndedEarly(let size, let copied)):
      return "\(path) says it has \(size) bytes, but only \(copied) could be read; the copy has those" + note
    case (.open, .system(.isDirectory)): return "-r not specified; omitting directory \(path)"
    case (.open, .system(let errno)): return "cannot open \(path) for reading: \(errno)" + note
    case (.create, .system(.isDirectory)):
      return destination.bytes.last == UInt8(ascii: "/")
        ? "cannot create regular file \(path): Not a directory"
        : "cannot overwrite directory \(path) with non-directory"
    default: return error.message(quoted: quote)
    }
  }

  /// An entry of a destination, and what was to be copied there; the operands where it is not below.
  private static func entry(
    _ path: PathBytes?, _ source: PathBytes, _ destination: PathBytes
  ) -> (source: PathBytes, destination: PathBytes) {
    guard let path, path.bytes.starts(with: destination.bytes) else { return (source, destination) }
    let rest = path.bytes[destination.bytes.count...].drop { $0 == UInt8(ascii: "/") }
    guard !rest.isEmpty else { return (source, destination) }
    return (source.appending(PathBytes(Array(rest))), path)
  }

  static let help = """
    Usage: \(program) [OPTION]... [-T] SOURCE DEST
      or:  \(program) [OPTION]... SOURCE... DIRECTORY
      or:  \(program) [OPTION]... -t DIRECTORY SOURCE...
    Copy SOURCE to DEST, or several SOURCEs to DIRECTORY, with io_uring or threads.

      -f, --force                  if an existing destination cannot be opened, remove it and try again
      -r, -R, --recursive          copy directories and all that is in them; links and special files as they are
      -n, --no-clobber             leave an existing destination alone
      -t, --target-directory=DIR   copy all SOURCEs into DIR
      -T, --no-target-directory    treat DEST as a file, not as a directory to copy into
      -v, --verbose                print each copy
          --reflink[=WHEN]         share blocks: auto (default), always, never

          --engine=ENGINE          auto (default), uring, threads, sequential
          --cache=MODE             auto (default): whatever is fastest;
                                   keep: leave the copy in the page cache;
                                   bypass: add nothing to the page cache
          --chunk-size=SIZE        bytes of one transfer, 4K to 1G (512K, 1MiB, 1MB; default: measured)
          --depth=N                chunks in flight past the cache, 1 to 4096
          --workers=N              rings, or threads, 1 to 256
                                   (these five left out: what uringtool tune found, if it did)
          --explain                print which way each copy took, and why
          --stats                  print what was asked of the kernel, and how long it took
          --trace=FILE             write each operation with its time, for Perfetto or Chrome
          --json                   print a JSON object for each copy, on a line
          --progress[=WHEN]        auto (default): on a terminal, after half a second; always; never
          --help                   print this and exit
          --version                print the version and exit

    Exit status: 0 if all was copied, 1 if something was not, 2 for wrong usage, 130 or 143 after SIGINT
    or SIGTERM; an unfinished destination that this run created is then removed.

    """
}
