import SystemPackage

/// What is the same for all entries of a copy.
struct EntryRules: Sendable {
  var options = TreeOptions()
  /// Whether directories are copied with what is in them, and links and special files as what they are. Otherwise
  /// everything is read to its end.
  var isRecursive = true
  var history = CopyHistory()
  /// Whether a file that exists may be a symbolic link to the one that is written, or a device or FIFO. Otherwise
  /// nothing outside of the destination is written into.
  var writesThroughLinks = false
  /// Whether it may even be a link to a file that is not there yet, which is then made.
  var followsDanglingLinks = false
  var cancellation = Cancellation()
  /// Asked before a file that exists is overwritten; one call at a time. `nil`: nobody is.
  var asks: (@Sendable (OverwriteQuestion) -> Bool)?

  /// Whether a symbolic link of the source is followed.
  func followsLinks(ofOperand isOperand: Bool) -> Bool {
    switch options.followedLinks {
    case .none: false
    case .root: isOperand
    case .all: true
    }
  }

  /// Whether all is as with `-P`: below an operand, with `-H` too.
  func followsNoLink(ofOperand isOperand: Bool) -> Bool {
    options.followedLinks == .none || options.followedLinks == .root && !isOperand
  }

  /// Whether FIFOs and devices are read rather than made anew.
  var readsSpecialFiles: Bool { !isRecursive || options.readsSpecialFiles }

  /// Whether a file's further names are looked for among those that were copied.
  func tracksLinks(of status: FileStatus, ofOperand isOperand: Bool) -> Bool {
    guard options.preserved.contains(.links), options.product != .hardLink else { return false }
    return status.linkCount > 1 || options.followedLinks == .all
      || options.followedLinks == .root && isOperand
  }

  /// Whether a regular file whose name is free in the destination is copied without looking at either name first.
  var copiesFreely: Bool {
    options.product == .copy && !(options.preserved.contains(.links) && options.followedLinks != .none)
  }

  /// Whether what exists is left alone, whatever it is.
  var keepsExisting: Bool {
    options.existing == .keep || options.update == .none || options.update == .noneFail
  }

  /// Permission bits that a new entry lacks until it is complete: its owner, and so whom they are meant for, may change.
  func omitted(from mode: UInt16, isDirectory: Bool) -> UInt16 {
    mode & (options.preserved.contains(.ownership) ? 0o077 : isDirectory ? 0o022 : 0)
  }

  /// Whether an entry that is complete gets anything more.
  var setsMetadata: Bool { options.ignoresPermissions || !options.preserved.subtracting(.links).isEmpty }
}

/// Whether a file may be overwritten.
package struct OverwriteQuestion: Sendable {
  package let path: PathBytes
  /// Whether this process may write to it as it is.
  package let isWritable: Bool
  /// All mode bits.
  package let mode: UInt16
}
