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
    return path.sibling(name(for: path.lastComponent, in: parent))
  }

  /// - Parameters:
  ///   - base: the last component.
  ///   - directory: where it is.
  func name(for base: PathBytes, in directory: EntryPlace) -> PathBytes {
    let highest = naming == .simple ? [] : Self.highestNumber(of: base, in: directory)
    let isNumbered = naming == .numbered || !highest.isEmpty
    let addition =
      isNumbered ? Array(".~".utf8) + Self.next(after: highest) + [UInt8(ascii: "~")] : suffix.bytes
    guard base.bytes.count + addition.count > Self.nameByteCountMax else {
      return PathBytes(base.bytes + addition)
    }
    // Then a tilde in the place of the name's end has to do.
    return PathBytes(Array(base.bytes.prefix(Self.nameByteCountMax - 2)) + [UInt8(ascii: "~")])
  }

  private static let nameByteCountMax = 255

  /// A number in decimal digits has as many as it likes.
  private static func next(after digits: [UInt8]) -> [UInt8] {
    var digits = digits
    for index in digits.indices.reversed() {
      if digits[index] < UInt8(ascii: "9") {
        digits[index] += 1
        return digits
      }
      digits[index] = UInt8(ascii: "0")
    }
    return [UInt8(ascii: "1")] + digits
  }

  /// The N of `base.~N~`, in digits; empty where there is none.
  private static func highestNumber(of base: PathBytes, in directory: EntryPlace) -> [UInt8] {
    guard case .success(let descriptor) = directory.open(O_RDONLY | O_DIRECTORY),
      let buffer = try? AlignedBuffer(byteCount: 32 << 10)
    else { return [] }
    defer { _ = SystemCall.close(descriptor) }
    let slice = buffer.slices(byteCount: 32 << 10)[0]
    let prefix = base.bytes + Array(".~".utf8)
    var highest: [UInt8] = []
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
      let digits = Array(name[prefix.count..<(name.count - 1)])
      guard digits.first != UInt8(ascii: "0"),
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
      else { continue }
      if digits.count > highest.count
        || digits.count == highest.count && highest.lexicographicallyPrecedes(digits)
      {
        highest = digits
      }
    }
    return highest
  }
}
