import SystemPackage

/// A file that was loaded, or why it could not be.
///
/// While somebody holds it, or its bytes, they stay as they are. When nobody does any more as the next file is
/// asked for, its memory is used again for another one: so a loop that keeps nothing runs in the same few
/// buffers however many files there are.
public final class LoadedFile: @unchecked Sendable {
  // Changed only by who alone has it: the worker that loads it, until it is delivered, and again when it was
  // returned.

  /// The path's place among all that are loaded, from 0.
  public package(set) var index: Int
  var name: FileName
  var region: LoadRegion?
  /// Bytes in the file; 0 where it could not be loaded.
  public package(set) var byteCount = 0
  /// Why the file could not be loaded.
  public package(set) var error: FileIOError?
  /// What counts as in flight on its behalf, and for which room's memory it is.
  var claimedByteCount = 0
  let room: Int
  /// What a transform made of it.
  var outcome: TransformOutcome?

  init(_ name: NumberedName, room: Int, region: LoadRegion?) {
    index = name.index
    self.name = name.name
    self.room = room
    self.region = region
  }

  public var path: FilePath { FilePath(platformString: name.address) }
  /// The path as the kernel got it.
  public var pathBytes: PathBytes { name.bytes }

  /// Lends the file's bytes; they may not be used after `body` has returned.
  ///
  /// - Throws: the file's own error, or what `body` throws.
  public func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
    if let error { throw error }
    return try body(UnsafeRawBufferPointer(start: region?.slice.address, count: byteCount))
  }

  /// The file's bytes without a copy, to be kept as long as wanted; they do not count as in flight any more
  /// once the next file is asked for.
  ///
  /// Small files lie in memory of 2 MiB that they share, which goes when the last of them does.
  ///
  /// - Throws: the file's own error.
  public func take() throws(FileIOError) -> OwnedBytes {
    if let error { throw error }
    return OwnedBytes(region: region, count: byteCount)
  }

  /// The bytes, as ``take()`` hands them over, or the file's own error.
  public var result: Result<OwnedBytes, FileIOError> {
    error.map { .failure($0) } ?? .success(OwnedBytes(region: region, count: byteCount))
  }
}

/// A loaded file's bytes, which never change; copies share them.
public struct OwnedBytes: Sendable, RandomAccessCollection {
  private let region: LoadRegion?
  public let count: Int

  init(region: LoadRegion?, count: Int) {
    self.region = region
    self.count = count
  }

  /// Calls `body` with the bytes, which may not be used after it has returned.
  public func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    try withExtendedLifetime(region) {
      try body(UnsafeRawBufferPointer(start: region?.slice.address, count: count))
    }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(position: Int) -> UInt8 {
    precondition(position >= 0 && position < count, "an index lies within the bytes")
    return withBytes { $0[position] }
  }

  public func withContiguousStorageIfAvailable<Value>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Value
  ) rethrows -> Value? {
    try withBytes { try body($0.bindMemory(to: UInt8.self)) }
  }
}

/// A file whose bytes were handed to a transform.
public struct TransformedFile<Value: Sendable>: Sendable {
  /// The path's place among all that are loaded, from 0.
  public let index: Int
  private let name: FileName
  /// What the transform returned or threw, or the `FileIOError` of a file that could not be loaded.
  public let result: Result<Value, any Error>

  init(_ file: LoadedFile) {
    index = file.index
    name = file.name
    result =
      switch file.outcome {
      case .value(let box): .success(unsafeDowncast(box, to: TransformBox<Value>.self).value)
      case .failure(let error): .failure(error)
      case nil: .failure(file.error ?? FileIOError(.canceled, during: .load, path: file.pathBytes))
      }
    file.outcome = nil
  }

  public var path: FilePath { FilePath(platformString: name.address) }
  /// The path as the kernel got it.
  public var pathBytes: PathBytes { name.bytes }
}

/// What a transform came to, whatever its value's type.
enum TransformOutcome {
  case value(AnyObject)
  case failure(any Error)
}

final class TransformBox<Value: Sendable> {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// A transform of any type of value.
typealias AnyTransform = @Sendable (LoadedFile) -> TransformOutcome
