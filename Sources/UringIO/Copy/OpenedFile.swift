import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
#if LINUX
  import CLinux
#endif

/// An open file and what was learned on opening it. Whoever has it closes it.
struct OpenedFile: Sendable {
  let descriptor: FileDescriptor
  let path: PathBytes
  var status: FileStatus
  let fileSystem: FileSystemKind
  /// This run made the file.
  let isCreated: Bool
  /// Permission bits to take away at the end: they were needed to open the file a second time.
  let surplusMode: UInt16
  /// Where its name is; `nil` for what is found by ``path``.
  var entry: (directory: FileDescriptor, name: FileName)?

  /// The same file once more, for direct transfers; `nil` where that is refused.
  ///
  /// By its descriptor, so that no other file can have taken the name meanwhile. `open(O_DIRECT)`.
  func openDirect(writing: Bool) -> Result<FileDescriptor, Errno> {
    #if LINUX
      let link = PathBytes(Array("/proc/self/fd/\(descriptor.rawValue)".utf8))
      return SystemCall.open(link, (writing ? O_WRONLY : O_RDONLY) | O_CLOEXEC | linuxOpenDirect)
    #else
      return .failure(.notSupported)
    #endif
  }

  /// Closes the file; an error means that written data may be lost (NFS reports it here).
  func close() -> Errno? { SystemCall.close(descriptor) }
}

extension OpenedFile {
  /// Where a file's name is, by which it can be removed.
  struct Place {
    let directory: FileDescriptor
    let name: FileName

    /// Whether the name still stands for that file.
    func isStill(_ status: FileStatus) -> Bool {
      let box = StatusBox()
      return box.fill(directory, name) >= 0 && box.status.isSameFile(as: status)
    }

    func remove() -> Errno? {
      let answer = SystemCall.remove(directory, name, isDirectory: false)
      return answer < 0 ? Errno(rawValue: CInt(-answer)) : nil
    }
  }

  var place: Place {
    entry.map { Place(directory: $0.directory, name: $0.name) }
      ?? Place(directory: .workingDirectory, name: FileName(path))
  }
}

extension SystemCall {
  static func open(_ path: PathBytes, _ flags: CInt, mode: UInt16 = 0) -> Result<FileDescriptor, Errno> {
    while true {
      let descriptor = path.withCString { systemOpen($0, flags, mode_t(mode)) }
      if descriptor >= 0 { return .success(FileDescriptor(rawValue: descriptor)) }
      guard lastError == .interrupted else { return .failure(lastError) }
    }
  }

  /// Not asked again after EINTR: Linux has closed the descriptor by then.
  static func close(_ descriptor: FileDescriptor) -> Errno? {
    systemClose(descriptor.rawValue) == 0 || lastError == .interrupted ? nil : lastError
  }

  static func remove(_ path: PathBytes) -> Errno? {
    path.withCString { unlink($0) } == 0 ? nil : lastError
  }

  /// Makes transfers wait again, for files that were opened with O_NONBLOCK only lest they be FIFOs.
  static func clearNonBlocking(_ descriptor: FileDescriptor) {
    _ = fcntl(descriptor.rawValue, F_SETFL, 0)
  }

  /// As ``clearNonBlocking(_:)``, leaving the other flags.
  static func makeTransfersWait(_ descriptor: FileDescriptor) {
    let flags = fcntl(descriptor.rawValue, F_GETFL)
    if flags >= 0, flags & O_NONBLOCK != 0 { _ = fcntl(descriptor.rawValue, F_SETFL, flags & ~O_NONBLOCK) }
  }

  static func setMode(_ descriptor: FileDescriptor, _ mode: UInt16) -> Errno? {
    fchmod(descriptor.rawValue, mode_t(mode)) == 0 ? nil : lastError
  }

  /// Waits up to `milliseconds` for `descriptor` to become readable.
  static func wait(for descriptor: CInt?, milliseconds: CInt) {
    var polled = pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    _ = systemPoll(&polled, 1, milliseconds)
  }
}

private func systemOpen(_ path: UnsafePointer<CChar>, _ flags: CInt, _ mode: mode_t) -> CInt {
  open(path, flags, mode)
}
private func systemClose(_ descriptor: CInt) -> CInt { close(descriptor) }
private func systemPoll(_ polled: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ timeout: CInt) -> CInt {
  poll(polled, count, timeout)
}
