import UringIO

/// How backups are asked for: `--backup`, `--suffix`, and the environment.
enum BackupControl {
  private enum Control: Equatable {
    case none
    case named(Backup.Naming)
  }

  private static let controls = NamedValues<Control>([
    "none": .none, "off": .none, "simple": .named(.simple), "never": .named(.simple),
    "existing": .named(.numberedIfAny), "nil": .named(.numberedIfAny),
    "numbered": .named(.numbered), "t": .named(.numbered),
  ])

  /// - Returns: `nil` where the control says that no backups are to be made.
  static func backup(control: PathBytes?, suffix: PathBytes?) throws(UsageError) -> Backup? {
    guard case .named(let naming) = try self.control(control) else { return nil }
    return Backup(naming, suffix: usable(suffix ?? Environment.value("SIMPLE_BACKUP_SUFFIX")))
  }

  /// An empty one counts as none.
  private static func control(_ word: PathBytes?) throws(UsageError) -> Control {
    if let word, !word.bytes.isEmpty { return try controls.value(of: word, for: "backup type") }
    guard let word = Environment.value("VERSION_CONTROL"), !word.bytes.isEmpty else {
      return .named(.numberedIfAny)
    }
    return try controls.value(of: word, for: "$VERSION_CONTROL")
  }

  /// A backup is a file beside the one it is of.
  private static func usable(_ suffix: PathBytes?) -> PathBytes {
    guard let suffix, !suffix.bytes.isEmpty, !suffix.bytes.contains(UInt8(ascii: "/")) else {
      return PathBytes([UInt8(ascii: "~")])
    }
    return suffix
  }
}
