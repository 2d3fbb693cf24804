import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why an archive cannot be read on.
struct TarFailure: Error {
  var message: String
  var isCancelled = false

  static let truncated = TarFailure(message: "the archive is truncated")
}

/// Reads the members of a tar archive from a descriptor, in their order.
final class TarReader {
  struct Member {
    var name: [UInt8]
    var linkName: [UInt8]
    var mode: UInt16
    var size: Int64
    var type: UInt8
    /// What is stored is not the file's contents.
    var isSparse: Bool
  }

  private let descriptor: CInt
  private let cancellation: Cancellation
  private var buffer = [UInt8](repeating: 0, count: 256 << 10)
  private var position = 0
  private var filled = 0
  /// Bytes of the current member's data, and of its padding, that were not read.
  private var dataLeft: Int64 = 0
  private var paddingLeft = 0
  private var isFirst = true
  private var globals = PaxRecords()

  /// Names and records longer than this are somebody's attempt to use up the memory.
  private static let extensionByteCountMax: Int64 = 1 << 20

  init(_ descriptor: CInt, cancellation: Cancellation) {
    self.descriptor = descriptor
    self.cancellation = cancellation
  }

  // MARK: Members

  /// The next member; `nil` at the archive's end. What is left of the one before is skipped.
  func next() throws(TarFailure) -> Member? {
    try skipData()
    var longName: [UInt8]?
    var longLinkName: [UInt8]?
    var pax = globals
    while true {
      guard let header = try readHeader() else {
        guard longName == nil, longLinkName == nil else { throw .truncated }
        return nil
      }
      switch header.type {
      case UInt8(ascii: "L"): longName = try readExtension(header).upToZero
      case UInt8(ascii: "K"): longLinkName = try readExtension(header).upToZero
      case UInt8(ascii: "x"): try add(header, to: &pax)
      case UInt8(ascii: "g"):
        try add(header, to: &globals)
        pax = globals
      default:
        var member = Member(
          name: pax.path ?? longName ?? header.name,
          linkName: pax.linkPath ?? longLinkName ?? header.linkName,
          mode: header.mode, size: pax.size ?? header.size, type: header.type,
          isSparse: pax.isSparse || header.type == UInt8(ascii: "S"))
        if header.type == UInt8(ascii: "S"), header.hasSparseExtension { try skipSparseMap() }
        // Links, devices and directories have no data, whatever their size says.
        if (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(member.type) { member.size = 0 }
        try startData(member.size)
        return member
      }
    }
  }

  private func add(_ header: TarHeader, to records: inout PaxRecords) throws(TarFailure) {
    guard records.add(try readExtension(header)) else {
      throw TarFailure(message: "the archive is damaged: a pax header has no meaning")
    }
  }

  private func readHeader() throws(TarFailure) -> TarHeader? {
    guard try fill(TarHeader.blockByteCount) else {
      throw isFirst && filled == position
        ? TarFailure(message: "standard input is empty: a tar archive is expected") : .truncated
    }
    let block = buffer[position..<(position + TarHeader.blockByteCount)]
    position += TarHeader.blockByteCount
    defer { isFirst = false }
    let header = Result { () throws(TarHeader.Problem) in
      var parsed: Result<TarHeader, TarHeader.Problem>!
      block.withUnsafeBytes { bytes in
        do throws(TarHeader.Problem) { parsed = .success(try TarHeader(bytes)) } catch {
          parsed = .failure(error)
        }
      }
      return try parsed.get()
    }
    switch header {
    case .success(let header): return header
    case .failure(.zeros):
      try skipTrailer()
      return nil
    case .failure(.numberOutOfRange):
      throw TarFailure(message: "the archive is damaged: a header has a number out of range")
    case .failure(.notAHeader):
      throw TarFailure(
        message: isFirst
          ? Self.complaint(about: Array(block)) : "the archive is damaged: no header where one is due")
    }
  }

  private static func complaint(about block: [UInt8]) -> String {
    let compressions: [(start: [UInt8], program: String)] = [
      ([0x1f, 0x8b], "gzip"), ([0x42, 0x5a, 0x68], "bzip2"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"),
      ([0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    ]
    let program = compressions.first { block.starts(with: $0.start) }?.program
    return "standard input is no tar archive"
      + (program.map { ": it is compressed; put '\($0) -dc |' in front" } ?? "")
  }

  private func readExtension(_ header: TarHeader) throws(TarFailure) -> [UInt8] {
    guard header.size <= Self.extensionByteCountMax else {
      throw TarFailure(message: "the archive is damaged: a name of \(header.size) bytes")
    }
    try startData(header.size)
    let bytes = try readWhole()
    try skipData()
    return bytes
  }

  private func skipSparseMap() throws(TarFailure) {
    var goesOn = true
    while goesOn {
      guard try fill(TarHeader.blockByteCount) else { throw .truncated }
      goesOn = buffer[position + 504] != 0
      position += TarHeader.blockByteCount
    }
  }

  /// Whether the next header can be read without waiting for input.
  var hasNextHeader: Bool { dataLeft == 0 && filled - position >= paddingLeft + TarHeader.blockByteCount }

  // MARK: Data

  private func startData(_ size: Int64) throws(TarFailure) {
    guard size <= Int64.max - 1024 else {
      throw TarFailure(message: "the archive is damaged: a size out of range")
    }
    dataLeft = size
    paddingLeft = Int((512 - size % 512) % 512)
  }

  /// All of the member's data that was not read.
  func readWhole() throws(TarFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(dataLeft))
    while let piece = try readPiece(upTo: .max) { bytes += piece }
    return bytes
  }

  /// The next bytes of the member's data; `nil` at its end. They are valid until the next call.
  func readPiece(upTo maximum: Int) throws(TarFailure) -> ArraySlice<UInt8>? {
    guard dataLeft > 0 else { return nil }
    if position == filled { guard try fill(1) else { throw .truncated } }
    let count = min(filled - position, Int(min(dataLeft, Int64(maximum))))
    defer { position += count }
    dataLeft -= Int64(count)
    return buffer[position..<(position + count)]
  }

  private func skipData() throws(TarFailure) {
    while try readPiece(upTo: .max) != nil {}
    guard paddingLeft > 0 else { return }
    guard try fill(paddingLeft) else { throw .truncated }
    position += paddingLeft
    paddingLeft = 0
  }

  /// Reads what is behind the end from a pipe, so that its writer is not cut off.
  private func skipTrailer() throws(TarFailure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
    repeat { position = filled } while try fill(1)
  }

  // MARK: Bytes

  /// Has at least `count` bytes in the buffer; false where the input ends before.
  private func fill(_ count: Int) throws(TarFailure) -> Bool {
    guard filled - position < count else { return true }
    if position > 0 {
      buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress!.copyMemory(from: bytes.baseAddress! + position, byteCount: filled - position)
      }
      filled -= position
      position = 0
    }
    while filled < count {
      let read = try readSome()
      guard read > 0 else { return false }
      filled += read
    }
    return true
  }

  /// Waits for input, or for a signal, which ends it.
  private func readSome() throws(TarFailure) -> Int {
    while true {
      if cancellation.isCancelled { throw TarFailure(message: "interrupted", isCancelled: true) }
      var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      if let wakeUp = cancellation.wakeUpDescriptor() {
        polled.append(pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0))
      }
      if poll(&polled, nfds_t(polled.count), -1) < 0 {
        guard errno == EINTR || errno == EAGAIN else { throw Self.inputFailure() }
        continue
      }
      if polled.count > 1, polled[1].revents != 0 { continue }
      let count = buffer.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if count < 0 {
        guard errno == EINTR || errno == EAGAIN else { throw Self.inputFailure() }
        continue
      }
      return count
    }
  }

  private static func inputFailure() -> TarFailure {
    TarFailure(message: "error reading standard input: \(Errno(rawValue: errno))")
  }
}

extension [UInt8] {
  fileprivate var upToZero: [UInt8] { Array(prefix { $0 != 0 }) }
}
