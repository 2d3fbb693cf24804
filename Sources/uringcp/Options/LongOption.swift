/// An option's name.
struct LongOption {
  let name: String
  let option: Option
  let value: Option.Value

  private init(_ name: String, _ option: Option, _ value: Option.Value = .none) {
    self.name = name
    self.option = option
    self.value = value
  }

  /// All names, in groups: a later group's do not make abbreviations of an earlier one's ambiguous, so that what is
  /// typed for cp means here what it means there.
  static let groups = [general, newer, own]

  /// cp's, in the order in which it lists those that an abbreviation may mean.
  private static let general = [
    LongOption("archive", .archive), LongOption("attributes-only", .attributesOnly),
    LongOption("backup", .backup, .optional), LongOption("copy-contents", .copyContents),
    LongOption("dereference", .dereference), LongOption("force", .force),
    LongOption("interactive", .interactive), LongOption("link", .link),
    LongOption("no-clobber", .noClobber), LongOption("no-dereference", .noDereference),
    LongOption("no-preserve", .noPreserve, .required),
    LongOption("no-target-directory", .noTargetDirectory),
    LongOption("one-file-system", .oneFileSystem), LongOption("parents", .parents),
    // The name that --parents had before 2000; cp still takes it.
    LongOption("path", .parents),
    LongOption("preserve", .preserve, .optional), LongOption("recursive", .recursive),
    LongOption("remove-destination", .removeDestination), LongOption("sparse", .sparse, .required),
    LongOption("reflink", .reflink, .optional),
    LongOption("strip-trailing-slashes", .stripTrailingSlashes), LongOption("suffix", .suffix, .required),
    LongOption("symbolic-link", .symbolicLink), LongOption("target-directory", .targetDirectory, .required),
    LongOption("update", .update, .optional), LongOption("verbose", .verbose),
    LongOption("context", .context, .optional), LongOption("help", .help), LongOption("version", .version),
  ]

  /// Those that cp has only since 9.2 and 9.6: many know it without them, and `--de` for `--dereference`.
  private static let newer = [
    LongOption("debug", .debug), LongOption("keep-directory-symlink", .keepDirectorySymlink),
  ]

  private static let own = [
    LongOption("engine", .engine, .required), LongOption("chunk-size", .chunkSize, .required),
    LongOption("depth", .depth, .required), LongOption("workers", .workers, .required),
    LongOption("cache", .cache, .required), LongOption("explain", .explain), LongOption("stats", .stats),
    LongOption("trace", .trace, .required), LongOption("json", .json),
    LongOption("progress", .progress, .optional),
    LongOption("atomic", .atomic, .optional), LongOption("durable", .durable, .optional),
    LongOption("verify", .verify, .optional), LongOption("resume", .resume, .optional),
  ]
}
