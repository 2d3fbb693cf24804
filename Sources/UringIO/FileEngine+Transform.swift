import Dispatch
import SystemPackage

extension FileEngine {
  /// Copies a file's bytes through a transform, which compresses, redacts or converts them.
  ///
  ///     final class Upper: ByteTransform { ... }
  ///     let report = try await engine.copyFile(from: "a.txt", to: "b.txt", transform: Upper())
  ///
  /// Reading ahead, transforming and writing go on at the same time, each in order. The source may be what has
  /// no size (a FIFO, a device). As with ``copyFile(from:to:options:progress:)``, a destination that this call
  /// created is removed if anything fails, an error of the transform included, or the task is cancelled; one
  /// that existed is truncated and written into. Options for the way the bytes go (chunks, cache, cloning) have
  /// no meaning here.
  ///
  /// - Parameters:
  ///   - progress: counts bytes written; nobody knows how many there will be.
  /// - Throws: `FileIOError`; what the transform threw has the cause `.thrown` and the activity `.transform`.
  /// - Complexity: memory is that of three pieces of 256 KiB and of what the transform makes of three.
  public func copyFile(
    from source: FilePath, to destination: FilePath, options: CopyOptions = CopyOptions(),
    transform: sending any ByteTransform, progress: (@Sendable (CopyProgress) -> Void)? = nil
  ) async throws(FileIOError) -> CopyReport {
    let cancellation = Cancellation()
    let sent = SentTransform(transform: transform)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "UringIO.copyFile").async {
          continuation.resume(
            returning: Result { () throws(FileIOError) in
              try self.copyFileBlocking(
                from: PathBytes(source), to: PathBytes(destination), options: options, transform: sent,
                cancellation: cancellation, progress: progress)
            })
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// ``copyFile(from:to:options:transform:progress:)`` with a function: it gets the bytes, and `nil` at the end.
  public func copyFile(
    from source: FilePath, to destination: FilePath, options: CopyOptions = CopyOptions(),
    transform: @escaping @Sendable (UnsafeRawBufferPointer?, inout OutputBytes) throws -> Void,
    progress: (@Sendable (CopyProgress) -> Void)? = nil
  ) async throws(FileIOError) -> CopyReport {
    try await copyFile(
      from: source, to: destination, options: options, transform: ClosureTransform(transform),
      progress: progress)
  }

  /// For who may block its thread, with paths as raw bytes.
  func copyFileBlocking(
    from source: PathBytes, to destination: PathBytes, options: CopyOptions, transform: SentTransform,
    cancellation: Cancellation, progress: (@Sendable (CopyProgress) -> Void)? = nil
  ) throws(FileIOError) -> CopyReport {
    let call = try selection.beginCall()
    defer { selection.endCall(call) }
    var copy = FileCopy(
      options: options, cancellation: cancellation, progress: CopyProgressCounter(progress),
      engines: selection, intercept: intercept)
    copy.transform = transform
    try copy.run(from: source, to: destination)
    return copy.report
  }
}
