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

// The trials use one file after another's bytes; each leaves what the next one needs, or does not care.
extension FileSystemProbe {
  private static let pieceByteCount = 64 << 10
  /// Far more than any file system's block, so that a hole this long cannot be rounded away.
  private static let holeByteCount: Int64 = 8 << 20

  mutating func tryEverything(on file: FileDescriptor) throws(FileIOError) {
    let buffer = try AlignedBuffer(byteCount: Self.pieceByteCount)
    _ = buffer.whole.withMutableBytes { $0.initializeMemory(as: UInt8.self, repeating: 0x5a) }
    if case .success(let status) = FileStatus.of(file), let alignment = status.directAlignment {
      directAlignment = (alignment.memory, alignment.offset)
    }
    tryHoles(file, buffer)
    preallocation = ProbeAnswer(
      kernelResult: SystemCall.allocate(file, 0..<Int64(Self.pieceByteCount)))
    tryDontCache(file, buffer)
    tryDirect(file, buffer)
    tryClone(file, buffer)
  }

  private mutating func tryHoles(_ file: FileDescriptor, _ buffer: AlignedBuffer) {
    #if LINUX
      let start = Self.holeByteCount
      let written = SystemCall.write(file, buffer.whole, at: start, [])
      guard written > 0 else {
        holes = ProbeAnswer(kernelResult: written)
        return
      }
      let found = linuxSeekData(file.rawValue, 0)
      if found < 0 {
        holes = .no("\(SystemCall.lastError)")
      } else if found == 0 {
        holes = .no("the hole is reported as data")
      } else {
        holes = .yes
      }
    #else
      holes = .unknown("not asked on this system")
    #endif
  }

  private mutating func tryDontCache(_ file: FileDescriptor, _ buffer: AlignedBuffer) {
    #if LINUX
      dontCache = ProbeAnswer(kernelResult: SystemCall.write(file, buffer.whole, at: 0, .dropBehind))
    #else
      dontCache = .no("Linux only")
    #endif
  }

  private mutating func tryDirect(_ file: FileDescriptor, _ buffer: AlignedBuffer) {
    guard case .success(let status) = FileStatus.of(file) else { return }
    let opened = OpenedFile(
      descriptor: file, path: directory, status: status, fileSystem: kind, isCreated: true, surplusMode: 0)
    switch opened.openDirect(writing: true) {
    case .failure(let errno):
      directWrite = .no("open: \(errno)")
    case .success(let direct):
      defer { _ = SystemCall.close(direct) }
      var answer = 0
      // From the smallest that any device takes to what all take.
      for byteCount in [512, 4096, Self.pieceByteCount] {
        answer = SystemCall.write(direct, buffer[0..<byteCount], at: 0, [])
        if answer == byteCount {
          directWriteByteCount = byteCount
          break
        }
      }
      directWrite = answer == 0 ? .no("nothing was written") : ProbeAnswer(kernelResult: answer)
    }
  }

  private mutating func tryClone(_ file: FileDescriptor, _ buffer: AlignedBuffer) {
    // Data that fills whole blocks: a file system may refuse to share less, or keep it in the inode.
    guard SystemCall.write(file, buffer.whole, at: 0, []) > 0 else { return }
    switch UnnamedFile.create(in: directory) {
    case .success(let copy):
      defer { _ = SystemCall.close(copy) }
      clone = ProbeAnswer(kernelResult: SystemCall.clone(file, to: copy))
    case .failure(let errno): clone = .unknown("\(errno)")
    }
  }
}

/// A file without a name: it goes when its descriptor is closed, also after SIGKILL.
enum UnnamedFile {
  /// - Returns: a descriptor for reading and writing, or why the directory takes no file.
  static func create(in directory: PathBytes) -> Result<FileDescriptor, Errno> {
    #if LINUX
      // O_TMPFILE, which Swift cannot see: its own bit, the same on all of Linux's newer architectures, and
      // O_DIRECTORY so that old kernels refuse it.
      let openUnnamed: CInt = 0o2000_0000 | O_DIRECTORY
      let opened = SystemCall.open(directory, O_RDWR | O_CLOEXEC | openUnnamed, mode: 0o600)
      switch opened {
      // Only where the file system has no unnamed files is a name tried (overlay and FUSE on old kernels).
      case .failure(.notSupportedOnSocket), .failure(.isDirectory), .failure(.invalidArgument): break
      default: return opened
      }
    #endif
    return createNamed(in: directory)
  }

  private static func createNamed(in directory: PathBytes) -> Result<FileDescriptor, Errno> {
    var template = directory.appending(PathBytes(Array(".uringio-probe-XXXXXX".utf8))).bytes.map {
      CChar(bitPattern: $0)
    }
    template.append(0)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return .failure(SystemCall.lastError) }
    unlink(template)
    return .success(FileDescriptor(rawValue: descriptor))
  }
}
