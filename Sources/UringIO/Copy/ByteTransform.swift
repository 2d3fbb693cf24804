/// Something a file's bytes pass through on their way: it compresses, redacts, converts.
///
/// It is called with the bytes in their order, one call at a time, on whichever thread is free. What it
/// appends, which may be any amount, is written in that order.
public protocol ByteTransform: AnyObject {
  /// Takes the next bytes, at most 256 KiB; they are valid until it returns. An error ends the copy.
  func transform(_ input: UnsafeRawBufferPointer, into output: inout OutputBytes) throws
  /// The input has ended: appends what is left.
  func finish(into output: inout OutputBytes) throws
}

/// A transform without an object: `nil` is the input's end.
final class ClosureTransform: ByteTransform {
  private let body: @Sendable (UnsafeRawBufferPointer?, inout OutputBytes) throws -> Void

  init(_ body: @escaping @Sendable (UnsafeRawBufferPointer?, inout OutputBytes) throws -> Void) {
    self.body = body
  }

  func transform(_ input: UnsafeRawBufferPointer, into output: inout OutputBytes) throws {
    try body(input, &output)
  }

  func finish(into output: inout OutputBytes) throws { try body(nil, &output) }
}

/// Carries a transform from the caller to the engine's threads, which use it one at a time.
struct SentTransform: @unchecked Sendable {
  let transform: any ByteTransform
}
