#if os(Linux)
  import TestFixtures

  extension RawString {
    /// The bytes as one line of ASCII in which no two differ that differed before.
    var readable: String {
      if isPlain { return description }
      var text = ""
      for byte in bytes {
        switch byte {
        case UInt8(ascii: "\\"): text += "\\\\"
        case UInt8(ascii: "\n"): text += "\\n"
        case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
        default: text += "\\x" + String(0x100 + Int(byte), radix: 16).dropFirst()
        }
      }
      return text
    }

    /// Most names and lines are; the loop is quick in a debug build, too.
    private var isPlain: Bool {
      bytes.withUnsafeBufferPointer { buffer in
        var index = 0
        while index < buffer.count {
          if buffer[index] < 0x20 || buffer[index] > 0x7e || buffer[index] == 0x5c { return false }
          index += 1
        }
        return true
      }
    }
  }

  /// What a program printed, by lines; one that does not end with a newline says so.
  func readableLines(_ bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { RawString(Array($0)).readable }
    if lines.last == "" { lines.removeLast() } else { lines[lines.count - 1] += "\\c" }
    return lines
  }
#endif
