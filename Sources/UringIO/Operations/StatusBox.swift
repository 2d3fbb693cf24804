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

/// Where the kernel writes what a file is. The operation in flight keeps it alive; read it after the completion.
public final class StatusBox: @unchecked Sendable {
  #if LINUX
    let memory: UnsafeMutableRawPointer

    public init() {
      memory = .allocate(byteCount: Int(linuxStatusByteCount), alignment: 8)
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: Int(linuxStatusByteCount))
    }

    deinit { memory.deallocate() }

    var status: FileStatus {
      var decoded = CLinux.linuxFileStatus()
      linuxDecodeFileStatus(memory, &decoded)
      return FileStatus(decoded)
    }

    func fill(_ descriptor: FileDescriptor) -> Int {
      fill(descriptor, FileName.empty, flags: linuxStatusFlagsOfDescriptor)
    }

    func fill(_ directory: FileDescriptor, _ name: FileName) -> Int {
      fill(directory, name, flags: linuxStatusFlagsOfLink)
    }

    private func fill(_ directory: FileDescriptor, _ name: FileName, flags: CInt) -> Int {
      SystemCall.result(Int(linuxFileStatusAt(directory.rawValue, name.address, flags, memory)))
    }
  #else
    private var answer = stat()

    public init() {}

    var status: FileStatus { FileStatus(answer) }

    func fill(_ descriptor: FileDescriptor) -> Int {
      SystemCall.result(Int(fstat(descriptor.rawValue, &answer)))
    }

    func fill(_ directory: FileDescriptor, _ name: FileName) -> Int {
      SystemCall.result(Int(fstatat(directory.rawValue, name.address, &answer, AT_SYMLINK_NOFOLLOW)))
    }
  #endif
}
