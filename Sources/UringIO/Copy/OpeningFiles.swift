import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Opens a copy's two files by cp's rules, so that nothing is truncated that should not be.
enum OpeningFiles {
  /// - Throws: `.status` where the name leads nowhere, `.open` where the file may not be read or is a
  ///   directory.
  static func openSource(_ path: PathBytes) throws(FileIOError) -> OpenedFile {
    // Non-blocking: a FIFO without a writer must not keep the copy from being interrupted.
    let descriptor: FileDescriptor
    switch SystemCall.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) {
    case .success(let opened): descriptor = opened
    case .failure(let errno):
      // What cannot even be looked at is reported as such.
      if case .failure(let statusErrno) = FileStatus.of(path) {
        throw FileIOError(statusErrno, during: .status, path: path)
      }
      throw FileIOError(errno, during: .open, path: path)
    }
    switch FileStatus.of(descriptor) {
    case .failure(let errno):
      _ = SystemCall.close(descriptor)
      throw FileIOError(errno, during: .status, path: path)
    case .success(let status):
      if status.type == .directory {
        _ = SystemCall.close(descriptor)
        throw FileIOError(.isDirectory, during: .open, path: path)
      }
      if status.type == .regular { SystemCall.clearNonBlocking(descriptor) }
      return OpenedFile(
        descriptor: descriptor, path: path, status: status, fileSystem: .of(descriptor), isCreated: false,
        surplusMode: 0)
    }
  }

  /// Creates the destination, or opens and truncates the one that is there.
  ///
  /// - Returns: `nil` where one is there and is to be kept.
  static func openDestination(
    _ path: PathBytes, for source: OpenedFile, existing: CopyOptions.Existing,
    cancellation: Cancellation
  ) throws(FileIOError) -> OpenedFile? {
    switch create(path, mode: source.status.mode) {
    case .success(let created): return created
    case .failure(.fileExists): break
    case .failure(let errno):
      throw FileIOError(errno, during: .create, path: path)
    }
    if existing == .keep { return nil }
    switch FileStatus.of(path) {
    case .failure(.noSuchFileOrDirectory):
      throw FileIOError(.danglingSymlink, during: .create, path: path)
    case .failure(let errno):
      throw FileIOError(errno, during: .status, path: path)
    case .success(let status):
      if status.isSameFile(as: source.status), status.type != .characterDevice {
        throw FileIOError(.sameFile, during: .copy, path: path)
      }
      if status.type == .directory { throw FileIOError(.isDirectory, during: .create, path: path) }
      return try openExisting(path, status, for: source, existing: existing, cancellation: cancellation)
    }
  }

  private static func create(_ path: PathBytes, mode: UInt16) -> Result<OpenedFile, Errno> {
    // The owner's right to write is needed to open the file a second time for direct transfers.
    let permissions = mode & 0o777
    let surplus = ~permissions & 0o200
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY
    return SystemCall.open(path, flags, mode: permissions | surplus).flatMap { descriptor in
      FileStatus.of(descriptor).map { status in
        OpenedFile(
          descriptor: descriptor, path: path, status: status, fileSystem: .of(descriptor), isCreated: true,
          surplusMode: surplus)
      }
    }
  }

  private static func openExisting(
    _ path: PathBytes, _ status: FileStatus, for source: OpenedFile,
    existing: CopyOptions.Existing, cancellation: Cancellation
  ) throws(FileIOError) -> OpenedFile {
    let descriptor: FileDescriptor
    switch openForWriting(path, status, cancellation) {
    case .success(let opened): descriptor = opened
    case .failure(let errno):
      guard existing == .replaceIfNeeded, status.type == .regular else {
        throw FileIOError(errno, during: .create, path: path)
      }
      if let errno = SystemCall.remove(path) { throw FileIOError(errno, during: .remove, path: path) }
      switch create(path, mode: source.status.mode) {
      case .success(let created): return created
      case .failure(let errno): throw FileIOError(errno, during: .create, path: path)
      }
    }
    return try truncated(descriptor, path, for: source)
  }

  /// Truncates only after the open file was compared with the source: the name may lead elsewhere by now.
  private static func truncated(
    _ descriptor: FileDescriptor, _ path: PathBytes, for source: OpenedFile
  ) throws(FileIOError) -> OpenedFile {
    do throws(FileIOError) {
      let status: FileStatus
      switch FileStatus.of(descriptor) {
      case .success(let found): status = found
      case .failure(let errno): throw FileIOError(errno, during: .status, path: path)
      }
      if status.type == .regular {
        if status.isSameFile(as: source.status) { throw FileIOError(.sameFile, during: .copy, path: path) }
        let answer = SystemCall.truncate(descriptor, to: 0)
        if answer < 0 { throw FileIOError(kernelResult: answer, during: .truncate, path: path) }
      }
      return OpenedFile(
        descriptor: descriptor, path: path, status: status, fileSystem: .of(descriptor), isCreated: false,
        surplusMode: 0)
    } catch {
      _ = SystemCall.close(descriptor)
      throw error
    }
  }

  /// How often a FIFO that nobody reads yet is tried again, in milliseconds: `open` has no other way to
  /// wait that can be interrupted.
  private static let readerPollMilliseconds: CInt = 20

  private static func openForWriting(
    _ path: PathBytes, _ status: FileStatus, _ cancellation: Cancellation
  ) -> Result<FileDescriptor, Errno> {
    guard status.type != .regular else { return SystemCall.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
    while true {
      let opened = SystemCall.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
      guard case .failure(.noSuchAddressOrDevice) = opened, status.type == .fifo else { return opened }
      if cancellation.isCancelled { return .failure(.canceled) }
      SystemCall.wait(
        for: cancellation.wakeUpDescriptor(), milliseconds: readerPollMilliseconds)
    }
  }
}
