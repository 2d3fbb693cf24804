/// Rows under headings, in columns as wide as their widest cell.
struct TextTable {
  enum Alignment { case left, right }

  var columns: [(heading: String, alignment: Alignment)]
  var rows: [[String]] = []

  var lines: [String] {
    let all = [columns.map(\.heading)] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.indices.map { column in
        Self.padded(row[column], to: widths[column], columns[column].alignment)
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  static func padded(_ text: String, to width: Int, _ alignment: Alignment) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return alignment == .left ? text + blanks : blanks + text
  }
}

/// A length drawn with characters: eighths of a block where the terminal has them.
enum Bar {
  /// - Parameter part: of the whole width, 0 to 1; what is not 0 is never drawn as nothing.
  static func text(_ part: Double, width: Int, unicode: Bool) -> String {
    let clamped = part.isFinite ? min(max(part, 0), 1) : 0
    guard unicode else {
      return String(repeating: "#", count: max(clamped > 0 ? 1 : 0, Int((clamped * Double(width)).rounded())))
    }
    let eighths = max(clamped > 0 ? 1 : 0, Int((clamped * Double(width * 8)).rounded()))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
  }
}
