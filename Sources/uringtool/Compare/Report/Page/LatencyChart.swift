import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How long operations take, a chart for each kind, all on one logarithmic scale of time.
struct LatencyChart {
  private let contestants: [(name: String, isBase: Bool, latencies: [OperationLatency])]
  /// The scale's ends: powers of ten, in nanoseconds.
  private let decades: ClosedRange<Int>

  /// - Returns: `nil` where nobody measured any.
  init?(_ result: ComparisonResult) {
    contestants = result.rows.compactMap { row in
      guard let latencies = row.record.latencies, !latencies.isEmpty else { return nil }
      return (row.name, row.name == result.baseline, latencies)
    }
    let all = contestants.flatMap(\.latencies)
    guard let least = all.map(\.median).min(), let most = all.map(\.percentile999).max() else { return nil }
    let first = Int(Self.decade(least).rounded(.down))
    decades = first...max(first + 1, Int(Self.decade(most).rounded(.up)))
  }

  private static func decade(_ nanoseconds: Int64) -> Double { log10(Double(max(nanoseconds, 1))) }

  /// On the scale, 0 to 1.
  private func place(_ nanoseconds: Int64) -> Double { place(Self.decade(nanoseconds)) }

  private func place(_ decade: Double) -> Double {
    (decade - Double(decades.lowerBound)) / Double(decades.count - 1)
  }

  /// - Parameter suffix: what stands behind the name of each table.
  func html(_ suffix: String) -> String {
    let how = HTML.paragraph(
      "Measured in one run more of each of our engines, after the rounds and not counted among them: all of a "
        + "worker's first 4096 operations, then one in sixteen. On a ring from being put on it to the answer, waiting "
        + "behind others included; elsewhere the call. The large dot is the median; within the small ones' times were "
        + "90, 99 and 99.9 % of them. The scale is logarithmic, the same for all; farther to the left is faster.",
      class: "quiet")
    // In the library's order, whoever used them.
    let kinds = Operation.Kind.allCases.map(\.name).filter { kind in
      contestants.contains { $0.latencies.contains { $0.kind == kind } }
    }
    return how + kinds.map { figure($0, suffix) }.joined()
  }

  private func figure(_ kind: String, _ suffix: String) -> String {
    let entries = contestants.compactMap { contestant in
      contestant.latencies.first { $0.kind == kind }.map { (contestant.name, contestant.isBase, $0) }
    }
    let rows = entries.map { name, isBase, latency in
      Charts.Row(
        name: name, marks: marks(latency, isBase: isBase),
        value: "\(PageText.nanoseconds(latency.median)), 99 %: \(PageText.nanoseconds(latency.percentile99))")
    }
    let figures = HTML.figures(
      "How long \(kind) takes\(suffix)",
      ["contestant", "measured", "median", "90 %", "99 %", "99.9 %", "slowest"],
      entries.map { name, _, latency in
        [name, "\(latency.count)"]
          + [
            latency.median, latency.percentile90, latency.percentile99, latency.percentile999,
            latency.maximum,
          ].map(PageText.nanoseconds)
      })
    return Charts.figure(kind, rows, below: scale + figures)
  }

  private func marks(_ latency: OperationLatency, isBase: Bool) -> [Charts.Mark] {
    let (from, to) = (place(latency.median), place(latency.percentile999))
    var marks = inner.map { Charts.Mark(shape: .tick, from: place(Double($0)), to: 0) }
    marks.append(Charts.Mark(shape: .range, from: from, to: to, isBase: isBase))
    for each in [latency.percentile90, latency.percentile99, latency.percentile999] {
      marks.append(Charts.Mark(shape: .dot, from: place(each), to: 0, isBase: isBase, isSmall: true))
    }
    return marks + [Charts.Mark(shape: .dot, from: from, to: 0, isBase: isBase)]
  }

  /// The powers of ten between the ends.
  private var inner: [Int] { Array(decades.dropFirst().dropLast()) }

  /// The times below the tracks: the ends, and of the others as many as a phone has room for.
  private var scale: String {
    let step = (decades.count + 4) / 5
    let last = decades.upperBound
    let shown = decades.filter { ($0 - decades.lowerBound) % step == 0 && last - $0 >= step } + [last]
    let labels = shown.map { decade in
      let edge = decade == decades.lowerBound ? " first" : decade == last ? " last" : ""
      let text = PageText.nanoseconds((0..<decade).reduce(1) { power, _ in power * 10 })
        .replacing(".0 ", with: " ")
      return "<span class=\"at\(edge)\" style=\"left:\(HTML.percent(place(Double(decade))))\">\(text)</span>"
    }
    return
      "<div class=\"row scale\" aria-hidden=\"true\"><span></span><span class=\"track\">\(labels.joined())"
      + "</span><span></span></div>\n"
  }
}
