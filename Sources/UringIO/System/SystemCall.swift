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

/// The system calls, one function each, answering as the kernel does: a count, or a negated errno. The
/// calls only Linux has answer `-ENOTSUP` elsewhere.
enum SystemCall {
  static var lastError: Errno { Errno(rawValue: errno) }

  static func result(_ value: Int) -> Int { value >= 0 ? value : -Int(errno) }

  static let unsupported = -Int(Errno.notSupported.rawValue)

  // MARK: Threads

  /// Lets others that wait for this core go first.
  static func yieldCore() { sched_yield() }

  // MARK: Memory

  static func mapAnonymous(byteCount: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #endif
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    return address == MAP_FAILED ? nil : address
  }

  static func unmap(_ address: UnsafeMutableRawPointer, byteCount: Int) { munmap(address, byteCount) }

  /// Only advice: without huge pages everything works, at a higher cost.
  static func adviseHugePages(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    #if LINUX
      _ = linuxAdviseHugePages(address, byteCount)
    #endif
  }

  /// Backs whole pages with memory, which takes less time than a page fault for each. Only advice: a kernel that cannot
  /// (before Linux 5.14) backs each page when it is first touched.
  static func populate(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    #if LINUX
      _ = linuxPopulateForWriting(address, byteCount)
    #endif
  }

  // MARK: Transfers

  static func read(
    _ descriptor: FileDescriptor, _ slice: BufferSlice, at offset: Int64?, _ options: TransferOptions
  ) -> Int {
    let count = min(slice.count, Operation.transferByteCountMax)
    #if LINUX
      if !options.isDisjoint(with: [.dropBehind, .cachedOnly]) {
        var vector = iovec(iov_base: slice.address, iov_len: count)
        let flags =
          (options.contains(.dropBehind) ? linuxReadWriteDontCache : 0)
          | (options.contains(.cachedOnly) ? linuxReadWriteNoWait : 0)
        return result(linuxReadVector(descriptor.rawValue, &vector, 1, offset ?? -1, flags))
      }
    #endif
    guard let offset else { return result(systemRead(descriptor.rawValue, slice.address, count)) }
    return result(pread(descriptor.rawValue, slice.address, count, off_t(offset)))
  }

  static func write(
    _ descriptor: FileDescriptor, _ slice: BufferSlice, at offset: Int64?, _ options: TransferOptions
  ) -> Int {
    let count = min(slice.count, Operation.transferByteCountMax)
    #if LINUX
      if options.contains(.dropBehind) {
        var vector = iovec(iov_base: slice.address, iov_len: count)
        return result(
          linuxWriteVector(descriptor.rawValue, &vector, 1, offset ?? -1, linuxReadWriteDontCache))
      }
      if options.contains(.direct), let offset {
        return result(linuxWriteAsynchronously(descriptor.rawValue, slice.address, count, offset))
      }
    #endif
    guard let offset else { return result(systemWrite(descriptor.rawValue, slice.address, count)) }
    return result(pwrite(descriptor.rawValue, slice.address, count, off_t(offset)))
  }

  static func readVector(_ descriptor: FileDescriptor, _ slices: [BufferSlice], at offset: Int64?) -> Int {
    withVectors(slices) { vectors, count in
      guard let offset else { return result(readv(descriptor.rawValue, vectors, count)) }
      return result(preadv(descriptor.rawValue, vectors, count, off_t(offset)))
    }
  }

  static func writeVector(_ descriptor: FileDescriptor, _ slices: [BufferSlice], at offset: Int64?) -> Int {
    withVectors(slices) { vectors, count in
      guard let offset else { return result(writev(descriptor.rawValue, vectors, count)) }
      return result(pwritev(descriptor.rawValue, vectors, count, off_t(offset)))
    }
  }

  private static func withVectors(
    _ slices: [BufferSlice], _ body: (UnsafeMutablePointer<iovec>?, CInt) -> Int
  ) -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: slices.count) { vectors in
      fill(vectors, with: slices)
      return body(vectors.baseAddress, CInt(slices.count))
    }
  }

  static func fill(_ vectors: UnsafeMutableBufferPointer<iovec>, with slices: [BufferSlice]) {
    for (index, slice) in slices.enumerated() {
      vectors[index] = iovec(iov_base: slice.address, iov_len: slice.count)
    }
  }

  // MARK: Files

  static func synchronize(_ descriptor: FileDescriptor, dataOnly: Bool) -> Int {
    #if canImport(Darwin)
      return result(Int(fsync(descriptor.rawValue)))
    #else
      return result(Int(dataOnly ? fdatasync(descriptor.rawValue) : fsync(descriptor.rawValue)))
    #endif
  }

  static func truncate(_ descriptor: FileDescriptor, to size: Int64) -> Int {
    result(Int(ftruncate(descriptor.rawValue, off_t(size))))
  }

  static func allocate(_ descriptor: FileDescriptor, _ range: Range<Int64>) -> Int {
    #if LINUX
      return result(
        Int(linuxAllocate(descriptor.rawValue, 0, range.lowerBound, range.upperBound - range.lowerBound)))
    #else
      return unsupported
    #endif
  }

  static func clone(_ source: FileDescriptor, to destination: FileDescriptor) -> Int {
    #if LINUX
      return result(Int(linuxClone(destination.rawValue, source.rawValue)))
    #else
      return unsupported
    #endif
  }

  static func copyRange(
    _ source: FileDescriptor, at sourceOffset: Int64, to destination: FileDescriptor,
    at destinationOffset: Int64, byteCount: Int
  ) -> Int {
    #if LINUX
      var from = sourceOffset
      var to = destinationOffset
      let count = min(byteCount, Operation.transferByteCountMax)
      return result(linuxCopyRange(source.rawValue, &from, destination.rawValue, &to, count))
    #else
      return unsupported
    #endif
  }

  /// Waits until the descriptor is ready, or `wakeUp` (another descriptor) can be read from, which is
  /// answered with `-ECANCELED`.
  static func poll(_ descriptor: FileDescriptor, _ events: PollEvents, wakeUp: CInt?) -> Int {
    var polled = [pollfd(fd: descriptor.rawValue, events: events.pollMask, revents: 0)]
    if let wakeUp { polled.append(pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0)) }
    let answer = systemPoll(&polled, nfds_t(polled.count), -1)
    if answer < 0 { return -Int(errno) }
    if polled.count > 1, polled[1].revents != 0 { return -Int(Errno.canceled.rawValue) }
    return Int(polled[0].revents)
  }

  // MARK: Names

  static func open(_ directory: FileDescriptor, _ name: FileName, flags: CInt, permissions: UInt16) -> Int {
    result(Int(openat(directory.rawValue, name.address, flags, mode_t(permissions))))
  }

  /// Closed whatever the answer: an error is one of writing, EINTR is none.
  static func closeFile(_ descriptor: FileDescriptor) -> Int {
    guard let errno: Errno = close(descriptor), errno != .interrupted else { return 0 }
    return -Int(errno.rawValue)
  }

  static func makeDirectory(_ directory: FileDescriptor, _ name: FileName, permissions: UInt16) -> Int {
    result(Int(mkdirat(directory.rawValue, name.address, mode_t(permissions))))
  }

  static func listDirectory(_ descriptor: FileDescriptor, _ slice: BufferSlice) -> Int {
    #if LINUX
      return result(linuxReadDirectory(descriptor.rawValue, slice.address, slice.count))
    #else
      return unsupported
    #endif
  }

  static func readLink(
    _ directory: FileDescriptor, _ name: FileName, _ target: UnsafeMutableRawBufferPointer
  ) -> Int {
    result(
      readlinkat(
        directory.rawValue, name.address, target.baseAddress!.assumingMemoryBound(to: CChar.self),
        target.count))
  }

  static func makeLink(_ target: FileName, _ directory: FileDescriptor, _ name: FileName) -> Int {
    result(Int(symlinkat(target.address, directory.rawValue, name.address)))
  }

  static func makeNode(
    _ directory: FileDescriptor, _ name: FileName, mode: UInt32, device: UInt64
  ) -> Int {
    #if LINUX
      return result(Int(linuxMakeNode(directory.rawValue, name.address, mode, device)))
    #else
      return unsupported
    #endif
  }

  static func remove(_ directory: FileDescriptor, _ name: FileName, isDirectory: Bool) -> Int {
    result(Int(unlinkat(directory.rawValue, name.address, isDirectory ? AT_REMOVEDIR : 0)))
  }

  static func rename(
    _ directory: FileDescriptor, _ name: FileName, _ toDirectory: FileDescriptor, _ toName: FileName,
    replaces: Bool
  ) -> Int {
    #if LINUX
      return result(
        Int(
          linuxRename(
            directory.rawValue, name.address, toDirectory.rawValue, toName.address,
            replaces ? 0 : linuxRenameNoReplace)))
    #else
      guard replaces else { return unsupported }
      return result(
        Int(renameat(directory.rawValue, name.address, toDirectory.rawValue, toName.address)))
    #endif
  }

  // MARK: Appending

  static func lock(_ descriptor: FileDescriptor, _ operation: CInt) -> Int {
    result(Int(flock(descriptor.rawValue, operation)))
  }

  /// Makes writes to a file opened for appending wait again, where it was opened with O_NONBLOCK only lest it be
  /// a FIFO.
  static func setAppending(_ descriptor: FileDescriptor) {
    _ = fcntl(descriptor.rawValue, F_SETFL, O_APPEND)
  }

  static func position(_ descriptor: FileDescriptor) -> Int {
    result(Int(lseek(descriptor.rawValue, 0, SEEK_CUR)))
  }

  /// Lists a directory, or reads a file, from its start again.
  static func rewind(_ descriptor: FileDescriptor) -> Int {
    result(Int(lseek(descriptor.rawValue, 0, SEEK_SET)))
  }

  // MARK: The page cache

  static let pageByteCount = Int64(sysconf(CInt(_SC_PAGESIZE)))

  /// Bytes of the range in the page cache, counted in pages.
  static func cacheStatus(_ descriptor: FileDescriptor, _ range: Range<Int64>) -> Int {
    #if LINUX
      let pages = linuxCachedPages(
        descriptor.rawValue, range.lowerBound, range.upperBound - range.lowerBound)
      return pages < 0 ? -Int(errno) : Int(pages * pageByteCount)
    #else
      return unsupported
    #endif
  }

  static func dropCache(_ descriptor: FileDescriptor, _ range: Range<Int64>) -> Int {
    #if LINUX
      return result(
        Int(linuxDropCache(descriptor.rawValue, range.lowerBound, range.upperBound - range.lowerBound)))
    #else
      return 0
    #endif
  }
}

extension PollEvents {
  /// The bits `poll(2)` and the ring's poll take.
  var pollMask: Int16 {
    var mask: CInt = 0
    if contains(.readable) { mask |= CInt(POLLIN) }
    if contains(.writable) { mask |= CInt(POLLOUT) }
    return Int16(mask)
  }
}

// Inside `SystemCall` the plain names are its own functions.
private func systemRead(_ descriptor: CInt, _ address: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, address, count)
}
private func systemWrite(_ descriptor: CInt, _ address: UnsafeMutableRawPointer, _ count: Int) -> Int {
  write(descriptor, address, count)
}
private func systemPoll(_ polled: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ timeout: CInt) -> CInt {
  poll(polled, count, timeout)
}
