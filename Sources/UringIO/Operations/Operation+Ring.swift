#if LINUX && canImport(CLiburing)
  import CLiburing
  import CLinux
  import Glibc
  import SystemPackage

  extension Operation {
    /// Fills a submission queue entry with the operation.
    ///
    /// - Parameter vectors: memory for the I/O vectors of a vectored transfer, which must outlive the
    ///   submission; the slot owns it.
    /// - Precondition: the placement table gave `.ring`, so the operation has a ring form.
    func prepare(
      _ entry: UnsafeMutablePointer<io_uring_sqe>, vectors: UnsafeMutableBufferPointer<iovec>?
    ) {
      switch self {
      case .read(let descriptor, let slice, let offset, let options):
        io_uring_prep_read(
          entry, descriptor.rawValue, slice.address, Self.transferLength(slice), Self.position(offset))
        entry.pointee.rw_flags = options.contains(.dropBehind) ? UInt32(linuxReadWriteDontCache) : 0
      case .write(let descriptor, let slice, let offset, let options):
        io_uring_prep_write(
          entry, descriptor.rawValue, slice.address, Self.transferLength(slice), Self.position(offset))
        entry.pointee.rw_flags = options.contains(.dropBehind) ? UInt32(linuxReadWriteDontCache) : 0
      case .readVector(let descriptor, let slices, let offset):
        SystemCall.fill(vectors!, with: slices)
        io_uring_prep_readv(
          entry, descriptor.rawValue, vectors!.baseAddress, UInt32(slices.count), Self.position(offset))
      case .writeVector(let descriptor, let slices, let offset):
        SystemCall.fill(vectors!, with: slices)
        io_uring_prep_writev(
          entry, descriptor.rawValue, vectors!.baseAddress, UInt32(slices.count), Self.position(offset))
      case .synchronize(let descriptor, let dataOnly):
        io_uring_prep_fsync(entry, descriptor.rawValue, dataOnly ? UInt32(IORING_FSYNC_DATASYNC) : 0)
      case .allocate(let descriptor, let range):
        io_uring_prep_fallocate(
          entry, descriptor.rawValue, 0, off_t(range.lowerBound),
          off_t(range.upperBound - range.lowerBound))
      case .poll(let descriptor, let events):
        io_uring_prep_poll_add(entry, descriptor.rawValue, UInt32(UInt16(bitPattern: events.pollMask)))
      case .dropCache(let descriptor, let range):
        io_uring_prep_fadvise(
          entry, descriptor.rawValue, UInt64(range.lowerBound), off_t(Self.adviceLength(range)),
          POSIX_FADV_DONTNEED)
      case .openFile(let directory, let name, let mode):
        io_uring_prep_openat(entry, directory.rawValue, name.address, mode.flags, 0)
      case .createFile(let directory, let name, let mode, let permissions):
        io_uring_prep_openat(entry, directory.rawValue, name.address, mode.flags, mode_t(permissions))
      case .closeFile(let descriptor): io_uring_prep_close(entry, descriptor.rawValue)
      case .status(let descriptor, let box):
        io_uring_prep_statx(
          entry, descriptor.rawValue, FileName.empty.address, linuxStatusFlagsOfDescriptor, linuxStatusMask,
          box.memory.assumingMemoryBound(to: statx.self))
      case .statusOfName(let directory, let name, let box):
        io_uring_prep_statx(
          entry, directory.rawValue, name.address, linuxStatusFlagsOfLink, linuxStatusMask,
          box.memory.assumingMemoryBound(to: statx.self))
      case .makeDirectory(let directory, let name, let permissions):
        io_uring_prep_mkdirat(entry, directory.rawValue, name.address, mode_t(permissions))
      case .remove(let directory, let name, let isDirectory):
        io_uring_prep_unlinkat(entry, directory.rawValue, name.address, isDirectory ? AT_REMOVEDIR : 0)
      case .rename(let directory, let name, let toDirectory, let toName, let replaces):
        io_uring_prep_renameat(
          entry, directory.rawValue, name.address, toDirectory.rawValue, toName.address,
          replaces ? 0 : linuxRenameNoReplace)
      case .truncate, .clone, .copyRange, .movePages, .cacheStatus, .listDirectory, .lock,
        .copySmallFiles, .loadSmallFile, .loadSmallFiles, .entry,
        .unlock, .position:
        preconditionFailure("\(kind) has no ring form")
      }
    }

    /// How many I/O vectors the entry refers to.
    var vectorCount: Int {
      switch self {
      case .readVector(_, let slices, _), .writeVector(_, let slices, _): slices.count
      default: 0
      }
    }

    private static func transferLength(_ slice: BufferSlice) -> UInt32 {
      UInt32(min(slice.count, transferByteCountMax))
    }

    /// The ring's way to say "at the file position" is an offset of -1.
    private static func position(_ offset: Int64?) -> UInt64 { UInt64(bitPattern: offset ?? -1) }

    /// The entry's length field has 32 bits; 0 would mean "to the end".
    private static func adviceLength(_ range: Range<Int64>) -> Int64 {
      min(range.upperBound - range.lowerBound, Int64(transferByteCountMax))
    }
  }
#endif
