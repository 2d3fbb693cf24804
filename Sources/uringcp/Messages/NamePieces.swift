import CCommandLine

/// A name as a terminal can show it: the characters that can be printed, and each byte that cannot.
enum NamePiece {
  case character(ArraySlice<UInt8>)
  case byte(UInt8)

  static func pieces(of name: [UInt8]) -> [NamePiece] {
    var pieces: [NamePiece] = []
    name.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        let length = commandPrintableLength(bytes.baseAddress! + start, bytes.count - start)
        pieces.append(length > 0 ? .character(name[start..<start + length]) : .byte(name[start]))
        start += max(1, length)
      }
    }
    return pieces
  }

  /// As C and shells write a byte that cannot be printed: `\n`, `\033`.
  static func escape(_ byte: UInt8) -> String {
    switch byte {
    case 0x07: "\\a"
    case 0x08: "\\b"
    case 0x09: "\\t"
    case 0x0a: "\\n"
    case 0x0b: "\\v"
    case 0x0c: "\\f"
    case 0x0d: "\\r"
    default: "\\" + String(repeating: "0", count: byte < 8 ? 2 : byte < 64 ? 1 : 0) + String(byte, radix: 8)
    }
  }
}

extension String {
  /// Of characters that are UTF-8 already.
  init(utf8 characters: some Collection<UInt8>) { self.init(decoding: characters, as: UTF8.self) }
}
