import UringIO

/// The files of `save --generate csv`: file f, line l (both counted from 0), column c has the value f + l + c.
struct CSVFiles: Sequence, Sendable {
  let directory: PathBytes
  let fileCount: Int
  let lineCount: Int
  let valueCount: Int

  func makeIterator() -> AnyIterator<FileToSave> {
    var number = 0
    return AnyIterator {
      guard number < fileCount else { return nil }
      defer { number += 1 }
      let name = PathBytes(Array(Self.name(number).utf8))
      let text = CSVText(first: number, lineCount: lineCount, valueCount: valueCount)
      guard text.isOnePiece else {
        let position = CSVPosition()
        return FileToSave(
          directory.appending(name),
          .pieces { output in
            position.line += try text.append(to: &output, from: position.line)
            return position.line < text.lineCount
          })
      }
      return FileToSave(directory.appending(name), .writer { _ = try text.append(to: &$0, from: 0) })
    }
  }

  /// `data_00042.csv`
  static func name(_ number: Int) -> String {
    let digits = String(number)
    return "data_" + String(repeating: "0", count: Swift.max(0, 5 - digits.count)) + digits + ".csv"
  }
}

/// How many lines of a file were made; one thread at a time makes them.
private final class CSVPosition: @unchecked Sendable {
  var line = 0
}

/// Makes one file's text, quickly: the values of consecutive lines overlap, so one text "v,v+1,v+2,..." holds
/// every line as a part whose last comma becomes a newline. A line costs one copy.
struct CSVText: Sendable {
  let first: Int
  let lineCount: Int
  let valueCount: Int

  /// What is made at once, in bytes: a seed file of half a MiB is one piece.
  private static let pieceByteCount = 1 << 20
  /// Copies are made of whole vectors: as much memory behind each of the two texts is written, or read, too.
  private typealias Vector = SIMD32<UInt8>
  private static let slack = MemoryLayout<Vector>.size

  /// At most so many bytes each value takes, with its comma.
  private var valueByteCountMax: Int { String(first + lineCount + valueCount).utf8.count + 1 }
  private var linesPerPiece: Int { max(1, Self.pieceByteCount / (valueByteCountMax * valueCount)) }

  var isOnePiece: Bool { lineCount <= linesPerPiece }

  /// Appends lines from `line` on; returns how many.
  func append(to output: inout OutputBytes, from line: Int) throws -> Int {
    let lines = min(linesPerPiece, lineCount - line)
    let textMax = lines * valueCount * valueByteCountMax + Self.slack
    let valuesMax = (lines + valueCount) * valueByteCountMax + Self.slack
    try output.append(upTo: textMax + valuesMax) { memory in
      let values = memory.baseAddress! + textMax
      Self.writeValues(from: first + line, count: lines + valueCount - 1, to: values)
      return copyLines(from: line, count: lines, values: values, to: memory.baseAddress!)
    }
    return lines
  }

  /// "v,v+1,v+2,": each value with a comma behind it.
  private static func writeValues(from first: Int, count: Int, to memory: UnsafeMutableRawPointer) {
    // The digits of the value, at the start of a vector, with the comma; counted up in place.
    var text = Array(String(first).utf8) + [UInt8(ascii: ",")]
    let padding = slack + 1
    text += [UInt8](repeating: 0, count: padding)
    var length = text.count - padding
    text.withUnsafeMutableBytes { digits in
      var target = memory
      for _ in 0..<count {
        target.storeBytes(of: digits.loadUnaligned(as: Vector.self), as: Vector.self)
        target += length
        var position = length - 2
        while position >= 0, digits[position] == UInt8(ascii: "9") {
          digits[position] = UInt8(ascii: "0")
          position -= 1
        }
        if position >= 0 {
          digits[position] += 1
        } else {
          // 999 becomes 1000: "000," moves up by one.
          for index in (0..<length).reversed() { digits[index + 1] = digits[index] }
          digits[0] = UInt8(ascii: "1")
          length += 1
        }
      }
    }
  }

  private func copyLines(
    from line: Int, count: Int, values: UnsafeMutableRawPointer, to memory: UnsafeMutableRawPointer
  ) -> Int {
    var start = DecimalOffset(first + line)
    var end = DecimalOffset(first + line)
    for _ in 0..<valueCount { end.advance() }
    var target = memory
    for _ in 0..<count {
      let length = end.offset - start.offset
      var position = 0
      while position < length {
        let bytes = (values + start.offset + position).loadUnaligned(as: Vector.self)
        (target + position).storeBytes(of: bytes, as: Vector.self)
        position += Self.slack
      }
      target += length
      (target - 1).storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
      start.advance()
      end.advance()
    }
    return target - memory
  }
}

/// Where a value begins in a text of consecutive ones.
private struct DecimalOffset {
  private(set) var offset = 0
  private var value: Int
  /// Bytes of the value and its comma, and the first value that has more.
  private var byteCount: Int
  private var nextLonger: Int

  init(_ value: Int) {
    self.value = value
    byteCount = 2
    nextLonger = 10
    while value >= nextLonger { grow() }
  }

  private mutating func grow() {
    byteCount += 1
    nextLonger = nextLonger > Int.max / 10 ? .max : nextLonger * 10
  }

  mutating func advance() {
    offset += byteCount
    value += 1
    if value == nextLonger { grow() }
  }
}
