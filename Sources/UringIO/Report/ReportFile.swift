import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is written at the end of something. It appears whole under its name, or not at all; until then it has
/// a name beside that, which shows at the start whether it can be written.
///
/// Where the name is a link or something that is no regular file, a device or a FIFO, it is written to as it is: another
/// file in its place would take it away.
package final class ReportFile {
  package let path: PathBytes
  /// `nil` where the name itself is written to.
  private let temporary: PathBytes?
  private let descriptor: FileDescriptor
  private var isWhole = false

  /// - Throws: `FileIOError` where nothing can be made there.
  package init(_ path: PathBytes) throws(FileIOError) {
    self.path = path
    var status = stat()
    let isThere = path.withCString({ lstat($0, &status) }) == 0
    let isReplaced = !isThere || status.st_mode & S_IFMT == S_IFREG
    temporary = isReplaced ? PathBytes(path.bytes + Array(".\(getpid()).part".utf8)) : nil
    let opened = (temporary ?? path).withCString { name in
      Result {
        try FileDescriptor.open(
          name, .writeOnly, options: [.create, .truncate, .closeOnExec],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
      }
    }
    switch opened {
    case .success(let descriptor): self.descriptor = descriptor
    case .failure(let error): throw FileIOError(error as? Errno ?? .ioError, during: .create, path: path)
    }
  }

  deinit {
    try? descriptor.close()
    if !isWhole, let temporary { _ = temporary.withCString { unlink($0) } }
  }

  /// Writes the next bytes of it.
  package func append(_ bytes: [UInt8]) throws(FileIOError) {
    do {
      try bytes.withUnsafeBytes { _ = try descriptor.writeAll($0) }
    } catch {
      throw FileIOError(error as? Errno ?? .ioError, during: .write, path: path)
    }
  }

  /// Gives it its name; nothing is written afterwards.
  package func finish() throws(FileIOError) {
    if let temporary, temporary.withCString({ from in path.withCString { rename(from, $0) } }) != 0 {
      throw FileIOError(Errno(rawValue: errno), during: .rename, path: path)
    }
    isWhole = true
  }

  package func write(_ text: String) throws(FileIOError) {
    try append(Array(text.utf8))
    try finish()
  }

  /// Writes the trace of what was asked of the kernel (``OperationTrace``).
  ///
  /// - Parameter process: the program's name.
  package func write(traceOf operations: OperationTally, process: String) throws(FileIOError) {
    try operations.writeTrace(process: process) { bytes throws(FileIOError) in try append(bytes) }
    try finish()
  }
}
