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
  static let program = String(utf8: programBytes)
  private static let programBytes =
    CommandLine.argc > 0 ? PathBytes(cString: CommandLine.unsafeArgv[0]!).bytes : Array("uringcp".utf8)

  static func error(_ text: String) { error(Array(text.utf8)) }

  private static func error(_ text: [UInt8]) {
    let line = programBytes + Array(": ".utf8) + text + [UInt8(ascii: "\n")]
    line.withUnsafeBytes { write($0, to: STDERR_FILENO) }
    isReasonForgotten.store(true, ordering: .relaxed)
  }

  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  static func misuse(_ error: UsageError) {
    self.error(error.text)
    guard error.pointsToHelp else { return }
    write("Try '\(program) --help' for more information.\n", to: STDERR_FILENO)
  }

  /// Writes whole; that standard output could not be written is remembered for ``endOfOutput()``.
  static func write(_ text: String, to descriptor: CInt) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  /// Two names as they are, whatever their bytes.
  static func pair(_ source: PathBytes, _ destination: PathBytes) {
    let line = source.bytes + Array(" -> ".utf8) + destination.bytes + [UInt8(ascii: "\n")]
    line.withUnsafeBytes { write($0, to: STDOUT_FILENO) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) {
    let error = commandWriteWhole(descriptor, bytes.baseAddress, bytes.count)
    guard descriptor == STDOUT_FILENO, error != 0 else { return }
    outputError.store(error, ordering: .relaxed)
    isReasonForgotten.store(false, ordering: .relaxed)
  }

  /// Of the last writing to standard output; and whether an error was told since: as cp, whose buffer that empties, the
  /// end does not know the reason any more.
  private static let outputError = Atomic<CInt>(0)
  private static let isReasonForgotten = Atomic<Bool>(false)

  private static let inputError = Atomic<CInt>(0)

  /// An answer could not be read: it is taken for a no, and told at the end, as cp does.
  static func inputFailed(_ number: CInt) { inputError.store(number, ordering: .relaxed) }

  /// Whether everything written to standard output got there, and answers could be read; says so where not.
  static func endOfOutput() -> Bool {
    let unread = inputError.load(ordering: .relaxed)
    guard unread == 0 else {
      error("error closing file: \(Errno(rawValue: unread))")
      return false
    }
    let number = outputError.load(ordering: .relaxed)
    guard number != 0 else { return true }
    error(
      isReasonForgotten.load(ordering: .relaxed) ? "write error" : "write error: \(Errno(rawValue: number))")
    return false
  }
}
