import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `-i`: asks on standard error before a file is overwritten, and takes the answer from standard input.
struct OverwritePrompt: Sendable {
  /// Whether what may not be written to is removed, and a copy put into its place.
  let replaces: Bool
  let cancellation: Cancellation

  func ask(_ question: OverwriteQuestion) -> Bool {
    Messages.write("\(Messages.program): \(Self.text(question, replaces: replaces))? ", to: STDERR_FILENO)
    return readsYes()
  }

  private static func text(_ question: OverwriteQuestion, replaces: Bool) -> String {
    let path = ShellQuoting.quote(question.path)
    if question.isWritable { return "overwrite \(path)" }
    let octal = String(question.mode, radix: 8)
    let number = String(repeating: "0", count: max(0, 4 - octal.count)) + octal
    let mode = permissions(question.mode)
    return replaces
      ? "replace \(path), overriding mode \(number) (\(mode))"
      : "unwritable \(path) (mode \(number), \(mode)); try anyway"
  }

  /// As ls shows them: "rwxr-sr-t".
  private static func permissions(_ mode: UInt16) -> String {
    func triple(_ bits: UInt16, _ special: Bool, _ letter: String) -> String {
      let execution = bits & 1 != 0 ? (special ? letter : "x") : (special ? letter.uppercased() : "-")
      return (bits & 4 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-") + execution
    }
    return triple(mode >> 6, mode & 0o4000 != 0, "s") + triple(mode >> 3, mode & 0o2000 != 0, "s")
      + triple(mode, mode & 0o1000 != 0, "t")
  }

  /// Whether the next line begins with a y. The end of the input means no, and so does an interruption.
  ///
  /// One byte at a time: what follows the line is for the next question, or for another program.
  private func readsYes() -> Bool {
    var first: UInt8?
    while waits() {
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count < 0 { Messages.inputFailed(errno) }
      guard count == 1 else { break }
      first = first ?? byte
      if byte == UInt8(ascii: "\n") { break }
    }
    return !cancellation.isCancelled && (first == UInt8(ascii: "y") || first == UInt8(ascii: "Y"))
  }

  /// Until there is something to read, or its end; `false` where the copy is to end instead.
  private func waits() -> Bool {
    var waited = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
    if let wakeUp = cancellation.wakeUpDescriptor() {
      waited.append(pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0))
    }
    while poll(&waited, nfds_t(waited.count), -1) < 0, errno == EINTR {}
    return !cancellation.isCancelled
  }
}
