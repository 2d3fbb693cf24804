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

  @Test func `how long operations took is read from a report`() {
    let line = Array(
      #"{"type":"copy","latencyNanoseconds":{"read":{"count":12,"p50":1,"p90":2,"p99":3,"p999":4,"max":5},"createFile":{"count":1,"p50":6,"p90":6,"p99":6,"p999":6,"max":7}},"error":null}"#
        .utf8)
    let latencies = OperationLatency.all(in: line)
    #expect(latencies?.map(\.kind) == ["read", "createFile"])
    #expect(latencies?[0].count == 12 && latencies?[0].percentile99 == 3 && latencies?[1].maximum == 7)
    #expect(
      latencies?[0].json.text == #"{"count":12,"p50":1,"p90":2,"p99":3,"p999":4,"max":5}"#)
    #expect(OperationLatency.all(in: Array(#"{"latencyNanoseconds":{}}"#.utf8)) == [])
    // One that is missing, or was cut off anywhere, is none.
    #expect(OperationLatency.all(in: Array(#"{"type":"copy"}"#.utf8)) == nil)
    let end = line.count - #"},"error":null}"#.utf8.count
    for count in 0..<end { #expect(OperationLatency.all(in: Array(line[..<count])) == nil) }
    for broken in [
      #"{"read":1}"#, #"{"":{}}"#, #"{"read":{"count":1,"p50":2}}"#, #"[]"#, #"null"#, #"{"read":{"#,
    ] {
      #expect(OperationLatency.all(in: Array("{\"latencyNanoseconds\":\(broken)}".utf8)) == nil, "\(broken)")
    }
  }

  @Test(arguments: [
    (1, 10_000, 10_000), (4096, 10_000, 10_000), (65_536, 10_000, 4096), (1 << 20, 10_000, 256),
    (1 << 20, 5, 5), (256 << 20, 10_000, 1), (1 << 40, 10_000, 1),
  ])
  func `of larger sizes there are fewer files`(size: Int, atMost: Int, count: Int) {
    #expect(GeneratedFiles.fileCount(ofSize: size, atMost: atMost) == count)
  }

  @Test func `what no disk has room for can be reckoned with`() {
    let files = GeneratedFiles(kind: .small, fileCount: 10_000_000, fileByteCount: 1 << 40)
    #expect(files.byteCount == .max / 4)
    #expect(GeneratedFiles(kind: .large, fileCount: 1, fileByteCount: 1).byteCount == 4096)
  }

  @Test func `rates and times have the digits that mean something`() {
    for (rate, text) in [
      (0.4, "0 B/s"), (999, "999 B/s"), (999.6, "1.00 kB/s"), (12_345, "12.3 kB/s"), (999_600, "1.00 MB/s"),
      (9.996e6, "10.0 MB/s"), (512e6, "512 MB/s"), (2.345e9, "2.35 GB/s"), (1.5e12, "1500 GB/s"),
    ] { #expect(ByteRate.text(rate) == text) }
    for (count, text) in [
      (0, "0 ns"), (999, "999 ns"), (1000, "1.0 µs"), (9940, "9.9 µs"), (9960, "10 µs"), (999_400, "999 µs"),
      (999_600, "1.0 ms"), (123_000_000, "123 ms"), (3_600_000_000_000, "3600 s"),
    ] as [(Int64, String)] { #expect(PageText.nanoseconds(count) == text) }
  }
}
