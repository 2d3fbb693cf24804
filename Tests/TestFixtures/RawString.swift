#if os(Linux)
  /// A file name or an argument as the kernel sees it: bytes, not necessarily UTF-8.
  public struct RawString: ExpressibleByStringInterpolation, Hashable, Sendable, CustomStringConvertible {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public init(_ string: String) { bytes = Array(string.utf8) }
    public init(stringLiteral value: String) { self.init(value) }

    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// A directory and a name in it.
    public static func / (directory: RawString, name: RawString) -> RawString {
      var path = directory.bytes
      path.append(UInt8(ascii: "/"))
      path.append(contentsOf: name.bytes)
      return RawString(path)
    }

    public func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
      // Copied as a whole: in a debug build a conversion byte by byte is what tests would spend their time on.
      var terminated = bytes
      terminated.append(0)
      var result: Result<R, E>?
      terminated.withUnsafeBytes { buffer in
        let characters = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
        do throws(E) { result = .success(try body(characters)) } catch { result = .failure(error) }
      }
      return try result!.get()
    }
  }
#endif
