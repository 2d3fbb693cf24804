/// An option, by whatever letter or name it is given.
enum Option {
  // cp's.
  case archive, attributesOnly, backup, copyContents, context, debug, dereference
  case dereferenceOperands, force, help, interactive, keepDirectorySymlink, link, linksAsLinks
  case noClobber, noDereference, noPreserve, noTargetDirectory, oneFileSystem, parents, preserve
  case recursive, reflink, removeDestination, sparse, stripTrailingSlashes, suffix, symbolicLink
  case targetDirectory, update, verbose, version
  // Ours.
  case cache, chunkSize, depth, engine, explain, json, progress, stats, trace, workers
  /// Ours, later.
  case atomic, durable, resume, verify

  /// Whether an option takes a value.
  enum Value { case none, required, optional }

  /// What a letter stands for.
  static func option(for letter: UInt8) -> (option: Option, value: Value)? {
    switch UnicodeScalar(letter) {
    case "a": (.archive, .none)
    case "b": (.backup, .none)
    case "d": (.linksAsLinks, .none)
    case "f": (.force, .none)
    case "H": (.dereferenceOperands, .none)
    case "i": (.interactive, .none)
    case "l": (.link, .none)
    case "L": (.dereference, .none)
    case "n": (.noClobber, .none)
    case "p": (.preserve, .none)
    case "P": (.noDereference, .none)
    case "r", "R": (.recursive, .none)
    case "s": (.symbolicLink, .none)
    case "S": (.suffix, .required)
    case "t": (.targetDirectory, .required)
    case "T": (.noTargetDirectory, .none)
    case "u": (.update, .none)
    case "v": (.verbose, .none)
    case "x": (.oneFileSystem, .none)
    case "Z": (.context, .none)
    default: nil
    }
  }
}
