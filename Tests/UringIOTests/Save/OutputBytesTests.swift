import Testing

@testable import UringIO

struct OutputBytesTests {
  private func contents(_ output: OutputBytes) -> [UInt8] { output.slice?.withBytes { Array($0) } ?? [] }

  @Test func `what is appended is there, whatever it takes to grow`() throws {
    var output = OutputBytes()
    var expected: [UInt8] = []
    for number in 0..<40_000 {
      try output.append("\(number),")
      expected += Array("\(number),".utf8)
    }
    try output.append([1, 2, 3])
    try [4, 5].withUnsafeBytes { try output.append(UnsafeRawBufferPointer(rebasing: $0[..<0])) }
    try output.append(upTo: 3) { memory in
      memory[0] = 9
      return 1
    }
    #expect(contents(output) == expected + [1, 2, 3, 9])
  }

  @Test func `memory is used again, unless somebody still has it`() throws {
    var output = OutputBytes()
    try output.append("first")
    let capacity = output.capacity
    var kept = output.slice
    output.removeAll()
    try output.append("other")
    #expect(kept?.withBytes { Array($0) } == Array("first".utf8))
    kept = nil
    let address = output.slice?.address
    output.removeAll()
    try output.append("third")
    #expect(output.slice?.address == address)
    #expect(output.capacity == capacity)
  }

  @Test func `a copy is a value of its own`() throws {
    var output = OutputBytes()
    try output.append("one")
    var copy = output
    try copy.append("two")
    try output.append("six")
    #expect(contents(copy) == Array("onetwo".utf8))
    #expect(contents(output) == Array("onesix".utf8))
  }

  @Test func `a size that cannot be had is refused`() {
    var output = OutputBytes()
    #expect(throws: FileIOError.self) { try output.append(upTo: .max) { _ in 0 } }
    #expect(throws: FileIOError.self) { try output.append(upTo: 1 << 50) { _ in 0 } }
  }
}
