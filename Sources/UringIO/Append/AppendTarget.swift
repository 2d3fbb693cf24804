import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What an appender's bytes go to.
package struct AppendTarget: Sendable {
  package var descriptor: FileDescriptor
  package var path: PathBytes
  /// Not a device: it has offsets, an end that can be cut, and a lock.
  package var isRegular: Bool

  package init(descriptor: FileDescriptor, path: PathBytes, isRegular: Bool) {
    self.descriptor = descriptor
    self.path = path
    self.isRegular = isRegular
  }
}

extension AppendTarget {
  static func open(
    _ path: PathBytes, _ options: AppendOptions
  ) throws(FileIOError) -> AppendTarget {
    // Looked at first: opening and closing a FIFO would end it for its reader.
    if case .success(let status) = FileStatus.of(path) { try checkType(status, path) }
    let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
    let permissions = UInt16(truncatingIfNeeded: options.permissions.rawValue & 0o7777)
    var isCreated = false
    var opened = SystemCall.open(path, flags)
    if case .failure(.noSuchFileOrDirectory) = opened {
      opened = SystemCall.open(path, flags | O_CREAT, mode: permissions)
      isCreated = true
    }
    let descriptor: FileDescriptor
    switch opened {
    case .success(let answer): descriptor = answer
    case .failure(let errno): throw FileIOError(errno, during: .open, path: path)
    }
    do throws(FileIOError) {
      let status: FileStatus
      switch FileStatus.of(descriptor) {
      case .success(let answer): status = answer
      case .failure(let errno): throw FileIOError(errno, during: .status, path: path)
      }
      try checkType(status, path)
      // A device stays non-blocking: a terminal that takes nothing is polled.
      if status.type == .regular { SystemCall.setAppending(descriptor) }
      if isCreated, options.isDurable { try synchronizeDirectory(of: path) }
      return AppendTarget(descriptor: descriptor, path: path, isRegular: status.type == .regular)
    } catch {
      _ = SystemCall.close(descriptor)
      throw error
    }
  }

  private static func checkType(_ status: FileStatus, _ path: PathBytes) throws(FileIOError) {
    let name: String
    switch status.type {
    case .regular, .characterDevice, .symbolicLink: return
    case .directory: throw FileIOError(.isDirectory, during: .append, path: path)
    case .fifo: name = "a FIFO"
    case .socket: name = "a socket"
    case .blockDevice: name = "a block device"
    }
    throw FileIOError(
      .illegalSeek, during: .append, path: path, note: "it is \(name), which has no end to append to")
  }

  /// The new name too must survive a crash. Through symbolic links, to the directory the file is in.
  private static func synchronizeDirectory(of path: PathBytes) throws(FileIOError) {
    guard let resolved = path.withCString({ realpath($0, nil) }) else {
      throw FileIOError(SystemCall.lastError, during: .open, path: path)
    }
    defer { free(resolved) }
    var bytes = UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)).map { $0 }
    while bytes.count > 1, bytes.last != UInt8(ascii: "/") { bytes.removeLast() }
    let directory = PathBytes(bytes)
    switch SystemCall.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) {
    case .failure(let errno): throw FileIOError(errno, during: .open, path: directory)
    case .success(let descriptor):
      let answer = SystemCall.synchronize(descriptor, dataOnly: false)
      _ = SystemCall.close(descriptor)
      // Some file systems have nothing to sync there.
      guard answer >= 0 || Errno(rawValue: CInt(-answer)) == .invalidArgument else {
        throw FileIOError(kernelResult: answer, during: .synchronize, path: directory)
      }
    }
  }
}
