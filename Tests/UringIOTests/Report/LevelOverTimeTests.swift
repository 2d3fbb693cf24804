import Testing

@testable import UringIO

@Suite struct LevelOverTimeTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func `the mean is the area over the time`() {
    var level = LevelOverTime()
    let start = 7 * Self.second + 12_345
    level.change(to: 4, at: start)
    level.change(to: 0, at: start + Self.second)
    level.change(to: 2, at: start + 2 * Self.second)
    level.change(to: 0, at: start + 4 * Self.second)
    #expect(abs(level.mean - 2) < 1e-9)
    #expect(abs(level.peak - 4) < 1e-9)
    #expect(level.spans.count <= LevelOverTime.spanCountMax && level.spans.count > 60)
    // Nothing is lost at the spans' borders.
    let area = level.spans.enumerated().reduce(0.0) { sum, span in
      let next =
        span.offset + 1 < level.spans.count ? level.spans[span.offset + 1].start : start + 4 * Self.second
      return sum + span.element.mean * Double(next - span.element.start)
    }
    #expect(abs(area / 8e9 - 1) < 1e-9)
  }

  @Test(arguments: [1, 1000, 1_000_000, 3_600_000_000_000] as [UInt64])
  func `it has at most so many spans, however long`(step: UInt64) {
    var level = LevelOverTime()
    for index in 0..<1000 as Range<UInt64> { level.change(to: Int(index % 3), at: 5 + index * step) }
    #expect(level.spans.count <= LevelOverTime.spanCountMax)
    // 0, 1, 2 again and again: 333 times all three.
    #expect(abs(level.mean - 1) < 1e-9)
    #expect(level.peak <= 2)
  }

  @Test func `those of several threads add up, whatever their spans`() {
    var fine = LevelOverTime()
    fine.add(3, from: 1000, to: 5000)
    var coarse = LevelOverTime()
    coarse.add(1, from: 0, to: 10 * Self.second)
    var early = LevelOverTime()
    early.add(5, from: 4000, to: 6000)
    for order in [[fine, coarse, early], [coarse, early, fine], [early, fine, coarse]] {
      var whole = LevelOverTime()
      for each in order { whole.add(each) }
      whole.add(LevelOverTime())
      #expect(abs(whole.mean * 10e9 - (10e9 + 12_000 + 10_000)) < 1)
      #expect(whole.spans.first?.start == 0)
      #expect(whole.spans.count <= LevelOverTime.spanCountMax)
    }
  }

  @Test func `what lasts no time is nothing`() {
    var level = LevelOverTime()
    #expect(level.mean == 0 && level.peak == 0 && level.spans.isEmpty)
    level.change(to: 3, at: 100)
    level.change(to: 3, at: 100)
    level.add(1, from: 50, to: 50)
    #expect(level.mean == 0 && level.spans.isEmpty)
    // A clock that is read on another core may be a little behind.
    level.change(to: 1, at: 99)
    #expect(level.mean == 0)
  }
}
