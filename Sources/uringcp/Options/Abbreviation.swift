/// What a long option's name, whole or not, stands for.
enum Abbreviation {
  enum Meaning {
    case option(LongOption)
    case ambiguous([LongOption])
    case unknown
  }

  static func meaning(of name: some Sequence<UInt8>) -> Meaning {
    let groups = LongOption.groups
    for candidate in groups.joined() where candidate.name.utf8.elementsEqual(name) {
      return .option(candidate)
    }
    for group in groups {
      let matches = group.filter { $0.name.utf8.starts(with: name) }
      guard let first = matches.first else { continue }
      // Two names of one option are not two possibilities.
      let others = matches.filter { $0.option != first.option }
      return others.isEmpty ? .option(first) : .ambiguous([first] + others)
    }
    return .unknown
  }
}
