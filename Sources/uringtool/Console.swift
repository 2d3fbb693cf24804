import CCommandLine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The terminal, or the file in its place. Results go to standard output, everything else to standard error.
enum Console {
  static func line(_ text: String = "") { write(text + "\n", to: STDOUT_FILENO) }

  static func error(_ text: String) { write("uringtool: \(text)\n", to: STDERR_FILENO) }

  /// Writes whole, or gives up where nobody reads any more.
  static func write(_ text: String, to descriptor: CInt) {
    var text = text
    text.withUTF8 { bytes in
      _ = commandWriteWhole(descriptor, bytes.baseAddress, bytes.count)
    }
  }

  /// A line that says what is under way, written over the one before; only on a terminal.
  static func status(_ text: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    write("\r\(text.prefix(columns(of: STDERR_FILENO) - 1))\u{1b}[K", to: STDERR_FILENO)
  }

  /// What is written in a file or a pipe is read on a terminal later.
  private static let columnsElsewhere = 80

  static func columns(of descriptor: CInt) -> Int {
    let columns = Int(commandTerminalColumns(descriptor))
    return columns > 0 ? max(columns, 40) : columnsElsewhere
  }

  /// Whether the locale's characters are UTF-8: the first of its variables that is set decides.
  static let takesUnicode: Bool = {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = getenv(name), value.pointee != 0 else { continue }
      let text = String(cString: value).lowercased()
      return text.contains("utf-8") || text.contains("utf8")
    }
    return false
  }()

  /// The text in lines of at most `width` characters, all but the first indented.
  static func wrapped(_ text: String, width: Int, indent: String = "") -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent + word
      } else {
        line += line.isEmpty ? String(word) : " " + word
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// A label, and behind it the text, in lines of at most `width` characters.
  static func labelled(_ label: String, _ text: String, labelWidth: Int, width: Int) -> String {
    let blanks = String(repeating: " ", count: labelWidth)
    return TextTable.padded(label, to: labelWidth, .left)
      + wrapped(text, width: width - labelWidth).split(separator: "\n").joined(separator: "\n" + blanks)
  }
}
