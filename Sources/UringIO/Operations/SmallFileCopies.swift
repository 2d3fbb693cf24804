import SystemPackage

#if LINUX
  import CLinux
#endif

/// Small cached files of one directory, copied by one operation: seven system calls a file and nothing between them, the
/// files taking each of them together, and created behind a lock (``CreationLock``).
///
/// The steps of a job cost about two microseconds a file together, where the calls themselves cost twenty. What is
/// not as usual is left undone (``Rest``), each file for itself.
///
/// Used for some files after others; copies are under way until their operation has completed.
public final class SmallFileCopies: @unchecked Sendable {
  /// More gain nothing (bench/README.md, "files created together").
  static let fileCountMax = 16

  /// The calls, as they are counted.
  private static let kinds: [Operation.Kind] = [
    .openFile, .status, .createFile, .read, .write, .closeFile, .closeFile,
  ]
  private static let kindsOfEmpty = kinds.filter { $0 != .write }

  private let creation: CreationLock
  /// Keep the names, and the memory.
  private var names: [(source: FileName, destination: FileName)] = []
  private var buffer: BufferSlice?
  #if LINUX
    private var how = linuxSmallFileCopies()
    private let copies = UnsafeMutablePointer<linuxSmallFileCopy>.allocate(capacity: fileCountMax)

    deinit { copies.deallocate() }
  #endif

  /// - Parameters:
  ///   - sparseByteCountMin: from here on files with holes are not for this way.
  ///   - preserved: of the sources' metadata; what has links or attributes to preserve is not for this way.
  ///   - creation: what is held while files are created.
  init(
    from source: FileDescriptor, to destination: FileDescriptor, sparseByteCountMin: Int64,
    preserved: PreservedMetadata = [], creation: CreationLock
  ) {
    self.creation = creation
    #if LINUX
      how.sourceDirectory = source.rawValue
      how.sourceFlags = OpenMode.read(followsLink: false).flags
      how.destinationDirectory = destination.rawValue
      how.destinationFlags = CreateMode.exclusive.flags
      how.sparseByteCountMin = sparseByteCountMin
      how.preservesTimes = preserved.contains(.timestamps)
      how.preservesOwner = preserved.contains(.ownership)
      how.preservesMode = preserved.contains(.permissions)
      how.mask = preserved.isEmpty ? 0 : UInt32(SystemCall.fileModeCreationMask)
      how.leavesLinked = preserved.contains(.links)
      how.leavesAttributed = !preserved.isDisjoint(with: [.permissions, .extendedAttributes])
    #endif
  }

  var count: Int { names.count }

  /// Begins with no files.
  ///
  /// - Parameters:
  ///   - buffer: larger than the files it is for.
  ///   - memoryDevice: ``CacheTemperature/memoryDevice``.
  func prepare(buffer: BufferSlice, memoryDevice: UInt64 = .max) {
    names.removeAll(keepingCapacity: true)
    self.buffer = buffer
    #if LINUX
      how.buffer = buffer.address
      how.bufferByteCount = buffer.count
      how.memoryDevice = memoryDevice
    #endif
  }

  func add(_ name: FileName, named newName: FileName) {
    precondition(count < Self.fileCountMax, "so many at once")
    #if LINUX
      var copy = linuxSmallFileCopy()
      copy.sourceName = name.address
      copy.destinationName = newName.address
      (copies + count).initialize(to: copy)
    #endif
    names.append((name, newName))
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

  enum Outcome {
    case copied(byteCount: Int)
    case left(Rest)
  }

  /// Of one of the files, in the order in which they were added.
  func outcome(at index: Int) -> Outcome {
    #if LINUX
      let copy = copies[index]
      if copy.isDone { return .copied(byteCount: Int(copy.byteCount)) }
      return .left(
        Rest(
          source: copy.source < 0 ? nil : FileDescriptor(rawValue: copy.source),
          destination: copy.destination < 0 ? nil : FileDescriptor(rawValue: copy.destination),
          closeError: copy.closeError == 0 ? nil : Errno(rawValue: copy.closeError)))
    #else
      return .left(Rest())
    #endif
  }
}

extension SmallFileCopies: SmallFileWork {
  #if LINUX
    func perform() -> Int {
      linuxCopySmallFiles(&how, copies, CInt(count), creation.lock)
      return (0..<count).count { copies[$0].isDone }
    }

    func decline() {
      for index in 0..<count {
        copies[index].isDone = false
        copies[index].source = -1
        copies[index].destination = -1
        copies[index].closeError = 0
        copies[index].callCount = 0
      }
    }

    /// The calls it made for one of the files.
    func calls(at index: Int) -> ArraySlice<Operation.Kind> {
      (copies[index].byteCount == 0 ? Self.kindsOfEmpty : Self.kinds).prefix(Int(copies[index].callCount))
    }

    func count(in tally: inout OperationTally, inline: Bool) {
      for index in 0..<count {
        tally.count(calls(at: index), inline: inline)
        guard case .copied(let byteCount) = outcome(at: index) else { continue }
        for kind in [Operation.Kind.read, .write] { tally.countBytes(kind, byteCount) }
      }
    }
  #else
    func perform() -> Int { 0 }
    func decline() {}
    func count(in tally: inout OperationTally, inline: Bool) {}
  #endif
}
