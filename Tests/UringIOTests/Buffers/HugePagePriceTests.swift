import Testing

@testable import UringIO

@Suite struct HugePagePriceTests {
  /// How many of the next pages are asked for as huge ones, with what each of them costs.
  private func asked(_ price: inout HugePagePrice, of count: Int, nanoseconds: UInt64) -> Int {
    var asked = 0
    for _ in 0..<count where price.isWorthIt() {
      price.note(nanoseconds)
      asked += 1
    }
    return asked
  }

  @Test func `cheap ones are asked for each time`() {
    var price = HugePagePrice()
    #expect(asked(&price, of: 1000, nanoseconds: 100_000) == 1000)
  }

  @Test func `after an expensive one it is tried ever more seldom, but it is tried`() {
    var price = HugePagePrice()
    #expect(asked(&price, of: 33, nanoseconds: 5_000_000) == 1)
    #expect(asked(&price, of: 65, nanoseconds: 5_000_000) == 1)
    #expect(asked(&price, of: 129, nanoseconds: 5_000_000) == 1)
    #expect((1...10).contains(asked(&price, of: 10_000, nanoseconds: 5_000_000) - 5))
  }

  @Test func `once they are cheap again, they are asked for again`() {
    var price = HugePagePrice()
    _ = asked(&price, of: 34, nanoseconds: 5_000_000)
    _ = asked(&price, of: 64, nanoseconds: 0)
    #expect(asked(&price, of: 100, nanoseconds: 100_000) == 100)
    // And one that is expensive then costs as little as the first.
    #expect(asked(&price, of: 33, nanoseconds: 5_000_000) == 1)
  }
}
