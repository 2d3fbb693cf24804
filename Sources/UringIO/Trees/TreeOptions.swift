/// How a tree, or a single entry of one, is to be copied. The defaults are what measures best, and cp's.
public struct TreeOptions: Sendable, Equatable {
  /// Which symbolic links of the source are followed.
  public enum FollowedLinks: Sendable {
    /// None: a link's copy is a link. cp's `-P`.
    case none
    /// The one that is the source itself. `-H`.
    case root
    /// All. `-L`.
    case all
  }

  /// What stands in the destination for a file of the source; directories are made anew in each case.
  public enum Product: Sendable {
    case copy
    /// Another name of the same file. `-l`.
    case hardLink
    /// A symbolic link to it. `-s`.
    case symbolicLink
    /// A file with its metadata, empty where it is new, otherwise with the contents it had. `--attributes-only`.
    case attributes
  }

  /// Which existing files are left alone.
  public enum Update: Sendable {
    case all
    /// Those that are not older than their source. `-u`.
    case older
    /// All that exist, without a word. `--update=none`, `-n`.
    case none
    /// All that exist, each as a failure. `--update=none-fail`.
    case noneFail
  }

  /// What becomes of holes.
  public enum Sparseness: String, Sendable, CaseIterable {
    /// They stay holes.
    case auto
    /// Blocks of zeros become holes, too.
    case always
    /// They are filled with zeros.
    case never
  }

  /// What to do with files that exist; directories are gone on in.
  public var existing = CopyOptions.Existing.overwrite
  public var update = Update.all
  /// Whether files that exist are removed first, rather than written into. `--remove-destination`.
  public var removesExisting = false
  /// How files that exist are kept under another name; `nil`: not at all.
  public var backup: Backup?
  public var product = Product.copy
  public var followedLinks = FollowedLinks.none
  /// What of its source's metadata each copy gets, beside the permission bits that the umask leaves.
  public var preserved: PreservedMetadata = []
  /// Whether new files get the permissions of any new file rather than their source's. `--no-preserve=mode`.
  public var ignoresPermissions = false
  /// Whether FIFOs and devices are read to their end rather than made anew. `--copy-contents`.
  public var readsSpecialFiles = false
  /// Whether directories on other file systems than the source's root stay empty. `-x`.
  public var staysOnFileSystem = false
  /// Whether a directory's copy may go into a directory that a symbolic link leads to. `--keep-directory-symlink`.
  public var keepsDirectoryLinks = false
  public var sparseness = Sparseness.auto
  /// Whether blocks are shared where the file system can.
  public var cloning = CopyOptions.Cloning.auto
  /// For files that are copied in chunks: what may be done with the page cache, and with what.
  public var cache = CopyOptions.CacheMode.auto
  public var chunkByteCount: Int?
  /// Files in flight on each ring where they are not cached, 1 to 4096. `nil`: by measurement.
  public var depth: Int?
  /// Files of one directory that a worker takes at once while they are cached, 1 to 4096. `nil`: by measurement.
  public var batch: Int?
  /// Rings or threads to use, where not all of the engine's. `nil`: by measurement.
  public var workers: Int?

  public init() {}

  /// For a single large file of the tree.
  var forLargeFiles: CopyOptions {
    var options = CopyOptions()
    options.existing = existing
    options.cloning = cloning
    options.cache = cache
    options.chunkByteCount = chunkByteCount
    options.sparseness = sparseness
    return options
  }
}

/// What a copy may have of its source's metadata.
public struct PreservedMetadata: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// All mode bits and POSIX ACLs, whatever the umask.
  public static let permissions = PreservedMetadata(rawValue: 1)
  /// Owner and group; without them the set-user-ID and set-group-ID bits are not given either.
  public static let ownership = PreservedMetadata(rawValue: 2)
  /// Access and modification times, to the nanosecond.
  public static let timestamps = PreservedMetadata(rawValue: 4)
  /// Names of one file stay names of one file.
  public static let links = PreservedMetadata(rawValue: 8)
  /// Extended attributes, capabilities among them; what the file system refuses is left out.
  public static let extendedAttributes = PreservedMetadata(rawValue: 16)
  /// With ``extendedAttributes``: what the file system refuses is a failure.
  public static let allExtendedAttributes = PreservedMetadata(rawValue: 32)
  /// With ``extendedAttributes``: what may not be set is told of, without being a failure.
  package static let toldExtendedAttributes = PreservedMetadata(rawValue: 64)
}

/// The name under which a file that would be overwritten is kept.
public struct Backup: Sendable, Equatable {
  public enum Naming: Sendable {
    /// The file's name and ``Backup/suffix``, over an older backup.
    case simple
    /// `name.~1~`, `name.~2~` and so on.
    case numbered
    /// Numbered where there is a numbered one, otherwise simple.
    case numberedIfAny
  }

  public var naming: Naming
  /// Of simple backups; without a slash.
  public var suffix: PathBytes

  public init(_ naming: Naming = .numberedIfAny, suffix: PathBytes = PathBytes([UInt8(ascii: "~")])) {
    self.naming = naming
    self.suffix = suffix
  }
}
