import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A path as the raw bytes the kernel takes: nothing normalised, no encoding assumed.
///
/// `FilePath` drops trailing and double slashes, which some callers' rules need (`cp a b/`), so a command
/// hands its operands over in this form.
public struct PathBytes: Sendable, Hashable {
  /// The bytes, without a terminating zero.
  public let bytes: [UInt8]

  /// - Precondition: no byte is zero.
  public init(_ bytes: [UInt8]) {
    let zero = bytes.withUnsafeBytes { $0.isEmpty ? nil : memchr($0.baseAddress!, 0, $0.count) }
    precondition(zero == nil, "a path has no zero byte")
    self.bytes = bytes
  }

  /// All bytes at once: an array would hash them one by one.
  public func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

  public init(_ path: FilePath) {
    bytes = path.withPlatformString { pointer in
      var bytes: [UInt8] = []
      var next = pointer
      while next.pointee != 0 {
        bytes.append(UInt8(bitPattern: next.pointee))
        next += 1
      }
      return bytes
    }
  }

  /// The path as text, or `nil` where it is not valid UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The path for a message: invalid UTF-8 and control characters as `\xHH`, so that it stays one line.
  public var displayed: String {
    if let text, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return text
    }
    return bytes.map { byte in
      (0x20..<0x7f).contains(byte)
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  package func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
    var terminated = bytes
    terminated.append(0)
    return terminated.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
  }

  /// The last component, without trailing slashes; "/" for the root.
  package var lastComponent: PathBytes {
    var end = bytes.count
    while end > 1, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
    let trimmed = bytes[..<end]
    guard let slash = trimmed.lastIndex(of: UInt8(ascii: "/")), trimmed.count > 1 else {
      return PathBytes(Array(trimmed))
    }
    return PathBytes(Array(trimmed[(slash + 1)...]))
  }

  package func appending(_ component: PathBytes) -> PathBytes {
    var path: [UInt8] = []
    path.reserveCapacity(bytes.count + 1 + component.bytes.count)
    path += bytes
    if bytes.last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
    path += component.bytes
    return PathBytes(path)
  }
}
