import UringIO

/// Gathers options, in the order in which they are given, and makes ``Arguments`` of them in the end.
struct ArgumentReader {
  /// `-i` or `-n`, whichever comes last.
  enum Overwriting { case unspecified, asks, never }

  var arguments = Arguments()
  var overwriting = Overwriting.unspecified
  var followedLinks: TreeOptions.FollowedLinks?
  var preserve = PreserveList()
  /// `-a`.
  private(set) var isArchiving = false
  var makesBackups = false
  var backupControl: PathBytes?
  var backupSuffix: PathBytes?
  var makesHardLinks = false
  var makesSymbolicLinks = false
  var copiesContents = false

  private static let sparseness = NamedValues<TreeOptions.Sparseness>([
    "never": .never, "auto": .auto, "always": .always,
  ])
  private static let cloning = NamedValues<CopyOptions.Cloning>([
    "auto": .auto, "always": .always, "never": .never,
  ])
  private static let updates = NamedValues<TreeOptions.Update>([
    "all": .all, "none": .none, "none-fail": .noneFail, "older": .older,
  ])

  mutating func take(_ option: Option, _ value: PathBytes?) throws(UsageError) {
    switch option {
    case .recursive: arguments.isRecursive = true
    case .archive:
      followedLinks = TreeOptions.FollowedLinks.none
      preserve.insert(PreserveList.possible)
      isArchiving = true
      arguments.isRecursive = true
    case .linksAsLinks:
      followedLinks = TreeOptions.FollowedLinks.none
      preserve.insert(.links)
    case .noDereference: followedLinks = TreeOptions.FollowedLinks.none
    case .dereference: followedLinks = .all
    case .dereferenceOperands: followedLinks = .root
    case .preserve:
      if let value { try preserve.set(value, to: true) } else { preserve.insert(PreserveList.usual) }
    case .noPreserve: try preserve.set(value!, to: false)
    case .force: arguments.isForced = true
    case .interactive: overwriting = .asks
    case .noClobber: overwriting = .never
    case .update: arguments.copy.update = try value.map(Self.update) ?? .older
    case .removeDestination: arguments.copy.removesExisting = true
    case .backup:
      makesBackups = true
      backupControl = value ?? backupControl
    case .suffix:
      makesBackups = true
      backupSuffix = value
    case .link: makesHardLinks = true
    case .symbolicLink: makesSymbolicLinks = true
    case .attributesOnly: arguments.copy.product = .attributes
    case .copyContents: copiesContents = true
    case .sparse: arguments.copy.sparseness = try Self.sparseness.value(of: value!, for: "--sparse")
    case .reflink:
      arguments.copy.cloning =
        if let value { try Self.cloning.value(of: value, for: "--reflink") } else { .always }
    case .oneFileSystem: arguments.copy.staysOnFileSystem = true
    case .keepDirectorySymlink: arguments.copy.keepsDirectoryLinks = true
    case .context:
      guard value != nil else { break }
      Messages.error("warning: ignoring --context; it requires an SELinux-enabled kernel")
    case .parents: arguments.usesWholePaths = true
    case .stripTrailingSlashes: arguments.stripsTrailingSlashes = true
    case .targetDirectory:
      if arguments.targetDirectory != nil {
        throw UsageError(text: "multiple target directories specified", pointsToHelp: false)
      }
      arguments.targetDirectory = value
    case .noTargetDirectory: arguments.treatsDestinationAsFile = true
    case .verbose: arguments.isVerbose = true
    case .debug:
      arguments.isVerbose = true
      arguments.showsMethod = true
    default: try takeOwn(option, value)
    }
  }

  private static func update(_ word: PathBytes) throws(UsageError) -> TreeOptions.Update {
    try updates.value(of: word, for: "--update")
  }
}
