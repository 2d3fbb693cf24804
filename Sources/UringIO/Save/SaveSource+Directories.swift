extension SaveSource {
  /// A directory whose names have changed.
  enum ChangedDirectory: Hashable {
    case path(PathBytes)
    case opened(SaveDirectory)

    static func == (one: Self, other: Self) -> Bool {
      switch (one, other) {
      case (.path(let one), .path(let other)): one == other
      case (.opened(let one), .opened(let other)): one === other
      default: false
      }
    }

    func hash(into hasher: inout Hasher) {
      switch self {
      case .path(let path): hasher.combine(path)
      case .opened(let directory): hasher.combine(ObjectIdentifier(directory))
      }
    }
  }
}
