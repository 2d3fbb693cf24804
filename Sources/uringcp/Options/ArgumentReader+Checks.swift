import UringIO

/// What goes together, and what options mean beside others; in cp's order, for the first error is the one that is told.
extension ArgumentReader {
  func arguments(operands: [PathBytes]) throws(UsageError) -> Arguments {
    var arguments = arguments
    arguments.operands = operands
    try checkLinks()
    if overwriting == .never { arguments.copy.update = .none }
    try checkBackups(arguments.copy.update)
    if arguments.copy.cloning == .always, arguments.copy.sparseness != .auto {
      throw UsageError(text: "--reflink can be used only with --sparse=auto")
    }
    if makesBackups {
      arguments.copy.backup = try BackupControl.backup(control: backupControl, suffix: backupSuffix)
    }
    if preserve.needsContext {
      throw UsageError(
        text: "cannot preserve security context without an SELinux-enabled kernel", pointsToHelp: false)
    }
    try checkInFlight()
    setCopy(&arguments)
    return arguments
  }

  private func checkLinks() throws(UsageError) {
    if makesHardLinks, makesSymbolicLinks {
      throw UsageError(text: "cannot make both hard and symbolic links")
    }
  }

  private func checkBackups(_ update: TreeOptions.Update) throws(UsageError) {
    guard makesBackups, update == .none || update == .noneFail else { return }
    throw UsageError(
      text: overwriting == .never
        ? "options --backup and --no-clobber are mutually exclusive"
        : "--backup is mutually exclusive with -n or --update=none-fail")
  }

  /// Bytes in flight: what nobody means to ask for is refused rather than tried.
  private static let inFlightByteCountMax = 4 << 30

  private func checkInFlight() throws(UsageError) {
    // With both given; one alone is bounded by its own range.
    guard let chunk = arguments.copy.chunkByteCount, let depth = arguments.copy.depth,
      chunk * depth > Self.inFlightByteCountMax
    else { return }
    throw UsageError(text: "--chunk-size times --depth is more than 4 GiB")
  }

  private func setCopy(_ arguments: inout Arguments) {
    arguments.asks = overwriting == .asks
    if arguments.isForced { arguments.copy.existing = .replaceIfNeeded }
    if makesHardLinks { arguments.copy.product = .hardLink }
    if makesSymbolicLinks { arguments.copy.product = .symbolicLink }
    arguments.copy.followedLinks =
      followedLinks ?? (arguments.isRecursive && !makesHardLinks ? TreeOptions.FollowedLinks.none : .all)
    arguments.copy.preserved = preserve.preserved
    // Whoever archives takes what there is to be had, without a word.
    if isArchiving { arguments.copy.preserved.remove(.toldExtendedAttributes) }
    arguments.copy.ignoresPermissions = preserve.ignoresPermissions
    // Only in trees there are any that nobody named.
    arguments.copy.readsSpecialFiles = copiesContents || !arguments.isRecursive
    // Questions come in cp's order, one after the other.
    if arguments.asks, arguments.isRecursive {
      arguments.engine.engine = .sequential
      arguments.engine.workers = 1
      arguments.copy.workers = 1
    }
  }
}
