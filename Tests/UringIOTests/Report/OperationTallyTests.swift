import Testing

@testable import UringIO

@Suite struct OperationTallyTests {
  @Test(arguments: Operation.Kind.allCases)
  func `each kind is counted for itself`(kind: Operation.Kind) {
    var tally = OperationTally()
    tally.count(kind)
    tally.count(kind, inline: true)
    for other in Operation.Kind.allCases { #expect(tally[other] == (other == kind ? 2 : 0)) }
    #expect(tally.inlineOperations == 1)
    #expect(tally.used.map(\.kind) == [kind])
    #expect(tally.used.map(\.count) == [2])
  }

  @Test func `tallies add up`() {
    var one = OperationTally()
    one.count(.read)
    one.retries = 3
    var other = OperationTally()
    other.count(.read)
    other.count(.write, inline: true)
    other.retries = 4
    one.add(other)
    #expect(one[.read] == 2)
    #expect(one[.write] == 1)
    #expect(one.inlineOperations == 1)
    #expect(one.retries == 7)
  }

  @Test func `a new tally has counted nothing`() {
    #expect(OperationTally().used.isEmpty)
    #expect(OperationTally().retries == 0)
  }
}
