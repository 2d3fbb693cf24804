import SystemPackage

#if LINUX
  import CLinux
#endif

/// A small cached file's copy as one operation: seven system calls and nothing between them.
///
/// The steps of a job cost about two microseconds a file together, where the calls themselves cost twenty. What is
/// not as usual is left undone (``Rest``).
///
/// Used for one file after another; a copy is under way until its operation has completed.
public final class SmallFileCopy: @unchecked Sendable {
  /// The calls, as they are counted.
  private static let kinds: [Operation.Kind] = [
    .openFile, .status, .createFile, .read, .write, .closeFile, .closeFile,
  ]
  private static let kindsOfEmpty = kinds.filter { $0 != .write }

  #if LINUX
    private var copy = linuxSmallFileCopy()
  #endif
  private var buffer: BufferSlice?
  /// Keeps the names.
  private var owners: (source: FileName, destination: FileName)?

  init() {}

  /// Makes it the copy of one file into another directory.
  ///
  /// - Parameters:
  ///   - buffer: larger than the files it is for.
  ///   - sparseByteCountMin: from here on files with holes are not for this way.
  ///   - memoryDevice: ``CacheTemperature/memoryDevice``.
  ///   - preserved: of the source's metadata; what has links or attributes to preserve is not for this way.
  func prepare(
    _ name: FileName, from source: FileDescriptor, to destination: FileDescriptor, named newName: FileName,
    buffer: BufferSlice, sparseByteCountMin: Int64, preserved: PreservedMetadata = [],
    memoryDevice: UInt64 = .max
  ) {
    owners = (name, newName)
    self.buffer = buffer
    #if LINUX
      copy.sourceName = name.address
      copy.destinationName = newName.address
      copy.sourceDirectory = source.rawValue
      copy.sourceFlags = OpenMode.read(followsLink: false).flags
      copy.destinationFlags = CreateMode.exclusive.flags
      copy.buffer = buffer.address
      copy.bufferByteCount = buffer.count
      copy.sparseByteCountMin = sparseByteCountMin
      copy.memoryDevice = memoryDevice
      copy.preservesTimes = preserved.contains(.timestamps)
      copy.preservesOwner = preserved.contains(.ownership)
      copy.preservesMode = preserved.contains(.permissions)
      copy.mask = preserved.isEmpty ? 0 : UInt32(SystemCall.fileModeCreationMask)
      // What was learned of one directory says nothing of another.
      if copy.destinationDirectory != destination.rawValue { copy.ownerIsKnown = false }
      copy.destinationDirectory = destination.rawValue
      copy.leavesLinked = preserved.contains(.links)
      copy.leavesAttributed = !preserved.isDisjoint(with: [.permissions, .extendedAttributes])
    #endif
  }

  // MARK: What it came to

  /// What a copy that was not done leaves to go on with.
  struct Rest: Sendable {
    /// Open, if they are there.
    var source: FileDescriptor?
    var destination: FileDescriptor?
    /// Why the copy, all written, could not be closed.
    var closeError: Errno?
  }

  #if LINUX
    var byteCount: Int { Int(copy.byteCount) }

    var rest: Rest {
      Rest(
        source: copy.source < 0 ? nil : FileDescriptor(rawValue: copy.source),
        destination: copy.destination < 0 ? nil : FileDescriptor(rawValue: copy.destination),
        closeError: copy.closeError == 0 ? nil : Errno(rawValue: copy.closeError))
    }
  #else
    var byteCount: Int { 0 }
    var rest: Rest { Rest() }
  #endif
}

extension SmallFileCopy: SmallFileWork {
  #if LINUX
    func perform() -> Int {
      linuxCopySmallFile(&copy)
      return copy.isDone ? 1 : 0
    }

    func decline() {
      copy.source = -1
      copy.destination = -1
      copy.closeError = 0
      copy.callCount = 0
    }

    /// The calls it made.
    var calls: ArraySlice<Operation.Kind> {
      (copy.byteCount == 0 ? Self.kindsOfEmpty : Self.kinds).prefix(Int(copy.callCount))
    }

    func count(in tally: inout OperationTally, inline: Bool) {
      tally.count(calls, inline: inline)
      guard copy.isDone else { return }
      for kind in [Operation.Kind.read, .write] { tally.countBytes(kind, byteCount) }
    }
  #else
    func perform() -> Int { 0 }
    func decline() {}
    func count(in tally: inout OperationTally, inline: Bool) {}
  #endif
}
