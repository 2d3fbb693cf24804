import Testing

@testable import UringIO

@Suite struct ByteSizeTests {
  private static let sizes: [(String, Int)] = [
    ("0", 0), ("1", 1), ("4096", 4096), ("12B", 12), ("512K", 512 << 10), ("512k", 512 << 10),
    ("1KiB", 1 << 10), ("1M", 1 << 20), ("1MiB", 1 << 20), ("3G", 3 << 30), ("3GiB", 3 << 30),
    ("2T", 2 << 40), ("2TiB", 2 << 40), ("1KB", 1_000), ("1kB", 1_000), ("1MB", 1_000_000),
    ("1GB", 1_000_000_000), ("1TB", 1_000_000_000_000), ("9223372036854775807", Int.max),
  ]

  @Test(arguments: sizes)
  func `sizes are read as GNU's tools read them`(text: String, byteCount: Int) {
    #expect(ByteSize.parse(text) == byteCount)
  }

  @Test(
    arguments: [
      "", "K", "-1", "+1", "1.5M", "1 M", " 1", "1m", "1X", "1Kib", "0x10", "1MM", "१", "²",
      "9223372036854775808", "99999999999999999999", "8388608T", "9007199254740992K",
    ])
  func `what is no size, or too large for one, is refused`(text: String) {
    #expect(ByteSize.parse(text) == nil)
  }

  private static let written: [(Int64, String)] = [
    (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
    ((1 << 20) - 1, "1.0 MiB"), (1 << 20, "1.0 MiB"), (1_047_552, "1023.0 KiB"), (3 << 30, "3.0 GiB"),
    (5 << 40, "5.0 TiB"), (1 << 50, "1.0 PiB"), (1 << 60, "1.0 EiB"), (Int64.max, "8.0 EiB"),
  ]

  @Test(arguments: written)
  func `sizes are written with one digit behind the point`(byteCount: Int64, text: String) {
    #expect(ByteSize.format(byteCount) == text)
  }

  private static let decimals: [(Double, Int, String)] = [
    (1.25, 2, "1.25"), (1.2, 2, "1.20"), (0.05, 1, "0.1"), (-1.5, 1, "-1.5"), (-0.01, 1, "0.0"),
    (2.0, 0, "2"), (9.99, 1, "10.0"), (.infinity, 1, "-"), (.nan, 1, "-"),
  ]

  @Test(arguments: decimals)
  func `numbers have a fixed count of digits behind the point`(value: Double, digits: Int, text: String) {
    #expect(ByteSize.decimal(value, digits: digits) == text)
  }
}
