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
  static func section(_ id: String, _ heading: String, _ content: String) -> String {
    """
    <section aria-labelledby="\(id)">
    <h2 id="\(id)">\(escaped(heading))</h2>
    \(content)
    </section>

    """
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

  /// A length as a part of a whole, for a style.
  static func percent(_ part: Double) -> String {
    "\(ByteSize.decimal(min(max(part, 0), 1) * 100, digits: 2))%"
  }
}
