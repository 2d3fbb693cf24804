import UringIO

/// Charts of rows: a name, a track with marks on it, and the figure. Made of boxes, not of a picture, so that the text
/// keeps its size on a small screen.
enum Charts {
  struct Mark {
    enum Shape: String { case bar, range, dot, one, tick }
    var shape: Shape
    /// Parts of the track, 0 to 1.
    var from: Double
    var to: Double
    var isBase = false
    var isSmall = false

    var html: String {
      let name = shape.rawValue + (isBase ? " base" : "") + (isSmall ? " small" : "")
      let style =
        switch shape {
        case .bar: "width:\(HTML.percent(to))"
        case .range: "left:\(HTML.percent(from));width:\(HTML.percent(to - from))"
        case .dot, .one, .tick: "left:\(HTML.percent(from))"
        }
      return "<span class=\"\(name)\" style=\"\(style)\"></span>"
    }
  }

  struct Row {
    var name: String
    var marks: [Mark]
    var value: String
  }

  /// The rows are read out by their text; the tracks say nothing that it, or what is `below`, does not.
  static func figure(_ caption: String, _ rows: [Row], below: String = "") -> String {
    var text = "<figure>\n<figcaption>\(HTML.escaped(caption))</figcaption>\n"
    for row in rows {
      text += """
        <div class="row"><span>\(HTML.escaped(row.name))</span>\
        <span class="track" aria-hidden="true">\(row.marks.map(\.html).joined())</span>\
        <span class="value">\(HTML.escaped(row.value))</span></div>

        """
    }
    return text + below + "</figure>\n"
  }

  // MARK: What is shown

  /// How many times as fast as the baseline, and between which bounds; the line is the baseline.
  static func ratios(_ result: ComparisonResult, _ time: ComparisonResult.Time) -> String? {
    let ratios = result.rows.compactMap { row in row.ratio(time).map { (row.name, $0) } }
    guard ratios.count > 1 else { return nil }
    let longest =
      ratios.map { max($0.1.estimate, min($0.1.bounds?.upperBound ?? 0, 4 * $0.1.estimate), 1) }.max()! * 1.05
    let rows = ratios.map { name, ratio in
      let isBase = name == result.baseline
      var marks = [Mark(shape: .one, from: 1 / longest, to: 0)]
      if let bounds = ratio.bounds, !isBase {
        marks.append(
          Mark(shape: .range, from: bounds.lowerBound / longest, to: min(bounds.upperBound / longest, 1)))
      }
      marks.append(Mark(shape: .dot, from: ratio.estimate / longest, to: 0, isBase: isBase))
      let estimate = ByteSize.decimal(ratio.estimate, digits: 2)
      let verdict = isBase ? "" : ratio.bounds == nil ? "" : ratio.isClear ? "" : ", no difference"
      return Row(
        name: name, marks: marks,
        value: isBase ? "1 (baseline)" : "\(estimate) (\(ratio.boundsText))\(verdict)")
    }
    return figure("Times as fast as \(result.baseline) \(time.text): farther to the right is faster", rows)
  }

  /// Each round's time: where they scatter the machine was busy.
  static func rounds(_ result: ComparisonResult) -> String {
    let longest = result.rows.map(\.toReturn.max).max()! * 1.02
    let rows = result.rows.map { row in
      Row(
        name: row.name,
        marks: row.record.samples.map {
          Mark(
            shape: .dot, from: $0.toReturnSeconds / longest, to: 0, isBase: row.name == result.baseline,
            isSmall: true)
        },
        value: PageText.seconds(row.toReturn.median))
    }
    return figure("Seconds to return of each round, and their median: farther to the left is faster", rows)
  }

  static func processor(_ result: ComparisonResult, _ amount: WorkAmount) -> String {
    let (divisor, unit) =
      amount.unit == "GB" ? (amount.count, "GB") : (amount.count / 1000, "1000 \(amount.unit)")
    let costs = result.rows.map { $0.cpu.median / divisor }
    let longest = max(costs.max() ?? 0, .leastNormalMagnitude)
    let rows = zip(result.rows, costs).map { row, cost in
      Row(
        name: row.name,
        marks: [Mark(shape: .bar, from: 0, to: cost / longest, isBase: row.name == result.baseline)],
        value: PageText.seconds(cost))
    }
    return figure("CPU seconds for \(unit), user and system: shorter is cheaper", rows)
  }
}
