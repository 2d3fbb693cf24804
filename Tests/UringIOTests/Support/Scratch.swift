import CTestSupport
import Foundation
import SystemPackage

@testable import UringIO

/// A directory of a test's own.
struct Scratch: Sendable {
  let directory: String

  func path(_ name: String) -> String { directory + "/" + name }
  func bytes(_ name: String) -> PathBytes { PathBytes(Array(path(name).utf8)) }
  func filePath(_ name: String) -> FilePath { FilePath(path(name)) }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }

  func open(
    _ name: String, _ mode: FileDescriptor.AccessMode = .readWrite, options: FileDescriptor.OpenOptions = []
  ) throws -> FileDescriptor {
    try FileDescriptor.open(
      filePath(name), mode, options: options,
      permissions: options.contains(.create) ? [.ownerReadWrite, .groupRead, .otherRead] : nil)
  }

  /// A new file of that many bytes that are never 0 and depend on their offset.
  func makePattern(_ name: String, size: Int, seed: UInt64 = 1) throws {
    try open(name, .writeOnly, options: [.create, .truncate]).close()
    if size > 0 { try fill(name, 0..<Int64(size), seed: seed) }
  }

  /// Writes the pattern over a part of a file.
  func fill(_ name: String, _ range: Range<Int64>, seed: UInt64 = 1) throws {
    let errno = patternWrite(path(name), range.lowerBound, Int64(range.count), seed)
    guard errno == 0 else { throw Errno(rawValue: errno) }
  }

  func resize(_ name: String, to size: Int) {
    truncate(path(name), off_t(size))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let descriptor = try open(name, .writeOnly, options: [.create, .truncate])
    defer { try? descriptor.close() }
    _ = try descriptor.writeAll(bytes)
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  func exists(_ name: String) -> Bool {
    var status = stat()
    return lstat(path(name), &status) == 0
  }

  func status(_ name: String) throws -> stat {
    var status = stat()
    guard lstat(path(name), &status) == 0 else { throw Errno(rawValue: errno) }
    return status
  }

  func size(_ name: String) throws -> Int { Int(try status(name).st_size) }

  func makeFIFO(_ name: String) throws {
    guard mkfifo(path(name), 0o644) == 0 else { throw Errno(rawValue: errno) }
  }

  /// The first offset at which two files differ, in bytes or length; `nil` where they are equal.
  func firstDifference(_ name: String, _ other: String, limit: Int = -1) throws -> Int64? {
    try Self.offset(fileDifference(path(name), path(other), Int64(limit)))
  }

  /// The first offset in the range at which a file is not the pattern; `nil` where all is.
  func firstDifferenceFromPattern(_ name: String, _ range: Range<Int>, seed: UInt64 = 1) throws -> Int64? {
    try Self.offset(patternDifference(path(name), Int64(range.lowerBound), Int64(range.count), seed))
  }

  private static func offset(_ answer: Int64) throws -> Int64? {
    if answer < -1 { throw Errno(rawValue: CInt(-1 - answer)) }
    return answer < 0 ? nil : answer
  }

  func dropFromCache(_ name: String) throws {
    let errno = fileDropFromCache(path(name))
    guard errno == 0 else { throw Errno(rawValue: errno) }
  }

  /// Bytes of a file in the page cache.
  func cachedByteCount(_ name: String) -> Int64 { fileCachedBytes(path(name)) }

  /// Whether its file system's files are copied from page to page; a reason is printed otherwise.
  func movesPages() throws -> Bool {
    let root = try FileDescriptor.open(filePath("."), .readOnly)
    defer { try? root.close() }
    let kind = FileSystemKind.of(root)
    if !kind.takesManyPages { print("skipped: pages are not moved on \(kind.rawValue)") }
    return kind.takesManyPages
  }

  /// This process's descriptors of files in it.
  func openDescriptors() throws -> Int {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return names.count { name in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))?
        .hasPrefix(directory) == true
    }
  }

  /// - Parameter inMemory: where a disk would make the test slow and adds nothing to it.
  fileprivate init(inMemory: Bool) throws {
    let parent = inMemory ? "/dev/shm" : ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(parent)/uringio-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  fileprivate func remove() { _ = treeRemoveDeep(directory) }
}

/// Runs a test in a directory of its own, which is removed afterwards.
func withScratch<Value>(inMemory: Bool = false, _ body: (Scratch) throws -> Value) throws -> Value {
  let scratch = try Scratch(inMemory: inMemory)
  defer { scratch.remove() }
  return try body(scratch)
}

func withScratch<Value>(
  isolation: isolated (any Actor)? = #isolation, inMemory: Bool = false,
  _ body: (Scratch) async throws -> Value
) async throws -> Value {
  let scratch = try Scratch(inMemory: inMemory)
  defer { scratch.remove() }
  return try await body(scratch)
}

/// The two ends of a pipe, closed afterwards.
struct Pipe: Sendable {
  let readEnd: FileDescriptor
  let writeEnd: FileDescriptor

  init() throws { (readEnd, writeEnd) = try FileDescriptor.pipe() }

  func close() {
    try? readEnd.close()
    try? writeEnd.close()
  }

  func makeNonBlocking() {
    for end in [readEnd, writeEnd] { _ = fcntl(end.rawValue, F_SETFL, O_NONBLOCK) }
  }
}
