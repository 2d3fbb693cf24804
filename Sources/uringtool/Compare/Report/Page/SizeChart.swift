import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The rate to return over the size of the files, both on logarithmic scales: a line for each contestant, with a
/// point at each median.
struct SizeChart {
  private struct Line {
    var name: String
    /// One for each of ``sizes``, in bytes per second; `nil` where the contestant did not come through.
    var rates: [Spread?]
  }

  /// In bytes, the smallest first, with their texts.
  private let sizes: [(byteCount: Int, text: String)]
  private let lines: [Line]
  /// The marks of the scale of rates: 1, 2 and 5 times powers of ten, or those alone; the ends are marks.
  private let ticks: [Double]

  /// - Returns: `nil` unless there are two sizes with figures.
  init?(_ reports: ComparisonReports) {
    let order = reports.reports.indices.filter { !reports.reports[$0].result.rows.isEmpty }
      .sorted { reports.reports[$0].files!.fileByteCount < reports.reports[$1].files!.fileByteCount }
    guard order.count > 1 else { return nil }
    sizes = order.map { index in
      let files = reports.reports[index].files!
      return (files.fileByteCount, files.sizeText)
    }
    lines = reports.names.map { name in
      let rates = reports.rates(of: name)
      return Line(name: name, rates: order.map { rates[$0] })
    }
    let medians = lines.flatMap(\.rates).compactMap { $0?.median }
    guard let least = medians.min(), let most = medians.max(), least > 0 else { return nil }
    ticks = Self.ticks(least...most)
  }

  /// The greatest mark below the range, those in it, and the least above.
  private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let first = log10(range.lowerBound).rounded(.down)
    let last = log10(range.upperBound).rounded(.up)
    let factors = last - first > 2 ? [1.0] : [1, 2, 5]
    let all = stride(from: first, through: last, by: 1).flatMap { decade in
      factors.map { $0 * pow(10, decade) }
    }
    let lower = all.last { $0 <= range.lowerBound } ?? all[0]
    let upper = all.first { $0 >= range.upperBound && $0 > lower } ?? 10 * all.last!
    return all.filter { $0 >= lower && $0 < upper } + [upper]
  }

  // MARK: The picture

  private static let width = 400.0
  private static let (left, right, top, bottom) = (66.0, 376.0, 12.0, 206.0)
  /// The room of a size's text.
  private static let labelWidth = 54.0
  /// Styles of lines; with more contestants the dashes change.
  private static let styleCount = 6
  private static let dashes = ["none", "7 4", "2 4"]

  private func x(_ index: Int) -> Double {
    let (least, most) = (log(Double(sizes[0].byteCount)), log(Double(sizes.last!.byteCount)))
    let part = (log(Double(sizes[index].byteCount)) - least) / (most - least)
    return Self.left + 16 + (Self.right - Self.left - 32) * part
  }

  /// Where the sizes are written: in two rows where neighbours have no room in one, 0 the upper; `nil` where there is
  /// none in either, and the size is in the figures alone.
  private var labelRows: [Int?] {
    var ends = [-Double.infinity, -Double.infinity]
    return sizes.indices.map { index in
      let x = x(index)
      guard let row = ends.firstIndex(where: { $0 <= x - Self.labelWidth / 2 }) else { return nil }
      ends[row] = x + Self.labelWidth / 2
      return row
    }
  }

  private var height: Double { Self.bottom + (labelRows.contains(1) ? 56 : 42) }

  private func y(_ rate: Double) -> Double {
    let part = log(rate / ticks[0]) / log(ticks.last! / ticks[0])
    return Self.bottom - (Self.bottom - Self.top) * part
  }

  private static func number(_ value: Double) -> String { ByteSize.decimal(value, digits: 1) }

  var html: String {
    """
    <figure><figcaption>Bytes per second to return over the size of each file, both scales logarithmic: higher is \
    faster</figcaption>
    <svg viewBox="0 0 \(Self.number(Self.width)) \(Self.number(height))" role="img" \
    aria-label="\(HTML.escaped(summary))">
    \(axes)\(lines.indices.map(curve).joined())</svg>
    <ul class="legend">
    \(lines.indices.map(legend).joined())</ul>
    \(figures)</figure>

    """
  }

  private var axes: String {
    var text = ""
    for tick in ticks {
      let y = Self.number(y(tick))
      let kind = tick == ticks[0] ? "axis" : "grid"
      text += """
        <line class="\(kind)" x1="\(Self.number(Self.left))" y1="\(y)" x2="\(Self.number(Self.right))" y2="\(y)"/>
        <text x="\(Self.number(Self.left - 6))" y="\(Self.number(self.y(tick) + 4))" text-anchor="end">\
        \(Self.tickText(tick))</text>

        """
    }
    for (index, row) in zip(sizes.indices, labelRows) {
      let x = x(index)
      text += """
        <line class="axis" x1="\(Self.number(x))" y1="\(Self.number(Self.bottom))" x2="\(Self.number(x))" \
        y2="\(Self.number(Self.bottom + 4))"/>

        """
      guard let row else { continue }
      text += """
        <text x="\(Self.number(x))" y="\(Self.number(Self.bottom + 17 + 14 * Double(row)))" text-anchor="middle">\
        \(HTML.escaped(sizes[index].text))</text>

        """
    }
    return text + """
      <text x="\(Self.number((Self.left + Self.right) / 2))" y="\(Self.number(height - 6))" \
      text-anchor="middle">size of each file</text>

      """
  }

  /// "500 MB/s": a mark has one digit that is not 0.
  private static func tickText(_ rate: Double) -> String {
    ByteRate.text(rate).replacing(".00 ", with: " ").replacing(".0 ", with: " ")
  }

  private func curve(_ line: Int) -> String {
    var path = ""
    var isDrawing = false
    var markers = ""
    for (index, rate) in lines[line].rates.enumerated() {
      // Where there is no figure the line has a gap.
      guard let rate else {
        isDrawing = false
        continue
      }
      path += "\(isDrawing ? "L" : "M")\(Self.number(x(index))) \(Self.number(y(rate.median)))"
      isDrawing = true
      markers += Self.marker(line, x(index), y(rate.median))
    }
    return """
      <path class="curve" d="\(path)" stroke="\(Self.color(line))" stroke-dasharray="\(Self.dash(line))"/>
      \(markers)

      """
  }

  private static func color(_ line: Int) -> String { "var(--series-\(line % styleCount))" }
  private static func dash(_ line: Int) -> String { dashes[line / styleCount % dashes.count] }

  /// Lines differ by the shape of their points too, for who cannot tell the colours.
  private static func marker(_ line: Int, _ x: Double, _ y: Double) -> String {
    func polygon(_ points: [(Double, Double)]) -> String {
      let text = points.map { "\(number(x + $0.0)),\(number(y + $0.1))" }.joined(separator: " ")
      return "<polygon points=\"\(text)\" fill=\"\(color(line))\"/>"
    }
    return switch line % styleCount {
    case 0: "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"4.5\" fill=\"\(color(line))\"/>"
    case 1: polygon([(-4, -4), (4, -4), (4, 4), (-4, 4)])
    case 2: polygon([(0, -5.5), (5, 4), (-5, 4)])
    case 3: polygon([(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)])
    case 4: polygon([(0, 5.5), (5, -4), (-5, -4)])
    default: polygon([(-6, -2), (6, -2), (6, 2), (-6, 2)])
    }
  }

  private func legend(_ line: Int) -> String {
    """
    <li><svg viewBox="0 0 33 12" aria-hidden="true"><path class="curve" d="M1 6L32 6" stroke="\(Self.color(line))" \
    stroke-dasharray="\(Self.dash(line))"/>\(Self.marker(line, 16.5, 6))</svg>\(HTML.escaped(lines[line].name))</li>

    """
  }

  // MARK: The figures

  private var figures: String {
    HTML.figures(
      "Bytes per second to return: the median, and in brackets the least and the greatest",
      ["contestant"] + sizes.map(\.text),
      lines.map { line in
        [line.name]
          + line.rates.map { $0.map(ByteRate.text) ?? "did not come through" }
      })
  }

  /// For who does not see it.
  private var summary: String {
    "Bytes per second to return over the size of each file. "
      + lines.map { line in
        "\(line.name): "
          + zip(line.rates, sizes).compactMap { rate, size in
            rate.map { "\(ByteRate.text($0.median)) at \(size.text)" }
          }.joined(separator: ", ")
      }.joined(separator: ". ")
  }
}
