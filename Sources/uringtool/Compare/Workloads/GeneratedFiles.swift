import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files made to be compared with, where the user names none.
struct GeneratedFiles {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    /// Files of a few KiB in directories of a hundred.
    case small
    /// The tutorials' files of numbers.
    case csv
    /// One file.
    case large
  }

  var kind: Kind
  var fileCount: Int
  /// Of each file; of the numbers' files, about.
  var fileByteCount: Int

  private static let filesInDirectory = 100

  /// What they take on the disk. What no disk has is a quarter of the greatest number, so that one may reckon with it.
  var byteCount: Int64 {
    let (product, overflows) = Int64(fileCount).multipliedReportingOverflow(
      by: Int64(max(fileByteCount, 4096)))
    return min(overflows ? .max : product, .max / 4)
  }

  /// For a person.
  var text: String { " (generated: \(kind.rawValue))" }

  /// "10000 files of 4 KiB", for a heading.
  var heading: String { "\(fileCount) \(fileCount == 1 ? "file" : "files") of \(sizeText)" }

  /// "4 KiB".
  var sizeText: String { ByteSize.format(Int64(fileByteCount)).replacing(".0 ", with: " ") }

  /// How much there is of each size, at most, where several are compared: with the same count, files of 1 MiB would
  /// take the time and the room of 256 of 4 KiB.
  static let byteCountOfEachSize = 256 << 20

  /// - Parameter count: of files where one size is compared.
  /// - Returns: of files of `size` bytes where it is one of several sizes: no more than `count`, and at least one.
  static func fileCount(ofSize size: Int, atMost count: Int) -> Int {
    max(1, min(count, byteCountOfEachSize / size))
  }

  /// Makes them below a directory that is there.
  ///
  /// - Returns: the file, or the directory that has them.
  func make(in directory: PathBytes, _ interruption: Interruption) throws(ToolError) -> PathBytes {
    let root = directory.appending(PathBytes("source"))
    if kind == .large {
      try makeLarge(root, interruption)
      return root
    }
    try Self.makeDirectory(root)
    var generator = SeededGenerator(seed: 1)
    for index in 0..<fileCount {
      try interruption.check()
      let parent =
        kind == .small ? root.appending(PathBytes("d\(index / Self.filesInDirectory)")) : root
      if kind == .small, index % Self.filesInDirectory == 0 { try Self.makeDirectory(parent) }
      let name = kind == .small ? "f\(index % Self.filesInDirectory)" : "data_\(index).csv"
      try Self.write(
        kind == .small ? Self.bytes(fileByteCount, &generator) : Self.numbers(fileByteCount, from: index),
        to: parent.appending(PathBytes(name)))
    }
    return root
  }

  private func makeLarge(_ path: PathBytes, _ interruption: Interruption) throws(ToolError) {
    let pieceByteCount = 1 << 20
    var generator = SeededGenerator(seed: 1)
    // Different in each piece, so that a piece in the wrong place shows.
    var piece = Self.bytes(pieceByteCount, &generator)
    var left = fileByteCount
    while left > 0 {
      try interruption.check()
      let number = generator.next()
      withUnsafeBytes(of: number) { piece.replaceSubrange(0..<8, with: $0) }
      try Self.write(Array(piece.prefix(left)), to: path, appends: true)
      left -= min(left, pieceByteCount)
    }
  }

  private static func bytes(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
    return Array(bytes.prefix(count))
  }

  /// Lines of ten numbers, as `uringtool save --generate csv` makes them.
  private static func numbers(_ count: Int, from first: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var line = first
    while bytes.count < count {
      bytes += Array((line..<line + 10).map(String.init).joined(separator: ",").utf8) + [UInt8(ascii: "\n")]
      line += 1
    }
    return bytes
  }

  private static func makeDirectory(_ path: PathBytes) throws(ToolError) {
    guard path.withCString({ mkdir($0, 0o755) }) == 0 else {
      throw ToolError.system("cannot make the directory", path)
    }
  }

  // MARK: Whole files

  static func write(_ bytes: [UInt8], to path: PathBytes, appends: Bool = false) throws(ToolError) {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appends ? O_APPEND : O_TRUNC)
    let descriptor = path.withCString { open($0, flags, 0o644) }
    guard descriptor >= 0 else { throw ToolError.system("cannot create", path) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        systemWrite(descriptor, $0.baseAddress! + written, $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ToolError.system("error writing", path) }
      written += count
    }
  }

  static func read(_ path: PathBytes) -> Result<[UInt8], ToolError> {
    guard let file = OpenedForReading(path) else { return .failure(ToolError.system("cannot open", path)) }
    var bytes = [UInt8](repeating: 0, count: Int(file.status.st_size) + 1)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes {
        systemRead(file.descriptor, $0.baseAddress! + count, $0.count - count)
      }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { return .failure(ToolError.system("error reading", path)) }
      guard more > 0 else { break }
      count += more
    }
    return .success(Array(bytes[..<count]))
  }
}

private func systemWrite(_ descriptor: CInt, _ address: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, address, count)
}
private func systemRead(_ descriptor: CInt, _ address: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, address, count)
}
