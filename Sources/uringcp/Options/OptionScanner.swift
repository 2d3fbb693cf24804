import UringIO

/// Takes a command line apart as getopt_long(3) does, and with its messages.
///
/// getopt_long itself knows one list of names; here an abbreviation is looked for among cp's names first.
struct OptionScanner {
  private var words: ArraySlice<PathBytes>
  /// `POSIXLY_CORRECT`: what follows the first operand are operands.
  private let endsAtOperand: Bool
  /// Letters that are left of a word like `-rv`.
  private var letters: ArraySlice<UInt8> = []
  private(set) var operands: [PathBytes] = []

  /// - Parameter words: without the program's name.
  init(_ words: [PathBytes], endsAtOperand: Bool) {
    self.words = words[...]
    self.endsAtOperand = endsAtOperand
  }

  /// The next option with its value; `nil` at the end, when all operands are known.
  mutating func next() throws(UsageError) -> (option: Option, value: PathBytes?)? {
    if !letters.isEmpty { return try nextLetter() }
    while let word = words.popFirst() {
      let bytes = word.bytes
      guard bytes.count > 1, bytes[0] == UInt8(ascii: "-") else {
        operands.append(word)
        if endsAtOperand { takeRest() }
        continue
      }
      if bytes[1] != UInt8(ascii: "-") {
        letters = bytes[1...]
        return try nextLetter()
      }
      if bytes.count > 2 { return try long(bytes[2...]) }
      takeRest()
    }
    return nil
  }

  private mutating func takeRest() {
    operands += words
    words = []
  }

  private mutating func nextLetter() throws(UsageError) -> (option: Option, value: PathBytes?) {
    let letter = letters.popFirst()!
    guard let (option, value) = Option.option(for: letter) else {
      throw UsageError("invalid option -- '", [letter], "'")
    }
    guard value == .required else { return (option, nil) }
    defer { letters = [] }
    if !letters.isEmpty { return (option, PathBytes(Array(letters))) }
    guard let next = words.popFirst() else {
      throw UsageError("option requires an argument -- '", [letter], "'")
    }
    return (option, next)
  }

  /// - Parameter word: without its dashes.
  private mutating func long(
    _ word: ArraySlice<UInt8>
  ) throws(UsageError) -> (option: Option, value: PathBytes?) {
    let name = word.prefix { $0 != UInt8(ascii: "=") }
    var value = name.endIndex < word.endIndex ? PathBytes(Array(word[(name.endIndex + 1)...])) : nil
    switch Abbreviation.meaning(of: name) {
    case .unknown: throw UsageError("unrecognized option '--", word, "'")
    case .ambiguous(let possible):
      let names = possible.map { " '--\($0.name)'" }.joined()
      throw UsageError("option '--", word, "' is ambiguous; possibilities:\(names)")
    case .option(let found):
      if found.value == .none, value != nil {
        throw UsageError(text: "option '--\(found.name)' doesn't allow an argument")
      }
      if found.value == .required, value == nil {
        value = words.popFirst()
        if value == nil { throw UsageError(text: "option '--\(found.name)' requires an argument") }
      }
      return (found.option, value)
    }
  }
}
