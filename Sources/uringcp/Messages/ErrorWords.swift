import SystemPackage
import UringIO

/// The library's errors in cp's words, where cp has words for them.
enum ErrorWords {
  private static let quote = ShellQuoting.quote

  /// Where it happened and what became of the destination, which cp does not say, is in parentheses behind them.
  ///
  /// - Parameter pair: the operands, for an error that names no file.
  static func describe(_ error: FileIOError, _ pair: OperandPair) -> String {
    let path = error.path ?? pair.source
    let other = error.otherPath ?? pair.source
    let offset = error.offset.flatMap { $0 > 0 ? "at offset \($0)" : nil }
    let additions = [offset, error.note].compactMap { $0 }
    let note = additions.isEmpty ? "" : " (\(additions.joined(separator: "; ")))"
    switch error.cause {
    case .system(.canceled): return "interrupted while copying \(quote(pair.source))" + note
    case .system(let errno): return system(errno, error, path, pair) + note
    case .thrown, .notRegular, .changedType, .firstLinkFailed: return error.message(quoted: quote)
    // Of a tree, cp names what was asked for, and not the directory at which it found out.
    case .intoItself: return refusal(.intoItself, pair.destination, pair.source)
    default: return refusal(error.cause, path, other) + note
    }
  }

  // MARK: What is not to be done

  private static func refusal(
    _ cause: FileIOError.Cause, _ path: PathBytes, _ other: PathBytes
  ) -> String {
    let (path, other, plain) = (quote(path), quote(other), path)
    return switch cause {
    case .sameFile: "\(other) and \(path) are the same file"
    case .intoItself: "cannot copy a directory, \(other), into itself, \(path)"
    case .directoryOverOther: "cannot overwrite non-directory \(path) with directory \(other)"
    case .otherOverDirectory: "cannot overwrite directory \(path) with non-directory"
    case .danglingSymlink: "not writing through dangling symlink \(path)"
    case .replacedMeanwhile: "skipping file \(path), as it was replaced while being copied"
    case .cyclicLink: "cannot copy cyclic symbolic link \(path)"
    case .hardLinkToDirectory: "will not create hard link \(path) to directory \(other)"
    // Two blanks, as cp has them.
    case .backupDestroysSource: "backing up \(path) might destroy source;  \(other) not copied"
    case .relativeLinkElsewhere:
      "\(ShellQuoting.quoteIfNeeded(plain)): can make relative symbolic links only in current directory"
    case .notReplacing: "not replacing \(path)"
    case .sourceChanged(let before, let after, let copied):
      "\(path) changed while it was copied: it had \(before) bytes and now has \(after); the copy has "
        + "the \(copied) bytes that were read"
    case .sourceEndedEarly(let size, let copied):
      "\(path) says it has \(size) bytes, but only \(copied) could be read; the copy has those"
    default: path
    }
  }

  // MARK: What did not work

  private static func system(
    _ errno: Errno, _ error: FileIOError, _ path: PathBytes, _ pair: OperandPair
  ) -> String {
    let quoted = quote(path)
    let other = error.otherPath.map(quote)
    switch (error.activity, errno) {
    case (.open, .isDirectory): return "-r not specified; omitting directory \(quoted)"
    case (.create, .isDirectory):
      return pair.destination.bytes.last == UInt8(ascii: "/")
        ? "cannot create regular file \(quoted): \(Errno.notDirectory)"
        : "cannot overwrite directory \(quoted) with non-directory"
    default: break
    }
    let words: String? =
      switch error.activity {
      case .open: "cannot open \(quoted) for reading"
      case .openDirectory, .listDirectory: "cannot access \(quoted)"
      case .read: "error reading \(quoted)"
      case .write, .allocate: "error writing \(quoted)"
      case .findData: "cannot lseek \(quoted)"
      case .close: "failed to close \(quoted)"
      case .createLink: "cannot create symbolic link \(quoted)" + (other.map { " to \($0)" } ?? "")
      case .createHardLink: "cannot create hard link \(quoted)" + (other.map { " to \($0)" } ?? "")
      case .clone: "failed to clone \(quoted)" + (other.map { " from \($0)" } ?? "")
      case .copyRange: other.map { "error copying \($0) to \(quoted)" }
      case .preservePermissions: "preserving permissions for \(LocaleQuoting.quote(path))"
      case .preserveAttribute:
        error.attribute.map { "setting attribute \(quote($0)) for \(quoted)" }
          ?? "setting attributes for \(quoted)"
      default: nil
      }
    guard let words else { return error.withoutAdditions.message(quoted: quote) }
    return "\(words): \(errno)"
  }

  // MARK: --parents

  /// For a directory that --parents makes, or gives its source's metadata.
  static func describeParent(_ error: FileIOError, _ pair: OperandPair) -> String {
    let path = quote(error.path ?? pair.destination)
    if error.cause == .directoryOverOther { return "\(path) exists but is not a directory" }
    guard let errno = error.errno else { return describe(error, pair) }
    return switch error.activity {
    case .status: "failed to get attributes of \(path): \(errno)"
    case .createDirectory: "cannot make directory \(path): \(errno)"
    case .preserveTimes: "failed to preserve times for \(path): \(errno)"
    case .preserveOwnership: "failed to preserve ownership for \(path): \(errno)"
    case .preservePermissions: "failed to preserve permissions for \(path): \(errno)"
    default: describe(error, pair)
    }
  }
}

extension FileIOError {
  fileprivate var withoutAdditions: FileIOError {
    var copy = self
    (copy.note, copy.offset) = (nil, nil)
    return copy
  }
}
