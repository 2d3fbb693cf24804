import SystemPackage

/// What went wrong: what was being done, to which file, at which offset, why, and what follows from it.
public struct FileIOError: Error, Sendable, Equatable {
  /// What was being done.
  public enum Activity: String, Sendable, CaseIterable {
    case allocateMemory, startEngine, open, create, status, read, write, allocate, truncate, synchronize
    case clone, copyRange, poll, close, remove, findData, copy
    case openDirectory, listDirectory, createDirectory, readLink, createLink,
      createSpecial, load
    case save, rename, produce, transform, append
    case createHardLink, createFIFO, backUp, restoreBackup
    case preserveTimes, preserveOwnership, preservePermissions, clearPermissions, preserveAttribute
  }

  /// Why it did not work.
  public enum Cause: Sendable, Equatable {
    /// The kernel's answer.
    case system(Errno)
    /// Source and destination are one file, by whatever names.
    case sameFile
    /// The destination's name is a symbolic link to nothing.
    case danglingSymlink
    /// A directory would be copied into its own copy.
    case intoItself
    /// A directory is to be copied, and the destination's name has something that is none.
    case directoryOverOther
    /// Something that is no directory is to be copied, and the destination's name has a directory.
    case otherOverDirectory
    /// The destination's name has a link or a special file, which writing would follow.
    case notRegular
    /// What was listed as one kind of file is another by now.
    case changedType
    /// What was examined and what was opened then are two files: somebody replaced it. Nothing was copied.
    case replacedMeanwhile
    /// A directory around it is the one that a symbolic link leads to: it would be copied without end.
    case cyclicLink
    /// A directory that has a copy already, by another name: directories have no further names.
    case hardLinkToDirectory
    /// The destination's backup would overwrite the source.
    case backupDestroysSource
    /// A relative symbolic link would lead to the source only from the working directory.
    case relativeLinkElsewhere
    /// The destination exists, and no such one was to be replaced.
    case notReplacing
    /// What it would be another name of was not copied after all.
    case firstLinkFailed
    /// The source was changed by somebody while it was read. Sizes in bytes.
    case sourceChanged(sizeBefore: Int64, sizeAfter: Int64, copied: Int64)
    /// The source has fewer bytes than it says, and did not change. In bytes.
    case sourceEndedEarly(size: Int64, copied: Int64)
    /// The caller's own code (a producer, a transform, a sequence) threw this, in its words.
    case thrown(String)
  }

  public var activity: Activity
  public var cause: Cause
  /// The file it was done to; `nil` where there is none, or the caller gave only a descriptor.
  public var path: PathBytes?
  /// Where two files take part: what ``path`` was to be made from, the source of a destination.
  public var otherPath: PathBytes?
  /// Which of the file's extended attributes it was, where it was one.
  public var attribute: PathBytes?
  /// Something to be told that is no failure.
  package var isWarning = false
  /// Bytes from the start of that file; `nil` where an offset means nothing.
  public var offset: Int64?
  /// A sentence about the consequences, such as what became of the destination.
  public var note: String?

  /// The kernel's answer, where the cause is one.
  public var errno: Errno? {
    if case .system(let errno) = cause { errno } else { nil }
  }

  /// Whether the call was ended on request (a cancelled task, a signal) rather than by a failure.
  public var isCancellation: Bool { errno == .canceled }

  public init(
    _ cause: Cause, during activity: Activity, path: PathBytes? = nil, offset: Int64? = nil,
    note: String? = nil
  ) {
    self.cause = cause
    self.activity = activity
    self.path = path
    self.offset = offset
    self.note = note
  }

  public init(
    _ errno: Errno, during activity: Activity, path: PathBytes? = nil, offset: Int64? = nil,
    note: String? = nil
  ) {
    self.init(.system(errno), during: activity, path: path, offset: offset, note: note)
  }

  /// From a system call's answer in the kernel's form.
  init(kernelResult: Int, during activity: Activity, path: PathBytes? = nil, offset: Int64? = nil) {
    self.init(Errno(rawValue: CInt(-kernelResult)), during: activity, path: path, offset: offset)
  }

  /// The same, naming the second file.
  func from(_ source: PathBytes) -> FileIOError {
    var copy = self
    copy.otherPath = source
    return copy
  }

  func noting(_ addition: String) -> FileIOError {
    var copy = self
    copy.note = [note, addition].compactMap { $0 }.joined(separator: "; ")
    return copy
  }
}

extension FileIOError: CustomStringConvertible {
  public var description: String {
    message { "'\($0.displayed)'" }
  }

  /// One line for a person, with the path as `quoted` writes it.
  public func message(quoted: (PathBytes) -> String) -> String {
    var text = activity.failure
    if let attribute { text += " " + quoted(attribute) + " of" }
    if let path { text += " " + quoted(path) }
    if let offset { text += " at offset \(offset)" }
    switch cause {
    case .system(let errno): text += ": \(errno)"
    case .sameFile: text += ": it and the source are the same file"
    case .danglingSymlink: text += ": it is a symbolic link to nothing"
    case .intoItself: text += ": it would be copied into itself"
    case .directoryOverOther: text += ": a directory cannot replace what is there and is none"
    case .otherOverDirectory: text += ": it is a directory, and what would replace it is none"
    case .notRegular: text += ": it exists and is not a regular file"
    case .changedType: text += ": it became another kind of file meanwhile"
    case .replacedMeanwhile: text += ": it was replaced meanwhile"
    case .cyclicLink: text += ": it is inside of what the symbolic link leads to"
    case .hardLinkToDirectory: text += ": it is a directory that has been copied by another name"
    case .backupDestroysSource: text += ": its backup would overwrite the source"
    case .relativeLinkElsewhere:
      text += ": a relative symbolic link leads to the source only from the working directory"
    case .notReplacing: text += ": it exists and is not to be replaced"
    case .firstLinkFailed: text += ": the file it is another name of could not be copied"
    case .sourceChanged(let before, let after, let copied):
      text +=
        ": it changed while it was copied: it had \(before) bytes and has \(after); the copy has the "
        + "\(copied) bytes that were read"
    case .sourceEndedEarly(let size, let copied):
      text += ": it says it has \(size) bytes, but only \(copied) could be read; the copy has those"
    case .thrown(let description): text += ": \(description)"
    }
    if let note { text += " (\(note))" }
    return text
  }
}

extension FileIOError.Activity {
  /// "cannot stat", "error reading": what goes in front of a file's name.
  public var failure: String {
    switch self {
    case .allocateMemory: "cannot allocate memory"
    case .startEngine: "cannot start the io_uring engine"
    case .open: "cannot open"
    case .create: "cannot create regular file"
    case .status: "cannot stat"
    case .read: "error reading"
    case .write: "error writing"
    case .allocate: "error allocating space for"
    case .truncate: "error setting the size of"
    case .synchronize: "error syncing"
    case .clone: "failed to clone"
    case .copyRange: "error copying on the server to"
    case .poll: "error waiting for"
    case .close: "error closing"
    case .remove: "cannot remove"
    case .findData: "error finding the data of"
    case .copy: "cannot copy"
    case .openDirectory: "cannot open directory"
    case .listDirectory: "error listing directory"
    case .createDirectory: "cannot create directory"
    case .readLink: "cannot read symbolic link"
    case .createLink: "cannot create symbolic link"
    case .createSpecial: "cannot create special file"
    case .load: "cannot load"
    case .save: "cannot save"
    case .rename: "cannot rename the temporary file to"
    case .produce: "cannot make the contents of"
    case .transform: "cannot transform the bytes of"
    case .append: "cannot append to"
    case .createHardLink: "cannot create hard link"
    case .createFIFO: "cannot create fifo"
    case .backUp: "cannot backup"
    case .restoreBackup: "cannot un-backup"
    case .preserveTimes: "preserving times for"
    case .preserveOwnership: "failed to preserve ownership for"
    case .preservePermissions: "preserving permissions for"
    case .clearPermissions: "clearing permissions for"
    case .preserveAttribute: "setting attribute"
    }
  }
}
