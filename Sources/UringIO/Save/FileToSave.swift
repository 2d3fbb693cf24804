import SystemPackage

/// A file to be written: its path, and its bytes or who makes them.
public struct FileToSave: Sendable {
  /// Where a file's bytes come from. What has to be made is made on the engine's workers, just before it is
  /// written, so that no more of it exists at once than is being written.
  public enum Contents: Sendable {
    case bytes([UInt8])
    /// Memory that can be transferred from; nobody may change it before the call has returned.
    case memory(BufferSlice)
    /// Makes all bytes at once.
    case producer(@Sendable () throws -> [UInt8])
    /// Appends all bytes to lent memory, which is used again for other files: no allocation for each.
    case writer(@Sendable (inout OutputBytes) throws -> Void)
    /// Appends a piece to lent memory each time it is called, and returns whether there are more. A piece is
    /// written before the next is asked for, so a file of any size needs the memory of one piece.
    case pieces(@Sendable (inout OutputBytes) throws -> Bool)

    /// Bytes that are there already, 0 where all are still to be made at once; `nil` where they come in pieces,
    /// which may take any time.
    var knownByteCount: Int? {
      switch self {
      case .bytes(let bytes): bytes.count
      case .memory(let slice): slice.count
      case .producer, .writer: 0
      case .pieces: nil
      }
    }
  }

  /// Where the file goes. A path of more than PATH_MAX bytes is the kernel's ENAMETOOLONG.
  public var path: PathBytes
  public var contents: Contents
  /// Permission bits of a file that is created, instead of the options'. Taken less the process's umask.
  public var permissions: FilePermissions?
  /// An open directory that ``name`` lies in; then the path is only for messages.
  var directory: SaveDirectory?
  var name: PathBytes?

  public init(_ path: FilePath, _ contents: Contents, permissions: FilePermissions? = nil) {
    self.init(PathBytes(path), contents, permissions: permissions)
  }

  /// The path as raw bytes.
  public init(_ path: PathBytes, _ contents: Contents, permissions: FilePermissions? = nil) {
    self.path = path
    self.contents = contents
    self.permissions = permissions
  }

  /// A name in an open directory. It is never resolved through a symbolic link.
  package init(
    _ name: PathBytes, in directory: SaveDirectory, path: PathBytes, _ contents: Contents,
    permissions: FilePermissions? = nil
  ) {
    self.init(path, contents, permissions: permissions)
    self.directory = directory
    self.name = name
  }
}

/// An open directory that files are saved in; closed when nobody needs it any more.
package final class SaveDirectory: Sendable {
  package let descriptor: FileDescriptor
  package let path: PathBytes

  package init(adopting descriptor: FileDescriptor, path: PathBytes) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { _ = SystemCall.close(descriptor) }

  /// How many directories may be kept open by the files of a save that are on their way to the workers, and as
  /// many by those the workers have taken: few, where a process may not have many files open.
  package static let openMax: Int = {
    guard let limit = MachineProbe.openFilesLimit()?.soft.map({ Int(clamping: $0) }) else { return 128 }
    return max(4, min(128, (limit - 40) / 6))
  }()
}

/// How files are saved. The defaults make new files or write over the ones that are there.
public struct SaveOptions: Sendable, Equatable {
  /// Missing parent directories are created (permissions 0777 less the umask).
  public var createsParents = false
  /// A file is written under a temporary name beside its place and renamed when it is whole: whoever looks
  /// sees the old file, or the new one. A symbolic link at that place is replaced, not followed, and the new
  /// file has the permissions of a new one. `rename(2)`.
  public var isAtomic = false
  /// The call returns after the files, and their names, have reached the disk. Each file is synced, and each
  /// directory once for all files in it (again where more than a thousand directories are written to).
  /// `fsync(2)`.
  public var isDurable = false
  /// A file that exists is an error (EEXIST), and so is a symbolic link, whatever it leads to. `O_EXCL`.
  public var isExclusive = false
  /// Of the files that are created; less the process's umask.
  public var permissions = FilePermissions(rawValue: 0o666)
  /// The first failure ends the call: files that were not begun are left out.
  public var stopsAtFirstError = false
  /// Rings or threads to use, 1 to 256, as far as the engine has them. `nil`: by measurement.
  public var workers: Int?
  /// Files in flight on each ring, 1 to 4096; a thread has one. `nil`: by measurement.
  public var depth: Int?
  /// Files a worker takes at once, at most; 1 to 4096. `nil`: by measurement, as many small ones as it saves in a
  /// third of a millisecond. Where ``isDurable`` each file is taken alone, so that all wait for the disk at once.
  public var batch: Int?

  public init() {}

  func validate() throws(FileIOError) {
    let isValid =
      workers.map { (1...256).contains($0) } ?? true && depth.map(CopyOptions.depthRange.contains) ?? true
      && batch.map(LoadOptions.batchRange.contains) ?? true
    guard isValid else {
      throw FileIOError(.invalidArgument, during: .save, note: "workers, depth or batch is out of range")
    }
  }
}

/// How far a save is.
public struct SaveProgress: Sendable, Equatable {
  /// Files that are whole.
  public var fileCount = 0
  public var failureCount = 0
  /// Bytes written, those of unfinished files included.
  public var byteCount: Int64 = 0
}

/// What a save came to.
public struct SaveReport: Sendable, Equatable {
  /// A file that was not saved, or a directory that was not synced.
  public struct Failure: Sendable, Equatable {
    /// The file's place in the sequence, from 0; `nil` for a directory.
    public var index: Int?
    public var path: PathBytes
    public var error: FileIOError
  }

  /// Files that are whole.
  public var fileCount = 0
  /// Bytes of the files that are whole.
  public var byteCount: Int64 = 0
  /// What went wrong, in the order it did. Every file taken from the sequence is counted or listed here.
  public var failures: [Failure] = []
  public var operations = OperationTally()
  public var seconds = 0.0
  public var engine = EngineKind.sequential
  /// Why that engine.
  public var engineReason = ""

  /// Throws the first failure, for who expects none.
  public func throwFirstFailure() throws(FileIOError) {
    if let first = failures.first { throw first.error }
  }
}
