import UringIO

private let slash = UInt8(ascii: "/")

/// How cp makes names of names: from the bytes alone.
extension PathBytes {
  /// Without the slashes at its end; of the root's one stays.
  var withoutTrailingSlashes: PathBytes {
    guard bytes.count > 1, bytes.last == slash else { return self }
    let end = bytes.lastIndex { $0 != slash } ?? 0
    return PathBytes(Array(bytes[...end]))
  }

  /// What a copy in a directory is called: the last component, and nothing of its own for the root.
  ///
  /// A ".." becomes ".": the copy of `source/..` goes into the directory and not beside it.
  var nameInDirectory: PathBytes {
    let name = withoutTrailingSlashes.bytes
    let component = name[(name.lastIndex(of: slash).map { $0 + 1 } ?? 0)...]
    return PathBytes(component.elementsEqual("..".utf8) ? [UInt8(ascii: ".")] : Array(component))
  }

  /// The name below this directory, whose slashes at the end are not repeated.
  func joined(_ name: PathBytes) -> PathBytes {
    let directory = withoutTrailingSlashes.bytes
    if directory.last == slash {
      return PathBytes(bytes + (name.bytes.first == slash ? [UInt8(ascii: ".")] : []) + name.bytes)
    }
    return PathBytes(directory + (name.bytes.first == slash ? [] : [slash]) + name.bytes)
  }
}
