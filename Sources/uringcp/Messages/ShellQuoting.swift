import UringIO

/// Names in messages, quoted the way cp quotes them: so that a shell reads the name back.
enum ShellQuoting {
  /// `'name'`, `"it's"`, or `'a'$'\n''b'` where there are bytes a terminal should not get.
  static func quote(_ path: PathBytes) -> String {
    if isPlain(path.bytes) { return "'\(String(utf8: path.bytes))'" }
    let pieces = NamePiece.pieces(of: path.bytes)
    if path.bytes.contains(UInt8(ascii: "'")), fitsDoubleQuotes(pieces) {
      return "\"\(String(utf8: path.bytes))\""
    }
    var text = "'"
    var isInEscapes = false
    for piece in pieces {
      switch piece {
      case .byte(let byte):
        text += (isInEscapes ? "" : "'$'") + NamePiece.escape(byte)
        isInEscapes = true
      case .character(let character):
        let isQuote = character.elementsEqual("'".utf8)
        // The quote that is written ends the escapes itself.
        if isInEscapes, !isQuote { text += "''" }
        text += isQuote ? "'\\''" : String(utf8: character)
        isInEscapes = false
      }
    }
    return text + "'"
  }

  /// The name as it is where a shell needs no quotes for it and no colon makes it unclear where it ends.
  static func quoteIfNeeded(_ path: PathBytes) -> String {
    let name = path.bytes
    let isClear =
      !name.isEmpty && name != [UInt8(ascii: "{")] && name != [UInt8(ascii: "}")]
      && !"#~".utf8.contains(name[0])
      && NamePiece.pieces(of: name).allSatisfy { piece in
        guard case .character(let character) = piece else { return false }
        return !(special + " ':").utf8.contains(character.first!)
      }
    return isClear ? String(utf8: name) : quote(path)
  }

  /// What a shell gives a meaning to between words, or inside of double quotes.
  private static let special = "!\"$&()*;<=>[^`|\\?"

  /// Printable ASCII without a quote, as almost every name.
  private static func isPlain(_ name: [UInt8]) -> Bool {
    name.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "'") }
  }

  private static func fitsDoubleQuotes(_ pieces: [NamePiece]) -> Bool {
    pieces.enumerated().allSatisfy { index, piece in
      guard case .character(let character) = piece else { return false }
      // These have a meaning at the start of a word only; cp is as careful as this.
      if "#~".utf8.contains(character.first!) { return index == 0 }
      if "{}".utf8.contains(character.first!) { return pieces.count == 1 }
      return !special.utf8.contains(character.first!)
    }
  }
}
