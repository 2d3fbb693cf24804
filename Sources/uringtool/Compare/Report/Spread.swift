import UringIO

/// Several values of one thing: the middle and the ends.
struct Spread {
  var median: Double
  var min: Double
  var max: Double

  /// - Precondition: there are values.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    min = sorted.first!
    max = sorted.last!
  }

  func text(digits: Int) -> (median: String, range: String) {
    (
      ByteSize.decimal(median, digits: digits),
      "\(ByteSize.decimal(min, digits: digits))-\(ByteSize.decimal(max, digits: digits))"
    )
  }

  var json: JSON { .object([("median", .number(median)), ("min", .number(min)), ("max", .number(max))]) }
}
