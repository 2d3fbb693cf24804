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
      RawString(directory.bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    public func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
      let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
      var result: Result<R, E>?
      terminated.withUnsafeBufferPointer { buffer in
        do throws(E) { result = .success(try body(buffer.baseAddress!)) } catch { result = .failure(error) }
      }
      return try result!.get()
    }
  }
#endif
