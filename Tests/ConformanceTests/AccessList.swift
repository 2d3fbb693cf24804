#if os(Linux)
  import TestFixtures

  /// A POSIX access control list as the kernel gives it: a version, then eight bytes for each entry.
  struct AccessList {
    let text: String

    init?(attribute: RawString, value: [UInt8]) {
      let kind: String
      switch attribute {
      case "system.posix_acl_access": kind = "access"
      case "system.posix_acl_default": kind = "default"
      default: return nil
      }
      guard value.count % 8 == 4 else { return nil }
      let entries = stride(from: 4, to: value.count, by: 8).map { start in
        func number(_ range: Range<Int>) -> UInt32 {
          range.reversed().reduce(0) { $0 << 8 | UInt32(value[start + $1]) }
        }
        let bits = number(2..<4)
        let permissions =
          "\(bits & 4 != 0 ? "r" : "-")\(bits & 2 != 0 ? "w" : "-")\(bits & 1 != 0 ? "x" : "-")"
        switch number(0..<2) {
        case 0x01: return "user::\(permissions)"
        case 0x02: return "user:\(number(4..<8)):\(permissions)"
        case 0x04: return "group::\(permissions)"
        case 0x08: return "group:\(number(4..<8)):\(permissions)"
        case 0x10: return "mask::\(permissions)"
        case 0x20: return "other::\(permissions)"
        default: return "?:\(permissions)"
        }
      }
      text = "\(kind) \(entries.joined(separator: ","))"
    }
  }
#endif
