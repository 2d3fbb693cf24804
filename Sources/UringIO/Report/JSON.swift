/// A JSON value to be written. The programs that must start fast cannot afford Foundation's encoder, which
/// costs more than copying a small file.
package indirect enum JSON: Sendable {
  case string(String)
  case integer(Int64)
  case number(Double)
  case boolean(Bool)
  case array([JSON])
  /// Members in the order given.
  case object([(String, JSON)])
  case null

  /// The value on one line.
  package var text: String {
    switch self {
    case .string(let string): Self.quoted(string)
    case .integer(let value): String(value)
    // JSON has no infinities.
    case .number(let value): value.isFinite ? String(value) : "null"
    case .boolean(let value): value ? "true" : "false"
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
    case .null: "null"
    }
  }

  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  /// A path's member: `name` where it is UTF-8, otherwise `nameBase64` with its bytes.
  package static func path(_ name: String, _ path: PathBytes) -> (String, JSON) {
    if let text = path.text { return (name, .string(text)) }
    return (name + "Base64", .string(base64(path.bytes)))
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for position in 0..<4 {
        text.append(position <= group.count ? alphabet[Int(bits >> (18 - 6 * UInt32(position)) & 63)] : "=")
      }
    }
    return text
  }
}

extension TreeReport {
  /// The report's members, in the commands' JSON.
  package var jsonMembers: [(String, JSON)] {
    [
      ("files", .integer(Int64(fileCount))), ("directories", .integer(Int64(directoryCount))),
      ("links", .integer(Int64(linkCount))), ("hardLinks", .integer(Int64(hardLinkCount))),
      ("specialFiles", .integer(Int64(specialCount))),
      ("kept", .integer(Int64(keptCount))), ("largeFiles", .integer(Int64(largeFileCount))),
      ("bytes", .integer(byteCount)), ("failures", .integer(Int64(failureCount))),
      ("engine", .string(engine.rawValue)), ("engineReason", .string(engineReason)),
      ("seconds", .number(seconds)),
    ] + operations.jsonMembers
  }
}

extension CopyReport {
  /// The report's members, in the commands' JSON.
  package var jsonMembers: [(String, JSON)] {
    [
      ("bytes", .integer(byteCount)), ("holeBytes", .integer(holeByteCount)), ("size", .integer(size)),
      ("strategy", .string(strategy.rawValue)), ("reason", .string(reason)),
      ("engine", .string(engine.rawValue)), ("engineReason", .string(engineReason)),
      ("seconds", .number(seconds)),
      (
        "fallbacks",
        .array(
          fallbacks.map { .object([("what", .string($0.what)), ("reason", .string($0.reason))]) })
      ),
    ] + operations.jsonMembers
  }
}
