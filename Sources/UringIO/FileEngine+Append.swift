import Dispatch
import SystemPackage

extension FileEngine {
  /// Opens a file for appending, creating it where it is missing.
  ///
  /// A character device (`/dev/null`, a terminal) is taken too; its offsets count what this appender gave it. A
  /// FIFO, a socket and a block device are refused: they have no end to append to.
  ///
  /// - Throws: `FileIOError` during `.open` or `.append`: what the kernel answered, `EISDIR` for a directory,
  ///   `ESPIPE` for what has no end, `EINVAL` for an option out of range.
  /// - Complexity: two or three system calls; with ``AppendOptions/isDurable`` and a new file, an `fsync` of its
  ///   directory.
  public func appender(
    to file: FilePath, options: AppendOptions = AppendOptions()
  ) async throws(FileIOError) -> Appender {
    let path = PathBytes(file)
    let result = await withCheckedContinuation { continuation in
      DispatchQueue(label: "UringIO.appender").async {
        continuation.resume(
          returning: Result { () throws(FileIOError) in try self.appenderBlocking(to: path, options: options)
          })
      }
    }
    return try result.get()
  }

  /// ``appender(to:options:)`` for who may block its thread, with the path as raw bytes.
  package func appenderBlocking(
    to path: PathBytes, options: AppendOptions
  ) throws(FileIOError) -> Appender {
    guard AppendOptions.bufferByteCountRange.contains(options.bufferByteCount) else {
      throw FileIOError(
        .invalidArgument, during: .append, path: path, note: "the buffer's size is out of range")
    }
    let target = try AppendTarget.open(path, options)
    return Appender(
      AppendQueue(
        target, options: options, intercept: intercept, logger: logger, measuring: measuring))
  }
}
