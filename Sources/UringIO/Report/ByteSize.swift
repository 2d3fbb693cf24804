/// Sizes as people write and read them.
package enum ByteSize {
  /// "4096", "512K", "1MiB", "1MB": bytes. As in GNU's tools K, M, G (and KiB, MiB, GiB) are powers of
  /// 1024, KB, MB, GB powers of 1000. `nil` for what is no size, or too large for one.
  package static func parse(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let factor: Int
    switch text.dropFirst(digits.count) {
    case "", "B": factor = 1
    case "K", "k", "KiB": factor = 1 << 10
    case "M", "MiB": factor = 1 << 20
    case "G", "GiB": factor = 1 << 30
    case "T", "TiB": factor = 1 << 40
    case "KB", "kB": factor = 1_000
    case "MB": factor = 1_000_000
    case "GB": factor = 1_000_000_000
    case "TB": factor = 1_000_000_000_000
    default: return nil
    }
    let (product, overflows) = number.multipliedReportingOverflow(by: factor)
    return overflows ? nil : product
  }

  /// "512 B", "1.5 MiB": three digits or so, powers of 1024.
  package static func format(_ byteCount: Int64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    guard byteCount >= 1024 else { return "\(byteCount) B" }
    var value = Double(byteCount) / 1024
    var unit = 0
    while value >= 1023.95, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(decimal(value, digits: 1)) \(units[unit])"
  }

  /// A number with a fixed count of digits behind the point.
  package static func decimal(_ value: Double, digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard digits > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % Int64(scale))
    return sign + "\(scaled / Int64(scale))." + String(repeating: "0", count: digits - fraction.count)
      + fraction
  }
}
