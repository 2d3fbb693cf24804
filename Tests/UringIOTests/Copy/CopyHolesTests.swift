import CTestSupport
import SystemPackage
import Testing

@testable import UringIO

/// Files with holes.
@Suite struct CopyHolesTests {
  /// A file of 9 MiB with three islands of data, the last of which is not aligned.
  private func makeSparse(_ scratch: Scratch) throws {
    try scratch.write("source", [])
    scratch.resize("source", to: 9 << 20)
    try scratch.fill("source", 65_536..<131_072)
    try scratch.fill("source", (3 << 20)..<(5 << 20) + 10)
    try scratch.fill("source", (7 << 20) + 1..<(7 << 20) + 5)
  }

  private func dataByteCount(_ scratch: Scratch, _ name: String) -> Int64 {
    var ranges = [dataRange](repeating: dataRange(), count: 64)
    let count = fileDataRanges(scratch.path(name), &ranges, ranges.count)
    return ranges[..<Int(max(count, 0))].reduce(0) { $0 + $1.end - $1.start }
  }

  @Test(arguments: CopySetting.all)
  func `holes stay holes and the data is copied`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try makeSparse(scratch)
      let report = try copy(in: scratch, setting.engine, setting.options)
      #expect(try scratch.firstDifference("source", "destination") == nil)
      #expect(dataByteCount(scratch, "destination") == dataByteCount(scratch, "source"))
      #expect(report.byteCount + report.holeByteCount == report.size)
      #expect(report.size == 9 << 20)
      #expect(report.byteCount == dataByteCount(scratch, "source"))
    }
  }

  @Test(arguments: CopySetting.all)
  func `a file that is one hole is copied without a transfer`(_ setting: CopySetting) throws {
    try withScratch { scratch in
      try scratch.write("source", [])
      scratch.resize("source", to: 1 << 40)
      let report = try copy(in: scratch, setting.engine, setting.options)
      #expect(try scratch.size("destination") == 1 << 40)
      #expect(try scratch.status("destination").st_blocks == 0)
      #expect(report.byteCount == 0)
      #expect(report.holeByteCount == 1 << 40)
      #expect(report.operations[.read] == 0)
      #expect(report.operations[.write] == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a hole at the end keeps its length, aligned or not`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      for size in [(2 << 20) + 1, 3 << 20] {
        try scratch.makePattern("source", size: 10)
        scratch.resize("source", to: size)
        try copy(in: scratch, kind, to: "to-\(size)")
        #expect(try scratch.firstDifference("source", "to-\(size)") == nil)
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `holes over an existing destination's data read as zeros`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSparse(scratch)
      try scratch.makePattern("destination", size: 10 << 20, seed: 5)
      try copy(in: scratch, kind)
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }
}
