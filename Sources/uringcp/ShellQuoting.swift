import UringIO

/// Names in messages, quoted the way cp quotes them: so that a shell reads the name back.
enum ShellQuoting {
  /// `'name'`, `"it's"`, or `'a'$'\n''b'` where there are bytes a terminal should not get.
  static func quote(_ path: PathBytes) -> String {
    let characters = pieces(of: path)
    let needsEscapes = characters.contains { $0.isEscaped }
    if !needsEscapes, path.bytes.contains(UInt8(ascii: "'")),
      !path.bytes.contains(where: { "\"$`\\!".utf8.contains($0) })
    {
      return "\"\(characters.map(\.text).joined())\""
    }
    var text = "'"
    var isInEscapes = false
    for character in characters {
      if character.isEscaped != isInEscapes {
        text += isInEscapes ? "''" : "'$'"
        isInEscapes = character.isEscaped
      }
      text += character.text == "'" ? "'\\''" : character.text
    }
    return text + "'"
  }

  /// The name's characters; each byte that is not valid UTF-8, and each control character, as an escape.
  private static func pieces(of path: PathBytes) -> [(text: String, isEscaped: Bool)] {
    var pieces: [(text: String, isEscaped: Bool)] = []
    var rest = path.bytes[...]
    while let first = rest.first {
      if let (scalar, length) = decode(rest), scalar.properties.generalCategory != .control {
        pieces.append((String(Character(scalar)), false))
        rest = rest.dropFirst(length)
      } else {
        pieces.append((escape(first), true))
        rest = rest.dropFirst()
      }
    }
    return pieces
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    for length in 1...min(4, bytes.count) {
      if let text = String(validating: bytes.prefix(length), as: UTF8.self),
        let scalar = text.unicodeScalars.first
      {
        return (scalar, length)
      }
    }
    return nil
  }

  private static func escape(_ byte: UInt8) -> String {
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
