import SystemPackage
import Testing

@testable import UringIO

@Suite struct PathBytesTests {
  private func path(_ text: String) -> PathBytes { PathBytes(Array(text.utf8)) }

  @Test(
    arguments: [
      ("a", "a"), ("a/b", "b"), ("/a/b", "b"), ("a/b/", "b"), ("a/b///", "b"), ("/a", "a"), ("/", "/"),
      ("///", "/"), ("a//b", "b"), ("./..", ".."), ("", ""), ("a/", "a"),
    ])
  func `the last component is found behind trailing slashes`(text: String, last: String) {
    #expect(path(text).lastComponent == path(last))
  }

  @Test func `slashes are kept as they are`() {
    #expect(path("a//b/").bytes == Array("a//b/".utf8))
    #expect(path("a//b/").text == "a//b/")
  }

  @Test func `a component is appended with one slash`() {
    #expect(path("a").appending(path("b")) == path("a/b"))
    #expect(path("a/").appending(path("b")) == path("a/b"))
    #expect(path("/").appending(path("b")) == path("/b"))
  }

  @Test func `names that are no UTF-8 keep their bytes and are shown escaped`() {
    let path = PathBytes([0x61, 0xff, 0x0a, 0x62])
    #expect(path.text == nil)
    #expect(path.displayed == "a\\xff\\x0ab")
    let terminated = path.withCString { pointer in (0..<5).map { UInt8(bitPattern: pointer[$0]) } }
    #expect(terminated == path.bytes + [0])
  }

  @Test(arguments: ["a\nb", "\u{1b}[31m", "tab\t", "\u{7f}", "\u{85}", "cr\r"])
  func `control characters are shown escaped, on one line`(text: String) {
    let shown = path(text).displayed
    #expect(shown.contains("\\x"))
    #expect(shown.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
  }

  @Test(arguments: ["plain", "with space", "é漢🇫🇷", "back\\slash"])
  func `ordinary names are shown as they are`(text: String) {
    #expect(path(text).displayed == text)
  }

  @Test func `a file path gives its bytes`() {
    #expect(PathBytes(FilePath("/a/é")) == path("/a/é"))
  }

  @Test func `a zero byte traps`() async {
    await #expect(processExitsWith: .failure) { _ = PathBytes([0x61, 0]) }
  }
}
