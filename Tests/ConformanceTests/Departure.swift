#if os(Linux)
  /// The ways in which uringcp differs from cp on purpose; docs/cp-compatibility.md tells of the same. Each case of
  /// a table that differs names one.
  struct Departure: Sendable {
    let reason: String

    static let readsSourceFirst = Departure(
      reason: """
        A source that cannot be read is found before anything is done to the destination. With \
        --remove-destination, or -f where it cannot be written, cp has removed it by then.
        """)
    static let keepsTheSource = Departure(
      reason: """
        A source that is lost with the destination, because one leads to the other, is found to be the same file or is \
        read before. With --remove-destination or a backup cp removes or renames it, and fails then.
        """)
    static let keepsBackupsInPlace = Departure(
      reason: """
        Backups are made beside the destination, or it is said that they cannot be. Where cp may not read the directory, \
        it puts them into the working directory.
        """)
    static let removesWhatFailed = Departure(
      reason: """
        A destination that this copy created is removed when the copy fails. cp leaves the part that it wrote, \
        which looks like a file that is whole.
        """)
    static let copiesAllButItself = Departure(
      reason: """
        A directory that is copied into itself arrives with everything but that copy. cp stops in the directory in \
        which it meets its own copy, and which entries come before depends on their inode numbers.
        """)
    static let namesTheFile = Departure(
      reason:
        "An extended attribute that cannot be set is told of with the file's name. cp 9.1 says the attribute's twice."
    )
    static let copiesDeepTrees = Departure(
      reason: "Trees deeper than the longest path name are copied. cp says that the file name is too long.")
    /// Not a difference from the manual, only from older versions of cp.
    static let newerOption = Departure(
      reason: "The option, or this form of it, is newer than coreutils 9.1. What it does is the manual's.")
    static let ownHelp = Departure(reason: "--help and --version tell of uringcp.")
  }
#endif
