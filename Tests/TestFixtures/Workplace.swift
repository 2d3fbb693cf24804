#if os(Linux)
  import CTestSupport
  import Foundation

  /// A directory in which a test makes files and runs programs. Programs start in it and name files
  /// relative to it, so that their messages can be compared as a whole.
  public struct Workplace: Sendable {
    /// The directory as the programs see it.
    public let directory: RawString
    /// The directory as the tests see it; it differs where the programs have mounts of their own.
    public let outside: RawString
    /// The process whose mounts the programs see.
    var mountNamespaceOf: Int32?

    public init(directory: RawString, outside: RawString, mountNamespaceOf: Int32? = nil) {
      self.directory = directory
      self.outside = outside
      self.mountNamespaceOf = mountNamespaceOf
    }

    public func path(_ name: RawString) -> RawString { outside / name }

    public func command(_ executable: RawString, _ arguments: [RawString]) -> Command {
      var command = Command(executable, arguments, in: directory)
      command.mountNamespaceOf = mountNamespaceOf
      return command
    }

    public func subdirectory(_ name: RawString) -> Workplace {
      Workplace(directory: directory / name, outside: outside / name, mountNamespaceOf: mountNamespaceOf)
    }
  }

  /// Where scratch directories are made.
  public enum ScratchPlace: Sendable {
    /// `$TMPDIR`, or else /tmp: a real disk on most machines.
    case disk
    /// /dev/shm
    case memory

    var directory: String {
      switch self {
      case .disk: ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
      case .memory: "/dev/shm"
      }
    }
  }

  func makeScratch(_ place: ScratchPlace = .disk) throws -> Workplace {
    var template = Array("\(place.directory)/uringcp-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FixtureFailure("no scratch directory in \(place.directory)")
    }
    let directory = RawString(
      String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    directory.withCString { _ = chmod($0, 0o755) }
    return Workplace(directory: directory, outside: directory)
  }

  func removeScratch(_ place: Workplace) throws {
    try check(place.outside.withCString { treeRemove($0) }, "cannot remove \(place.directory)")
  }

  /// Runs a test in a directory of its own, which is removed afterwards, failures included.
  public func withScratch<R>(_ place: ScratchPlace = .disk, _ body: (Workplace) throws -> R) throws -> R {
    let scratch = try makeScratch(place)
    let answer: R
    do {
      answer = try body(scratch)
    } catch {
      try? removeScratch(scratch)
      throw error
    }
    try removeScratch(scratch)
    return answer
  }

  extension Workplace {
    public struct Status: Sendable {
      public let size: Int64
      /// Of 512 bytes.
      public let blocks: Int64
      public let mode: UInt32
      public let inode: UInt64
      public var isCharacterDevice: Bool { mode & S_IFMT == S_IFCHR }
      public var isRegular: Bool { mode & S_IFMT == S_IFREG }
      public var isFIFO: Bool { mode & S_IFMT == S_IFIFO }
      public var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    }

    /// `nil` where there is no such file. Links are not followed.
    public func status(_ name: RawString) -> Status? {
      var status = stat()
      guard path(name).withCString({ lstat($0, &status) }) == 0 else { return nil }
      return Status(
        size: Int64(status.st_size), blocks: Int64(status.st_blocks), mode: status.st_mode,
        inode: UInt64(status.st_ino))
    }

    public func size(_ name: RawString) -> Int64? { status(name)?.size }
    public func exists(_ name: RawString) -> Bool { status(name) != nil }

    public func write(_ name: RawString, _ bytes: [UInt8]) throws {
      let descriptor = try checked(
        path(name).withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }, "create \(name)"
      )
      defer { close(descriptor) }
      try write(descriptor, bytes)
    }

    public func write(_ name: RawString, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Adds bytes at a file's end. Blocks as the file does, where it is a FIFO.
    public func append(_ name: RawString, _ bytes: [UInt8]) throws {
      let descriptor = try checked(
        path(name).withCString { open($0, O_WRONLY | O_APPEND | O_CLOEXEC) }, "append to \(name)")
      defer { close(descriptor) }
      try write(descriptor, bytes)
    }

    private func write(_ descriptor: Int32, _ bytes: [UInt8]) throws {
      var done = 0
      while done < bytes.count {
        done += try checked(
          bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }, "write")
      }
    }

    public func read(_ name: RawString) throws -> [UInt8] {
      let descriptor = try checked(path(name).withCString { open($0, O_RDONLY | O_CLOEXEC) }, "open \(name)")
      defer { close(descriptor) }
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try checked(Foundation.read(descriptor, &buffer, buffer.count), "read \(name)")
        if count == 0 { return bytes }
        bytes += buffer[..<count]
      }
    }

    public func makeDirectory(_ name: RawString, mode: UInt32 = 0o755) throws {
      try checked(path(name).withCString { mkdir($0, 0o755) }, "mkdir \(name)")
      try changeMode(name, mode)
    }

    public func makeFIFO(_ name: RawString) throws {
      try checked(path(name).withCString { mkfifo($0, 0o644) }, "mkfifo \(name)")
    }

    public func makeDevice(_ name: RawString, major: UInt32, minor: UInt32) throws {
      try check(path(name).withCString { deviceMake($0, major, minor) }, "mknod \(name)")
    }

    public func link(_ name: RawString, to newName: RawString) throws {
      try checked(
        path(name).withCString { old in path(newName).withCString { Foundation.link(old, $0) } }, "link")
    }

    public func makeSymbolicLink(_ name: RawString, to target: RawString) throws {
      try checked(target.withCString { target in path(name).withCString { symlink(target, $0) } }, "symlink")
    }

    public func changeMode(_ name: RawString, _ mode: UInt32) throws {
      try checked(path(name).withCString { chmod($0, mode) }, "chmod \(name)")
    }

    public func changeOwner(_ name: RawString, _ user: UInt32) throws {
      try check(path(name).withCString { fileChangeOwner($0, user) }, "chown \(name)")
    }

    public func resize(_ name: RawString, to size: Int64) throws {
      try checked(path(name).withCString { truncate($0, off_t(size)) }, "truncate \(name)")
    }

    public func remove(_ name: RawString) throws {
      try checked(path(name).withCString { unlink($0) }, "unlink \(name)")
    }

    public func removeIfThere(_ name: RawString) throws { if exists(name) { try remove(name) } }

    /// `statfs`'s number for the file system.
    public var fileSystemMagic: Int64 { outside.withCString { CTestSupport.fileSystemMagic($0) } }
  }
#endif
