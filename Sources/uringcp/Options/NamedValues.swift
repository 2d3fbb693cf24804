import UringIO

/// The words that an option takes as its value; each may be abbreviated.
struct NamedValues<Value: Equatable & Sendable>: Sendable {
  private let words: [(word: String, value: Value)]

  /// - Parameter words: those of one value next to each other.
  init(_ words: KeyValuePairs<String, Value>) { self.words = words.map { ($0.key, $0.value) } }

  /// The value that `word` is, or is an abbreviation of. What could be several values is ambiguous.
  ///
  /// - Parameter option: what it is a value of, for the message.
  func value(of word: PathBytes, for option: String) throws(UsageError) -> Value {
    let bytes = word.bytes
    if let exact = words.first(where: { $0.word.utf8.elementsEqual(bytes) }) { return exact.value }
    let matches = words.filter { $0.word.utf8.starts(with: bytes) }
    if let first = matches.first, matches.allSatisfy({ $0.value == first.value }) { return first.value }
    let what = matches.isEmpty ? "invalid" : "ambiguous"
    throw UsageError(
      text: "\(what) argument \(LocaleQuoting.quote(word)) for \(LocaleQuoting.quote(option))\n"
        + "Valid arguments are:" + list)
  }

  /// A line for each value, with all its words.
  private var list: String {
    var text = ""
    for (index, entry) in words.enumerated() {
      let isFurther = index > 0 && words[index - 1].value == entry.value
      text += (isFurther ? ", " : "\n  - ") + LocaleQuoting.quote(entry.word)
    }
    return text
  }
}
