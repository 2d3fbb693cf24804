/// One header block of a tar archive, as POSIX (ustar, pax) and GNU tar write it.
struct TarHeader {
  static let blockByteCount = 512

  let name: [UInt8]
  let linkName: [UInt8]
  let mode: UInt16
  let size: Int64
  let type: UInt8
  /// Of an old GNU sparse file: another block of its map follows.
  let hasSparseExtension: Bool

  enum Problem: Error {
    /// Two such blocks end an archive.
    case zeros
    case notAHeader
    case numberOutOfRange
  }

  /// - Parameter block: 512 bytes.
  init(_ block: UnsafeRawBufferPointer) throws(Problem) {
    if block.allSatisfy({ $0 == 0 }) { throw .zeros }
    guard let sum = Self.number(block[148..<156]), Self.isSum(sum, of: block) else { throw .notAHeader }
    guard let mode = Self.number(block[100..<108]), let size = Self.number(block[124..<136]), size >= 0 else {
      throw .numberOutOfRange
    }
    self.mode = UInt16(truncatingIfNeeded: mode & 0o7777)
    self.size = size
    type = block[156]
    linkName = Self.text(block[157..<257])
    hasSparseExtension = block[482] != 0
    // GNU's own format keeps other things where POSIX has the start of a long name.
    let isPOSIX = block[257..<263].elementsEqual(Array("ustar\0".utf8))
    let prefix = isPOSIX ? Self.text(block[345..<500]) : []
    name =
      prefix.isEmpty ? Self.text(block[0..<100]) : prefix + [UInt8(ascii: "/")] + Self.text(block[0..<100])
  }

  private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    Array(field.prefix { $0 != 0 })
  }

  /// Octal digits; or, where they do not suffice, GNU's binary form, which the first byte's highest bit marks.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      var value: Int64 = 0
      for byte in field.dropFirst() {
        guard value <= Int64.max >> 8 else { return nil }
        value = value << 8 | Int64(byte)
      }
      return value
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
    var value: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
      value = value << 3 | Int64(digit - UInt8(ascii: "0"))
    }
    return value
  }

  /// Whether it is the sum of the header's bytes, its own field taken as blanks; some old programs add signed ones.
  private static func isSum(_ sum: Int64, of block: UnsafeRawBufferPointer) -> Bool {
    func sums(_ range: Range<Int>) -> (unsigned: Int, signed: Int) {
      var unsigned = 0
      var signed = 0
      for index in range {
        unsigned &+= Int(block[index])
        signed &+= Int(Int8(bitPattern: block[index]))
      }
      return (unsigned, signed)
    }
    let blanks = 8 * Int(UInt8(ascii: " "))
    let (all, own) = (sums(0..<blockByteCount), sums(148..<156))
    return sum == all.unsigned - own.unsigned + blanks || sum == all.signed - own.signed + blanks
  }
}

/// The records of a pax extended header that matter here.
struct PaxRecords {
  var path: [UInt8]?
  var linkPath: [UInt8]?
  var size: Int64?
  /// The member is a sparse file in one of GNU's pax forms: its data is not its contents.
  var isSparse = false

  init() {}

  /// Adds "LENGTH KEY=VALUE\n" records; `nil` where they are damaged.
  mutating func add(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while let first = rest.first, first != 0 {
      guard let blank = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
        length > blank - rest.startIndex + 1, length <= rest.count
      else { return false }
      let record = rest[(blank + 1)..<(rest.startIndex + length)]
      guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")),
        take(String(decoding: record[..<equals], as: UTF8.self), Array(record[(equals + 1)...].dropLast()))
      else { return false }
      rest = rest[(rest.startIndex + length)...]
    }
    return true
  }

  private mutating func take(_ key: String, _ value: [UInt8]) -> Bool {
    switch key {
    case "path": path = value
    case "linkpath": linkPath = value
    case "size":
      guard let number = Int64(String(decoding: value, as: UTF8.self)), number >= 0 else { return false }
      size = number
    default:
      if key.hasPrefix("GNU.sparse.") { isSparse = true }
    }
    return true
  }
}
