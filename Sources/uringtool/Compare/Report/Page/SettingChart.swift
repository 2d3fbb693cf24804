import UringIO

/// The rate over one setting of one engine, where contestants differ in nothing else.
struct SettingChart {
  let engine: String
  let key: EngineSpec.Key
  /// Of the setting and the rate; in the setting's order.
  let points: [(value: String, rate: Double)]
  let unit: String

  /// - Returns: a chart for each engine and setting of which there are at least two values.
  static func all(_ result: ComparisonResult, _ amount: WorkAmount) -> [SettingChart] {
    var groups: [(id: String, engine: String, key: EngineSpec.Key, points: [(Double, String, Double)])] = []
    for row in result.rows {
      guard let spec = EngineSpec(argument: row.name) else { continue }
      for setting in spec.settings {
        var others = spec
        others.settings.removeAll { $0.key == setting.key }
        let id = others.name + " " + setting.key.rawValue
        let number = Double(ByteSize.parse(setting.value) ?? 0)
        if let index = groups.firstIndex(where: { $0.id == id }) {
          groups[index].points.append((number, setting.value, row.rate))
        } else {
          groups.append((id, others.name, setting.key, [(number, setting.value, row.rate)]))
        }
      }
    }
    return groups.filter { $0.points.count > 1 }.map { group in
      SettingChart(
        engine: group.engine, key: group.key,
        points: group.points.sorted { $0.0 < $1.0 }.map { ($0.1, $0.2) }, unit: amount.unit)
    }
  }

  private static let (width, height) = (400.0, 190.0)
  private static let (left, right, top, bottom) = (12.0, 388.0, 28.0, 150.0)

  var html: String {
    let highest = max(points.map(\.rate).max() ?? 0, .leastNormalMagnitude)
    let places = points.indices.map { index in
      (
        x: Self.left + 24 + (Self.right - Self.left - 48) * Double(index) / Double(points.count - 1),
        y: Self.bottom - (Self.bottom - Self.top) * points[index].rate / highest
      )
    }
    func number(_ value: Double) -> String { ByteSize.decimal(value, digits: 1) }
    let title = "\(engine): \(unit)/s over \(key.rawValue)"
    var text = """
      <figure><figcaption>\(HTML.escaped(title))</figcaption>
      <svg viewBox="0 0 \(number(Self.width)) \(number(Self.height))" role="img" aria-label="\(HTML.escaped(summary))">
      <line class="axis" x1="\(number(Self.left))" y1="\(number(Self.bottom))" x2="\(number(Self.right))" \
      y2="\(number(Self.bottom))"/>
      <polyline class="curve" stroke="var(--mark)" points="\
      \(places.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " "))"/>

      """
    for (point, place) in zip(points, places) {
      text += """
        <circle cx="\(number(place.x))" cy="\(number(place.y))" r="4" fill="var(--mark)"/>
        <text x="\(number(place.x))" y="\(number(place.y - 9))" text-anchor="middle">\(rate(point.rate))</text>
        <text x="\(number(place.x))" y="\(number(Self.bottom + 18))" text-anchor="middle">\
        \(HTML.escaped(point.value))</text>

        """
    }
    text += """
      <text x="\(number(Self.width / 2))" y="\(number(Self.height - 6))" text-anchor="middle">\(key.rawValue)</text>
      </svg></figure>

      """
    return text
  }

  private func rate(_ value: Double) -> String { ByteSize.decimal(value, digits: unit == "GB" ? 2 : 0) }

  /// For who does not see it.
  private var summary: String {
    "\(engine), \(unit) per second: "
      + points.map { "\(rate($0.rate)) at \(key.rawValue) \($0.value)" }.joined(separator: ", ")
  }
}
