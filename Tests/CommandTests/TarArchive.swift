#if os(Linux)
  /// A tar archive made by hand, as no program would write it.
  struct TarArchive {
    private(set) var bytes: [UInt8] = []

    /// Adds a member; its header can be changed before the checksum is taken.
    mutating func add(
      _ name: String, type: Character = "0", linkName: String = "", _ contents: [UInt8] = [],
      size: Int? = nil,
      mode: Int = 0o644, change: (inout [UInt8]) -> Void = { _ in }
    ) {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, at offset: Int) {
        header.replaceSubrange(offset..<(offset + text.utf8.count), with: Array(text.utf8))
      }
      put(String(name.prefix(100)), at: 0)
      put(Self.octal(mode, 7), at: 100)
      put(Self.octal(0, 7), at: 108)
      put(Self.octal(0, 7), at: 116)
      put(Self.octal(size ?? contents.count, 11), at: 124)
      put(Self.octal(0, 11), at: 136)
      put(String(type), at: 156)
      put(linkName, at: 157)
      put("ustar\0" + "00", at: 257)
      change(&header)
      header.replaceSubrange(148..<156, with: [UInt8](repeating: UInt8(ascii: " "), count: 8))
      let sum = header.reduce(0) { $0 + Int($1) }
      header.replaceSubrange(148..<155, with: Array((Self.octal(sum, 6) + "\0").utf8))
      bytes += header + contents
      bytes += [UInt8](repeating: 0, count: (512 - contents.count % 512) % 512)
    }

    mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

    /// Adds a pax header with those records for the member that follows.
    mutating func addPax(_ records: [(String, String)]) {
      var text = ""
      for (key, value) in records {
        let rest = " \(key)=\(value)\n".utf8.count
        var length = rest + 1
        while "\(length)".utf8.count + rest != length { length += 1 }
        text += "\(length) \(key)=\(value)\n"
      }
      add("pax", type: "x", Array(text.utf8))
    }

    mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }

    private static func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
  }
#endif
