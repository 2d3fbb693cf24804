import Testing
import UringIO

@testable import uringtool

@Suite struct CompareArgumentTests {
  @Test func `engines have settings, and the same one may be there twice`() throws {
    let list = try #require(
      EngineList(argument: "uring:depth=32,workers=1,threads,threads,auto:cache=bypass"))
    #expect(
      list.specs.map(\.name) == ["uring:depth=32,workers=1", "threads", "threads", "auto:cache=bypass"])
    #expect(list.specs[0].options == ["--engine=uring", "--depth=32", "--workers=1"])
    #expect(
      EngineSpec(argument: "uring:chunk-size=1MiB")?.options == ["--engine=uring", "--chunk-size=1048576"])
  }

  @Test(arguments: [
    "", "none", "uring,", "uring:", "uring:depth", "uring:depth=", "uring:depth=0", "uring:depth=4097",
    "threads:workers=257", "uring:speed=9", "uring:depth=1,depth=2", "depth=2", "uring:cache=warm",
    "uring:chunk-size=1", "uring::depth=1",
  ])
  func `what is no engine or no value of a setting is refused`(text: String) {
    #expect(EngineList(argument: text) == nil)
  }

  @Test func `a command is split as a shell would`() {
    #expect(ShellWords.split("cp -r {source}  {destination}") == ["cp", "-r", "{source}", "{destination}"])
    #expect(
      ShellWords.split("sh -c 'a \"b\" c' \"d 'e' \\\"f\" g\\ h ''") == [
        "sh", "-c", "a \"b\" c", "d 'e' \"f", "g h", "",
      ])
    #expect(ShellWords.split("\"a\\b\" '\\'") == ["a\\b", "\\"])
    #expect(ShellWords.split(" \t\n") == [])
    for broken in ["'a", "\"a", "a\\"] { #expect(ShellWords.split(broken) == nil) }
    for word in ["plain", "", "a b", "it's", "$HOME", "{source}", "a\"b", "--x=1"] {
      #expect(ShellWords.split(ShellWords.quoted(word)) == [word])
    }
  }

  @Test func `words in braces are replaced once, whatever they stand for`() {
    let contestant = Contestant(
      name: "x", origin: .outside,
      template: ["x", "{source}/", "a{destination}b{destination}", "{other}", "{", "{source"].map(
        PathBytes.init))
    let arguments = contestant.arguments([
      "source": PathBytes("{destination}"), "destination": PathBytes("/d"),
    ])
    #expect(arguments.map(\.displayed) == ["x", "{destination}/", "a/db/d", "{other}", "{", "{source"])
  }

  @Test func `members are read from a report`() {
    let line = Array(#"{"type":"load","files":12,"reason":"a \"b\"","bytes":345}"#.utf8)
    #expect(
      ReportedMember.integer("files", in: line) == 12 && ReportedMember.integer("bytes", in: line) == 345)
    #expect(ReportedMember.string("reason", in: line) == #"a "b""#)
    #expect(
      ReportedMember.string("files", in: line) == nil && ReportedMember.integer("type", in: line) == nil)
    #expect(ReportedMember.integer("seconds", in: line) == nil && ReportedMember.string("x", in: []) == nil)
  }
}
