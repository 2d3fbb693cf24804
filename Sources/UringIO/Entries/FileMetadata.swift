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

/// A file whose metadata is read or set: open, or a name that is not followed. Answers are 0 or an errno.
struct FileMetadata {
  /// What is set on an open file needs no name.
  let descriptor: FileDescriptor?
  let place: EntryPlace

  init(_ descriptor: FileDescriptor, at place: EntryPlace) {
    self.descriptor = descriptor
    self.place = place
  }

  init(_ place: EntryPlace) {
    descriptor = nil
    self.place = place
  }

  #if LINUX
    private func withEntry<Answer: SignedInteger>(_ call: (UnsafePointer<linuxEntry>) -> Answer) -> Result<
      Int, Errno
    > {
      var entry = linuxEntry(
        descriptor: descriptor?.rawValue ?? -1, directory: place.directory.rawValue, name: place.name.address)
      let answer = call(&entry)
      return answer < 0 ? .failure(SystemCall.lastError) : .success(Int(answer))
    }

    private func errno(_ call: (UnsafePointer<linuxEntry>) -> CInt) -> Errno? {
      if case .failure(let errno) = withEntry(call) { errno } else { nil }
    }

    func setTimes(of status: FileStatus) -> Errno? {
      var times = linuxTimes(
        accessedSeconds: status.accessedSeconds, modifiedSeconds: status.modifiedSeconds,
        accessedNanoseconds: UInt32(status.accessedNanoseconds),
        modifiedNanoseconds: UInt32(status.modifiedNanoseconds))
      return errno { linuxSetTimes($0, &times) }
    }

    /// - Parameter user: `nil`: as it is.
    func setOwner(user: UInt32?, group: UInt32) -> Errno? {
      errno { linuxSetOwner($0, user ?? UInt32.max, group) }
    }

    func setMode(_ mode: UInt16) -> Errno? { errno { linuxSetMode($0, UInt32(mode)) } }

    /// The names of all extended attributes.
    func attributes() -> Result<[FileName], Errno> {
      while true {
        let count: Int
        switch withEntry({ linuxListAttributes($0, nil, 0) }) {
        case .failure(let errno): return .failure(errno)
        case .success(0): return .success([])
        case .success(let found): count = found
        }
        var names = [CChar](repeating: 0, count: count)
        switch withEntry({ linuxListAttributes($0, &names, count) }) {
        // It grew in between.
        case .failure(.outOfRange): continue
        case .failure(let errno): return .failure(errno)
        case .success(let found):
          return .success(
            names.prefix(found).split(separator: 0).map { name in
              FileName(PathBytes(name.map { UInt8(bitPattern: $0) }))
            })
        }
      }
    }

    func attribute(_ name: FileName) -> Result<[UInt8], Errno> {
      var count = 256
      while true {
        var value = [UInt8](repeating: 0, count: count)
        switch withEntry({ linuxGetAttribute($0, name.address, &value, count) }) {
        case .success(let found): return .success(Array(value.prefix(found)))
        // The largest there is (XATTR_SIZE_MAX).
        case .failure(.outOfRange) where count < 65536: count = 65536
        case .failure(let errno): return .failure(errno)
        }
      }
    }

    func setAttribute(_ name: FileName, _ value: [UInt8]) -> Errno? {
      errno { entry in
        value.withUnsafeBytes { linuxSetAttribute(entry, name.address, $0.baseAddress, $0.count) }
      }
    }

    func removeAttribute(_ name: FileName) -> Errno? { errno { linuxRemoveAttribute($0, name.address) } }
  #else
    func setTimes(of status: FileStatus) -> Errno? {
      let times = [
        timespec(tv_sec: Int(status.accessedSeconds), tv_nsec: Int(status.accessedNanoseconds)),
        timespec(tv_sec: Int(status.modifiedSeconds), tv_nsec: Int(status.modifiedNanoseconds)),
      ]
      return errno(
        descriptor.map { futimens($0.rawValue, times) }
          ?? utimensat(place.directory.rawValue, place.name.address, times, AT_SYMLINK_NOFOLLOW))
    }

    func setOwner(user: UInt32?, group: UInt32) -> Errno? {
      let user = user ?? UInt32.max
      return errno(
        descriptor.map { fchown($0.rawValue, user, group) }
          ?? fchownat(place.directory.rawValue, place.name.address, user, group, AT_SYMLINK_NOFOLLOW))
    }

    func setMode(_ mode: UInt16) -> Errno? {
      errno(
        descriptor.map { fchmod($0.rawValue, mode_t(mode)) }
          ?? fchmodat(place.directory.rawValue, place.name.address, mode_t(mode), 0))
    }

    private func errno(_ answer: CInt) -> Errno? { answer < 0 ? SystemCall.lastError : nil }

    func attributes() -> Result<[FileName], Errno> { .success([]) }
    func attribute(_ name: FileName) -> Result<[UInt8], Errno> { .failure(.notSupported) }
    func setAttribute(_ name: FileName, _ value: [UInt8]) -> Errno? { .notSupported }
    func removeAttribute(_ name: FileName) -> Errno? { .notSupported }
  #endif
}

extension FileMetadata {
  /// All mode bits, as they are now.
  var mode: UInt16? {
    let status = descriptor.map { FileStatus.of($0) } ?? place.status(followsLink: false)
    return try? status.get().mode
  }
}

extension Errno {
  /// An extended attribute is not there (`ENODATA`).
  static var noAttribute: Errno {
    #if !canImport(Darwin)
      .noData
    #else
      .attributeNotFound
    #endif
  }
}

extension SystemCall {
  /// The permission bits that new files do not get. Reading it changes nothing for other threads, as `umask(2)` would.
  static let fileModeCreationMask: UInt16 = {
    #if LINUX
      let status = open(PathBytes(Array("/proc/self/status".utf8)), O_RDONLY | O_CLOEXEC)
      if case .success(let descriptor) = status {
        defer { _ = close(descriptor) as Errno? }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor.rawValue, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        for line in text.split(separator: "\n") where line.hasPrefix("Umask:") {
          if let mask = UInt16(line.dropFirst(6).drop { $0 == "\t" || $0 == " " }, radix: 8) { return mask }
        }
      }
    #endif
    // Without procfs: for an instant, for all threads.
    let mask = umask(0o077)
    umask(mask)
    return UInt16(mask)
  }()

  static let isPrivileged = geteuid() == 0
}
