import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A name as an operation takes it: a C string that lives as long as the operation, in memory that others may
/// share (all names of a directory lie in one listing).
public struct FileName: @unchecked Sendable {
  /// Ends with a zero byte; never changed while the owner lives.
  package let address: UnsafePointer<CChar>
  private let owner: AnyObject

  /// A name inside somebody's memory.
  ///
  /// - Parameter owner: keeps the memory, and its bytes as they are, for as long as it lives.
  package init(address: UnsafePointer<CChar>, owner: AnyObject & Sendable) {
    self.address = address
    self.owner = owner
  }

  public init(_ path: PathBytes) {
    let memory = OwnedBytes(path.bytes)
    address = UnsafePointer(memory.address)
    owner = memory
  }

  public init(_ path: FilePath) { self.init(PathBytes(path)) }

  package static let empty = FileName(PathBytes([]))
  package static let current = FileName(PathBytes([UInt8(ascii: ".")]))
  package static let parent = FileName(PathBytes([UInt8(ascii: "."), UInt8(ascii: ".")]))

  package var bytes: PathBytes {
    PathBytes(
      UnsafeRawBufferPointer(start: address, count: strlen(address)).map { $0 })
  }

  private final class OwnedBytes: @unchecked Sendable {
    let address: UnsafeMutablePointer<CChar>

    init(_ bytes: [UInt8]) {
      address = .allocate(capacity: bytes.count + 1)
      let memory = UnsafeMutableRawBufferPointer(start: address, count: bytes.count)
      bytes.withUnsafeBytes { memory.copyMemory(from: $0) }
      address[bytes.count] = 0
    }

    deinit { address.deallocate() }
  }
}

/// How ``Operation/openFile(_:_:_:)`` opens. All are closed on exec.
public enum OpenMode: Sendable {
  /// For reading; waits for nobody where it is a FIFO.
  case read(followsLink: Bool)
  /// A directory, to be listed and walked from; never through a symbolic link unless that is asked for.
  case directory(followsLink: Bool)
  /// An existing file, for writing; not truncated.
  case write(followsLink: Bool)

  var flags: CInt {
    switch self {
    case .read(let follows): O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (follows ? 0 : O_NOFOLLOW)
    case .directory(let follows): O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW)
    case .write(let follows): O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (follows ? 0 : O_NOFOLLOW)
    }
  }
}

/// How ``Operation/createFile(_:_:_:permissions:)`` creates. All are for writing and closed on exec.
public enum CreateMode: Sendable {
  /// Fails with EEXIST where the name exists, whatever it stands for.
  case exclusive
  /// Truncates what is there, through a symbolic link where that is asked for.
  case truncating(followsLink: Bool)
  /// Every write goes to the end (`O_APPEND`).
  case appending

  var flags: CInt {
    let common = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY
    return switch self {
    case .exclusive: common | O_EXCL
    case .truncating(let follows): common | O_TRUNC | (follows ? 0 : O_NOFOLLOW)
    case .appending: common | O_APPEND
    }
  }
}

extension FileDescriptor {
  /// Stands for the working directory where an operation takes a directory (`AT_FDCWD`).
  public static let workingDirectory = FileDescriptor(rawValue: AT_FDCWD)
}
