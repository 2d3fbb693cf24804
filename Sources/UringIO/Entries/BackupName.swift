import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Backup {
  /// The name that a backup of `path` would get now; the directory of a numbered one is looked through for it.
  package func name(for path: PathBytes) -> PathBytes {
    let parent = EntryPlace(directory: .workingDirectory, name: FileName(path.parent))
    let directory = path.bytes.lastIndex(of: UInt8(ascii: "/")).map { Array(path.bytes[...$0]) } ?? []
    return PathBytes(directory + name(for: path.lastComponent, in: parent).bytes)
  }

  /// - Parameters:
  ///   - base: the last component.
  ///   - directory: where it is.
  func name(for base: PathBytes, in directory: EntryPlace) -> PathBytes {
    let highest = naming == .simple ? 0 : Self.highestNumber(of: base, in: directory)
    guard naming == .numbered || highest > 0 else {
      // Where the name is too long with it, the suffix takes the place of the name's end.
      let room = max(1, Self.nameByteCountMax - suffix.bytes.count)
      return PathBytes(Array(base.bytes.prefix(room)) + suffix.bytes)
    }
    return PathBytes(base.bytes + Array(".~\(highest + 1)~".utf8))
  }

  private static let nameByteCountMax = 255

  /// Of `base.~N~`; 0 where there is none.
  private static func highestNumber(of base: PathBytes, in directory: EntryPlace) -> Int {
    guard case .success(let descriptor) = directory.open(O_RDONLY | O_DIRECTORY),
      let buffer = try? AlignedBuffer(byteCount: 32 << 10)
    else { return 0 }
    defer { _ = SystemCall.close(descriptor) }
    let slice = buffer.slices(byteCount: 32 << 10)[0]
    let prefix = base.bytes + Array(".~".utf8)
    var highest = 0
    let listing = DirectoryListing()
    while true {
      let count = SystemCall.listDirectory(descriptor, slice)
      guard count > 0 else { break }
      guard slice[0..<count].withBytes({ listing.add(records: $0) }) else { break }
    }
    listing.complete()
    for offset in listing.files + listing.directories {
      let name = listing.name(at: offset).bytes.bytes
      guard name.count > prefix.count + 1, name.starts(with: prefix), name.last == UInt8(ascii: "~") else {
        continue
      }
      let digits = name[prefix.count..<(name.count - 1)]
      guard digits.first != UInt8(ascii: "0"),
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let number = Int(String(decoding: digits, as: UTF8.self))
      else { continue }
      highest = max(highest, number)
    }
    return highest
  }
}
