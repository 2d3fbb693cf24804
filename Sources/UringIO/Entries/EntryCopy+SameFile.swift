import SystemPackage

/// Whether source and destination are one file, by whatever names, and what that means: cp's rules.
extension EntryCopy {
  enum SameFileVerdict { case different, nothingToDo, refused }

  /// - Parameter existing: what the destination's name stands for; a link's target where links are written through.
  func sameFileVerdict(_ existing: FileStatus) -> SameFileVerdict {
    let isSame = existing.isSameFile(as: status)
    if isSame, options.product == .hardLink { return .nothingToDo }
    // The two entries themselves, links not followed.
    let sourceEntry: FileStatus
    let destinationEntry: FileStatus
    if followsNoLink {
      if status.type == .symbolicLink, existing.type == .symbolicLink { return verdictOfLinks(isSame) }
      (sourceEntry, destinationEntry) = (status, existing)
    } else {
      guard isSame else { return .different }
      guard case .success(let foundDestination) = destination.status(followsLink: false),
        case .success(let foundSource) = source.status(followsLink: false)
      else { return .different }
      (sourceEntry, destinationEntry) = (foundSource, foundDestination)
      if sourceEntry.type == .symbolicLink, destinationEntry.type == .symbolicLink, options.removesExisting {
        return .different
      }
    }
    let isSameEntry = sourceEntry.isSameFile(as: destinationEntry)
    if options.backup != nil {
      guard isSameEntry else {
        // The destination put aside, the link to it would lead nowhere.
        let isLinkToIt =
          !followsNoLink && sourceEntry.type == .symbolicLink
          && destinationEntry.type != .symbolicLink
        return isLinkToIt ? .refused : .different
      }
      return source.isSameName(as: destination) ? .refused : .different
    }
    if options.removesExisting {
      if destinationEntry.type == .symbolicLink { return .different }
      // Another name of the source: removing it loses nothing.
      if isSameEntry, destinationEntry.linkCount > 1, !source.isSameName(as: destination) {
        return .different
      }
    }
    if sourceEntry.type != .symbolicLink, destinationEntry.type != .symbolicLink {
      if !isSameEntry { return .different }
      if options.product == .hardLink { return .nothingToDo }
    }
    // A link that is made anew.
    if options.product == .symbolicLink, destinationEntry.type == .symbolicLink { return .different }
    guard followsNoLink else { return .refused }
    // One of them is a link: to the other?
    guard let sourceTarget = target(sourceEntry, at: source),
      let destinationTarget = target(destinationEntry, at: destination),
      sourceTarget.isSameFile(as: destinationTarget)
    else { return .different }
    guard options.product == .hardLink else { return .refused }
    return destinationEntry.type == .symbolicLink ? .different : .nothingToDo
  }

  /// Two links, neither followed: distinct ones may stand for the same file.
  private func verdictOfLinks(_ isSame: Bool) -> SameFileVerdict {
    if source.isSameName(as: destination) { return .refused }
    if options.backup != nil { return .different }
    return isSame ? .nothingToDo : .different
  }

  private func target(_ entry: FileStatus, at place: EntryPlace) -> FileStatus? {
    entry.type == .symbolicLink ? try? place.status(followsLink: true).get() : entry
  }
}
