import SystemPackage

#if LINUX
  import CLinux
#endif

/// A small cached file's loading as one operation: open, ask what it is, read, close.
///
/// As with ``SmallFileCopies``, what is not as usual is left to the steps of a job.
///
/// Used for one file after another; a load is under way until its operation has completed.
public final class SmallFileLoad: @unchecked Sendable {
  /// The calls, as they are counted.
  static let kinds: [Operation.Kind] = [.openFile, .status, .read, .closeFile]

  #if LINUX
    private var load = linuxSmallFileLoad()
  #endif
  /// Keeps the memory and the name.
  private var owners: (memory: BufferSlice?, name: FileName)?

  init() {}

  /// Makes it the load of one file.
  ///
  /// - Parameters:
  ///   - memory: of files that it is not too large for (``LoadMemory/leastByteCount(for:)``), and larger than they
  ///     are; all others, and all where there is none, are opened and asked for their size.
  ///   - memoryDevice: ``CacheTemperature/memoryDevice``.
  func prepare(
    _ name: FileName, in directory: FileDescriptor, into memory: BufferSlice?, memoryDevice: UInt64 = .max
  ) {
    owners = (memory, name)
    #if LINUX
      load.set(name, in: directory)
      load.set(memory, memoryDevice: memoryDevice)
    #endif
    decline()
  }

  // MARK: What it came to

  #if LINUX
    /// Where it was left to the steps: the open file, if it could be opened.
    var descriptor: FileDescriptor? {
      load.descriptor < 0 ? nil : FileDescriptor(rawValue: load.descriptor)
    }

    /// Of a regular file, whether or not it was loaded.
    var byteCount: Int64? { load.byteCount < 0 ? nil : load.byteCount }
    var device: UInt64 { load.device }
  #else
    var descriptor: FileDescriptor? { nil }
    var byteCount: Int64? { nil }
    var device: UInt64 { 0 }
  #endif
}

extension SmallFileLoad: SmallFileWork {
  #if LINUX
    func perform() -> Int {
      linuxLoadSmallFile(&load)
      return load.isDone ? 1 : 0
    }

    /// The calls it made.
    var calls: ArraySlice<Operation.Kind> { Self.kinds.prefix(Int(load.callCount)) }

    func count(in tally: inout OperationTally, inline: Bool) {
      tally.count(calls, inline: inline)
      if load.isDone { tally.countBytes(.read, transferredByteCount) }
    }

    func decline() {
      load.isDone = false
      load.descriptor = -1
      load.byteCount = -1
      load.callCount = 0
    }
  #else
    func perform() -> Int { 0 }
    func count(in tally: inout OperationTally, inline: Bool) {}
    func decline() {}
  #endif

  var transferredByteCount: Int { Int(byteCount ?? 0) }
}

#if LINUX
  extension linuxSmallFileLoad {
    /// What to load; as ``SmallFileLoad/prepare(_:in:into:memoryDevice:)``.
    mutating func set(_ name: FileName, in directory: FileDescriptor) {
      self.name = name.address
      self.directory = directory.rawValue
      flags = OpenMode.read(followsLink: true).flags
    }

    /// Where to load it to.
    mutating func set(_ memory: BufferSlice?, memoryDevice: UInt64) {
      self.memoryDevice = memoryDevice
      buffer = memory?.address
      bufferByteCount = Int64(memory?.count ?? 0)
      byteCountMin = Int64(LoadMemory.leastByteCount(for: memory?.count ?? 0))
    }
  }
#endif
