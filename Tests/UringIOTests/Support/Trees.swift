import CTestSupport
import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Copies a scratch directory's "source" to its "destination" as trees, with an engine of its own, and fails
/// where that hangs.
@discardableResult
func copyTree(
  in scratch: Scratch, _ engine: EngineUnderTest, _ options: TreeOptions = TreeOptions(),
  cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil, from source: String = "source",
  to destination: String = "destination", progress: (@Sendable (TreeProgress) -> Void)? = nil,
  observe: (@Sendable (TreeEvent) -> Void)? = nil
) throws -> TreeReport {
  try withoutHanging(onHang: cancellation.cancel) {
    let fileEngine = try engine.makeFileEngine(intercept: intercept)
    defer { fileEngine.shutdownBlocking() }
    return try fileEngine.copyTreeBlocking(
      from: scratch.bytes(source), to: scratch.bytes(destination), options: options,
      cancellation: cancellation, progress: progress, observe: observe)
  }
}

/// The error of a tree's copy that is expected to fail as a whole.
func copyTreeError(
  in scratch: Scratch, _ engine: EngineUnderTest, _ options: TreeOptions = TreeOptions(),
  cancellation: Cancellation = Cancellation(), intercept: Interceptor? = nil, from source: String = "source",
  to destination: String = "destination", sourceLocation: SourceLocation = #_sourceLocation
) throws -> FileIOError {
  let error = #expect(throws: FileIOError.self, sourceLocation: sourceLocation) {
    try copyTree(
      in: scratch, engine, options, cancellation: cancellation, intercept: intercept, from: source,
      to: destination)
  }
  return try #require(error, sourceLocation: sourceLocation)
}

/// Walks "source" to "destination" with so many directories open at once, which a process's own limit would
/// otherwise decide.
func walkTree(
  in scratch: Scratch, _ kind: EngineUnderTest, openDirectoriesMax: Int, roomCount: Int = 2, depth: Int = 2,
  intercept: Interceptor? = nil
) throws -> TreeReport {
  let engine = try kind.make(workerCount: kind == .sequential ? 1 : roomCount)
  let route = TreeRoute(
    sourceRoot: scratch.bytes("source"), destinationRoot: scratch.bytes("destination"),
    rules: EntryRules(), progress: TreeProgressCounter(nil))
  let rooms = FileRooms.make(for: engine, depth: depth, bufferByteCount: 65_536)
  var limits = TreeLimits(depth: depth, roomCount: rooms.count, coreCount: 2, descriptorLimit: 1024)
  limits.openDirectoriesMax = openDirectoriesMax
  let large = TreeLargeCopies(inline: true) { file, _ in
    file.close()
    return .init(report: .failure(FileIOError(.notSupported, during: .copy)))
  }
  let source = TreeCopySource(
    route: route, limits: limits, roomCount: rooms.count, large: large, observe: nil)
  try withoutHanging {
    _ = try engine.runToEnd(source, rooms: rooms, cancellation: Cancellation(), intercept: intercept)
  }
  try engine.stop()
  return source.report
}

extension Scratch {
  func makeDirectory(_ name: String, mode: mode_t = 0o755) throws {
    guard mkdir(path(name), 0o755) == 0, chmod(path(name), mode) == 0 else { throw Errno(rawValue: errno) }
  }

  func makeLink(_ name: String, to target: String) throws {
    guard symlink(target, path(name)) == 0 else { throw Errno(rawValue: errno) }
  }

  func makeSocket(_ name: String) throws { try succeed(socketMake(path(name))) }

  func changeMode(_ name: String, _ mode: mode_t) throws {
    guard chmod(path(name), mode) == 0 else { throw Errno(rawValue: errno) }
  }

  func rename(_ name: String, to newName: String) {
    _ = Foundation.rename(path(name), path(newName))
  }

  /// A directory with that many files.
  func makeFlat(_ name: String, count: Int, size: Int = 100) throws {
    try makeDirectory(name)
    try succeed(treeMakeFlat(path(name), CInt(count), size))
  }

  /// A directory that goes that deep.
  func makeDeep(_ name: String, levels: Int, of component: String = "d", siblingEvery: Int = 0) throws {
    try makeDirectory(name)
    try succeed(treeMakeDeep(path(name), CInt(levels), component, CInt(siblingEvery)))
  }

  private func succeed(_ errno: CInt) throws {
    guard errno == 0 else { throw Errno(rawValue: errno) }
  }

  /// How two trees differ; `nil` where they are equal, or the first is a part of the second.
  func treeDifference(
    _ name: String = "source", _ other: String = "destination", isPart: Bool = false
  ) throws -> String? {
    var message = [CChar](repeating: 0, count: 1024)
    let answer = CTestSupport.treeDifference(path(name), path(other), isPart, &message, message.count)
    guard answer <= 0 else { throw Errno(rawValue: answer) }
    let text = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return answer == 0 ? nil : String(decoding: text, as: UTF8.self)
  }

  /// This process's descriptors of files in here.
  var descriptorCount: Int { Int(descriptorsBelow(directory)) }
}

extension FileName {
  init(_ text: String) { self.init(PathBytes(Array(text.utf8))) }

  /// For comparisons in interceptors.
  var text: String { bytes.text ?? "" }
}

extension UringIO.Operation {
  /// The name an operation is about, where it is about one.
  var name: String? {
    switch self {
    case .openFile(_, let name, _), .createFile(_, let name, _, _), .statusOfName(_, let name, _),
      .makeDirectory(_, let name, _), .remove(_, let name, _):
      name.text
    default: nil
    }
  }
}

extension DirectoryListing {
  /// An entry as `getdents64` writes it.
  static func record(_ name: [UInt8], inode: UInt64, type: UInt8) -> [UInt8] {
    let length = (19 + name.count + 1 + 7) / 8 * 8
    var bytes = withUnsafeBytes(of: inode) { Array($0) } + [UInt8](repeating: 0, count: 8)
    bytes += withUnsafeBytes(of: UInt16(length)) { Array($0) } + [type] + name
    return bytes + [UInt8](repeating: 0, count: length - bytes.count)
  }

  static func ofOne(_ name: String, type: UInt8) -> DirectoryListing { of([(name, type)]) }

  static func of(_ entries: [(name: String, type: UInt8)]) -> DirectoryListing {
    let listing = DirectoryListing()
    for (index, entry) in entries.enumerated() {
      record(Array(entry.name.utf8), inode: UInt64(index + 1), type: entry.type)
        .withUnsafeBytes { _ = listing.add(records: $0) }
    }
    listing.complete()
    return listing
  }
}

extension TreeOptions {
  /// By which files of a few MiB take the ways of large ones.
  static let inChunks: TreeOptions = {
    var options = TreeOptions()
    options.chunkByteCount = 1 << 20
    return options
  }()
}
