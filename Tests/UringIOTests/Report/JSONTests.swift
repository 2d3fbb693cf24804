import Foundation
import Testing

@testable import UringIO

@Suite struct JSONTests {
  @Test func `strings are escaped so that any parser reads them back`() throws {
    let control = String(String.UnicodeScalarView((0..<0x80).map { Unicode.Scalar(UInt8($0)) }))
    for text in ["", "plain", "\"\\/", "a\nb\r\t", control, "é 漢 🇫🇷 \u{2028}", "\u{301}\"\u{301}"] {
      let json = JSON.array([.string(text)]).text
      #expect(!json.contains { $0.isNewline && $0 != "\u{2028}" }, "one line")
      let back = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String]
      #expect(back?.first.map { Array($0.utf8) } == Array(text.utf8))
    }
  }

  @Test func `values have JSON's spelling`() {
    #expect(JSON.integer(.min).text == "-9223372036854775808")
    #expect(JSON.number(1.5).text == "1.5")
    #expect(JSON.number(.infinity).text == "null")
    #expect(JSON.number(.nan).text == "null")
    #expect(JSON.boolean(true).text == "true")
    #expect(JSON.boolean(false).text == "false")
    #expect(JSON.null.text == "null")
    #expect(JSON.array([]).text == "[]")
    #expect(JSON.object([]).text == "{}")
    #expect(JSON.string("\u{1}\u{1f}").text == "\"\\u0001\\u001f\"")
  }

  @Test func `members keep their order, names are escaped`() {
    let object = JSON.object([("b", .integer(1)), ("a\"", .array([.null, .string("x")]))])
    #expect(object.text == #"{"b":1,"a\"":[null,"x"]}"#)
  }

  @Test(
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func `base64 is RFC 4648's`(text: String, encoded: String) {
    #expect(JSON.base64(Array(text.utf8)) == encoded)
  }

  @Test func `base64 of any bytes can be read back`() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count * 11 + 200) }
      #expect(Data(base64Encoded: JSON.base64(bytes)).map { [UInt8]($0) } == bytes)
    }
  }

  @Test func `a path is text where it is UTF-8, and otherwise its bytes in base64`() {
    let text = JSON.object([JSON.path("path", PathBytes(Array("/a\n".utf8)))])
    #expect(text.text == #"{"path":"/a\n"}"#)
    let bytes = JSON.object([JSON.path("path", PathBytes([0x2f, 0xff]))])
    #expect(bytes.text == #"{"pathBase64":"L/8="}"#)
  }

  @Test func `a report's members can be read back`() throws {
    var report = CopyReport()
    report.byteCount = 5
    report.strategy = .dontCache
    report.fallbacks = [.init(what: "direct write", reason: "Invalid argument")]
    report.operations.count(.read)
    let data = Data(JSON.object(report.jsonMembers).text.utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["bytes"] as? Int == 5)
    #expect(object["strategy"] as? String == "dontcache")
    #expect((object["operations"] as? [String: Int]) == ["read": 1])
    #expect((object["fallbacks"] as? [[String: String]])?.first?["what"] == "direct write")
  }
}
