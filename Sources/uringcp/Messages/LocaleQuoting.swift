import CCommandLine
import UringIO

/// Words in messages, quoted as in a text: ‘word’, or 'word' where the locale has no such quotes.
enum LocaleQuoting {
  static func quote(_ word: PathBytes) -> String { quote(word.bytes) }

  static func quote(_ word: String) -> String { quote(Array(word.utf8)) }

  private static func quote(_ word: [UInt8]) -> String {
    let (opening, closing) = commandWritesUTF8() ? ("‘", "’") : ("'", "'")
    let contents = NamePiece.pieces(of: word).map { piece in
      switch piece {
      case .byte(let byte): return NamePiece.escape(byte)
      case .character(let character):
        let text = String(utf8: character)
        return text == closing || text == "\\" ? "\\" + text : text
      }
    }
    return opening + contents.joined() + closing
  }
}
