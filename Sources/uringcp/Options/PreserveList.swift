import UringIO

/// What `--preserve` and `--no-preserve` name.
struct PreserveList {
  private enum Attribute {
    case mode, timestamps, ownership, links, context, xattr, all
  }

  private static let attributes = NamedValues<Attribute>([
    "mode": .mode, "timestamps": .timestamps, "ownership": .ownership, "links": .links,
    "context": .context, "xattr": .xattr, "all": .all,
  ])

  private(set) var preserved: PreservedMetadata = []
  /// New files get the permissions of any new file: `mode` was taken away by name.
  private(set) var ignoresPermissions = false
  /// The security context was asked for by name.
  private(set) var needsContext = false

  /// `-p`.
  static let usual: PreservedMetadata = [.permissions, .ownership, .timestamps]
  /// `-a`: as much as the file systems can.
  static let possible: PreservedMetadata = [usual, .links, .extendedAttributes]

  mutating func insert(_ metadata: PreservedMetadata) { preserved.formUnion(metadata) }

  /// - Parameter list: names, with commas between them.
  mutating func set(_ list: PathBytes, to isPreserved: Bool) throws(UsageError) {
    let option = isPreserved ? "--preserve" : "--no-preserve"
    for name in list.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      set(try Self.attributes.value(of: PathBytes(Array(name)), for: option), to: isPreserved)
    }
  }

  private mutating func set(_ attribute: Attribute, to isPreserved: Bool) {
    let metadata: PreservedMetadata =
      switch attribute {
      case .mode: .permissions
      case .timestamps: .timestamps
      case .ownership: .ownership
      case .links: .links
      case .context: []
      // Who names them wants to hear what the file system refuses.
      case .xattr: [.extendedAttributes, .allExtendedAttributes]
      // Whoever says "all" hears of it, too; but it is no failure.
      case .all:
        isPreserved ? [Self.possible, .toldExtendedAttributes] : [Self.possible, .allExtendedAttributes]
      }
    if isPreserved { preserved.formUnion(metadata) } else { preserved.subtract(metadata) }
    if attribute == .mode || attribute == .all { ignoresPermissions = !isPreserved }
    if attribute == .context { needsContext = isPreserved }
  }
}
