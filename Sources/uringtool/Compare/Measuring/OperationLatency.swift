import UringIO

/// How long a contestant's operations of one kind took, as its report says.
struct OperationLatency: Equatable {
  /// As the reports name it: "read", "createFile".
  var kind: String
  /// Those that were measured.
  var count: Int64
  /// Nanoseconds: so long at most took a half, nine of ten, 99 and 999 of a thousand of them.
  var median: Int64
  var percentile90: Int64
  var percentile99: Int64
  var percentile999: Int64
  /// The slowest, in nanoseconds.
  var maximum: Int64

  /// What is told of each kind by the JSON line that our programs print.
  ///
  /// - Returns: `nil` where the line has no such member, or one that makes no sense.
  static func all(in line: [UInt8]) -> [OperationLatency]? {
    guard var rest = ReportedMember.value("latencyNanoseconds", in: line),
      rest.popFirst() == UInt8(ascii: "{")
    else { return nil }
    var latencies: [OperationLatency] = []
    while rest.first != UInt8(ascii: "}") {
      // A kind's name is made of letters, and its object has numbers only.
      guard let end = rest.firstIndex(of: UInt8(ascii: "}")), let latency = OperationLatency(rest[...end])
      else { return nil }
      latencies.append(latency)
      rest = rest[(end + 1)...]
      if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
    }
    return latencies
  }

  /// Of `"read":{"count":12,…}`.
  private init?(_ text: ArraySlice<UInt8>) {
    let member = Array(text)
    func number(_ name: String) -> Int64? { ReportedMember.integer(name, in: member) }
    let name = member.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
    guard member.first == UInt8(ascii: "\""), !name.isEmpty, let count = number("count"),
      let median = number("p50"), let percentile90 = number("p90"), let percentile99 = number("p99"),
      let percentile999 = number("p999"), let maximum = number("max")
    else { return nil }
    kind = String(decoding: name, as: UTF8.self)
    self.count = count
    self.median = median
    self.percentile90 = percentile90
    self.percentile99 = percentile99
    self.percentile999 = percentile999
    self.maximum = maximum
  }

  /// As our programs print it.
  var json: JSON {
    .object([
      ("count", .integer(count)), ("p50", .integer(median)), ("p90", .integer(percentile90)),
      ("p99", .integer(percentile99)), ("p999", .integer(percentile999)), ("max", .integer(maximum)),
    ])
  }
}
