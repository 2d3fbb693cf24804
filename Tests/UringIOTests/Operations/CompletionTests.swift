import SystemPackage
import Testing

@testable import UringIO

@Suite struct CompletionTests {
  @Test func `a kernel result is a count or a negated errno`() {
    #expect(Completion(kernelResult: 0) == .count(0))
    #expect(Completion(kernelResult: 4096) == .count(4096))
    #expect(Completion(kernelResult: -5) == .failed(.ioError))
  }

  @Test func `completions are a collection in the chain's order`() {
    #expect(Completions().isEmpty)
    #expect(Completions().first == nil)
    #expect(Array(Completions(.count(1))) == [.count(1)])
    let three = Completions([.count(1), .failed(.ioError), .count(3)])
    #expect(Array(three) == [.count(1), .failed(.ioError), .count(3)])
    #expect(three.first == .count(1))
    #expect(Completions([Completion]()).isEmpty)
  }

  @Test func `a failure or a short transfer breaks a chain, a full one does not`() throws {
    let slice = try AlignedBuffer(byteCount: 10).whole
    let read = Operation.read(.standardInput, into: slice, at: 0)
    #expect(!Completion.count(10).breaksChain(of: read))
    #expect(Completion.count(9).breaksChain(of: read))
    #expect(Completion.failed(.ioError).breaksChain(of: read))
    let vector = Operation.writeVector(.standardOutput, from: [slice, slice], at: 0)
    #expect(!Completion.count(20).breaksChain(of: vector))
    #expect(Completion.count(10).breaksChain(of: vector))
    #expect(!Completion.count(0).breaksChain(of: .synchronize(.standardInput, dataOnly: true)))
    #expect(!Completion.count(1).breaksChain(of: .poll(.standardInput, .readable)))
  }

  @Test func `advice and what has no ring form is made inline, by each table`() {
    for table in [PlacementTable.allRing, .direct, .buffered, .streaming] {
      for kind in [Operation.Kind.clone, .copyRange, .movePages, .cacheStatus, .truncate] {
        #expect(table.placement(of: kind) == .inline)
      }
      #expect(table.placement(of: .poll) == .ring, "what may wait can be cancelled")
    }
    #expect(PlacementTable.direct.placement(of: .write) == .ring)
    #expect(PlacementTable.buffered.placement(of: .write) == .inline)
    #expect(PlacementTable.streaming.placement(of: .read) == .ring)
    #expect(PlacementTable.allRing.placement(of: .allocate) == .ring)
    #expect(PlacementTable.direct.placement(of: .dropCache) == .inline)
  }

  @Test func `a shortened transfer asks for less, never for more`() throws {
    let slice = try AlignedBuffer(byteCount: 10).whole
    #expect(Operation.read(.standardInput, into: slice, at: 0).shortened(to: 4).transferByteCount == 4)
    #expect(Operation.write(.standardInput, from: slice, at: 0).shortened(to: 40).transferByteCount == 10)
    let range = Operation.copyRange(
      .standardInput, at: 0, to: .standardOutput, destinationOffset: 0, byteCount: 9)
    #expect(range.shortened(to: 5).transferByteCount == 5)
    let pages = Operation.movePages(
      .standardInput, at: 0, to: .standardOutput, destinationOffset: 0, byteCount: 9, through: PagePipes())
    #expect(pages.shortened(to: 5).transferByteCount == 5 && pages.shortened(to: 50).transferByteCount == 9)
  }
}
