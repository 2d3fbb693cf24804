import ArgumentParser
import UringIO

/// Carries arguments that are not valid UTF-8 through ArgumentParser, which knows only strings.
///
/// Each byte that is not part of valid UTF-8 travels as a private-use character of its own. A name that
/// really has such a character travels byte by byte too, so that nothing is ever taken for something else.
enum RawArguments {
  /// U+10FE00 and the byte.
  private static let firstCarrier: UInt32 = 0x10fe00
  private static let carriers = firstCarrier...(firstCarrier + 0xff)

  /// The arguments behind the program's name.
  static func ofThisProcess() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { pointer in
        string(
          from: UnsafeBufferPointer(start: pointer, count: length(of: pointer)).map { UInt8(bitPattern: $0) })
      }
    }
  }

  static func string(from bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: { carriers.contains($0.value) })
    {
      return text
    }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let first = rest.first {
      if let (scalar, length) = decode(rest), !carriers.contains(scalar.value) {
        text.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        text.append(Unicode.Scalar(firstCarrier + UInt32(first))!)
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  static func bytes(from text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar -> [UInt8] in
      carriers.contains(scalar.value)
        ? [UInt8(scalar.value - firstCarrier)] : Array(String(Character(scalar)).utf8)
    }
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    for length in 1...min(4, bytes.count) {
      if let text = String(validating: bytes.prefix(length), as: UTF8.self),
        let scalar = text.unicodeScalars.first
      {
        return (scalar, length)
      }
    }
    return nil
  }

  private static func length(of text: UnsafePointer<CChar>) -> Int {
    var count = 0
    while text[count] != 0 { count += 1 }
    return count
  }
}

extension PathBytes: ExpressibleByArgument {
  public init?(argument: String) {
    let bytes = RawArguments.bytes(from: argument)
    guard !bytes.isEmpty else { return nil }
    self.init(bytes)
  }

  public var defaultValueDescription: String { displayed }
}
