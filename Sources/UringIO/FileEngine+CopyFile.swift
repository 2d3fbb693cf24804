import Dispatch
import SystemPackage

extension FileEngine {
  /// Copies one file, the way that measures best for it: shared blocks, the server, or chunks through the
  /// engine with holes kept.
  ///
  /// A destination that this call created is removed again if the copy fails or its task is cancelled, and
  /// has never the source's size before it is complete. One that existed is truncated and written into
  /// (see ``CopyOptions/existing``).
  ///
  /// - Parameters:
  ///   - progress: called on engine threads, one call at a time, after each piece; keep it short.
  /// - Returns: what was done, and why that way.
  /// - Throws: `FileIOError`: what was being done to which file, the kernel's answer, and what became of the
  ///   destination; with the cause `.sourceChanged` the copy is there, but may be a mixture.
  /// - Complexity: one thread waits for the copy; memory is bounded by depth x chunk size (8 MiB unless
  ///   asked otherwise) at any file size.
  public func copyFile(
    from source: FilePath, to destination: FilePath, options: CopyOptions = CopyOptions(),
    progress: (@Sendable (CopyProgress) -> Void)? = nil
  ) async throws(FileIOError) -> CopyReport {
    let cancellation = Cancellation()
    // Typed throws do not pass through a continuation: the result does.
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "UringIO.copyFile").async {
          continuation.resume(
            returning: Result { () throws(FileIOError) in
              try self.copyFileBlocking(
                from: PathBytes(source), to: PathBytes(destination), options: options,
                cancellation: cancellation, progress: progress)
            })
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// ``copyFile(from:to:options:progress:)`` for who may block its thread, with paths as raw bytes.
  package func copyFileBlocking(
    from source: PathBytes, to destination: PathBytes, options: CopyOptions, cancellation: Cancellation,
    progress: (@Sendable (CopyProgress) -> Void)? = nil
  ) throws(FileIOError) -> CopyReport {
    if let chunk = options.chunkByteCount, !CopyOptions.chunkByteCountRange.contains(chunk) {
      throw FileIOError(.invalidArgument, during: .copy, path: source, note: "chunk size out of range")
    }
    if let depth = options.depth, !CopyOptions.depthRange.contains(depth) {
      throw FileIOError(.invalidArgument, during: .copy, path: source, note: "depth out of range")
    }
    let call = try selection.beginCall()
    defer { selection.endCall(call) }
    var copy = FileCopy(
      options: options, cancellation: cancellation, progress: CopyProgressCounter(progress),
      engines: selection, intercept: intercept)
    try copy.run(from: source, to: destination)
    return copy.report
  }
}
