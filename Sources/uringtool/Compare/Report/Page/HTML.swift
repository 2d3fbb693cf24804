import UringIO

/// Pieces of a page.
enum HTML {
  /// Text as it stands between tags and in attributes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// A part of the page with its heading, which names it for a screen reader.
  ///
  /// - Parameter part: the `id` of the section it is in, where others have parts of the same name.
  static func section(
    _ id: String, _ heading: String, _ content: String, level: Int = 2, in part: String? = nil
  ) -> String {
    """
    <section aria-labelledby="\(id)\(part.map { " " + $0 } ?? "")">
    \(self.heading(heading, level: level, id: id))\(content)
    </section>

    """
  }

  static func heading(_ text: String, level: Int, id: String? = nil) -> String {
    "<h\(level)\(id.map { " id=\"\($0)\"" } ?? "")>\(escaped(text))</h\(level)>\n"
  }

  static func paragraph(_ text: String, class name: String? = nil) -> String {
    "<p\(name.map { " class=\"\($0)\"" } ?? "")>\(escaped(text))</p>\n"
  }

  /// A table whose first column names the rows. It scrolls by itself where the screen is narrow.
  static func table(_ caption: String, _ headings: [String], _ rows: [[String]]) -> String {
    var text = """
      <div class="scroll" role="region" aria-label="\(escaped(caption))" tabindex="0">
      <table><caption>\(escaped(caption))</caption>
      <thead><tr>
      """
    text += headings.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined() + "</tr></thead>\n<tbody>\n"
    for row in rows {
      text += "<tr><th scope=\"row\">\(escaped(row[0]))</th>"
      text += row.dropFirst().map { "<td>\(escaped($0))</td>" }.joined() + "</tr>\n"
    }
    return text + "</tbody></table></div>\n"
  }

  /// What a chart shows, in figures, for who does not see it and who wants to know exactly; shown when asked for.
  static func figures(_ caption: String, _ headings: [String], _ rows: [[String]]) -> String {
    "<details><summary>Figures of this chart</summary>\n\(table(caption, headings, rows))</details>\n"
  }

  /// A length as a part of a whole, for a style.
  static func percent(_ part: Double) -> String {
    "\(ByteSize.decimal(min(max(part, 0), 1) * 100, digits: 2))%"
  }
}
