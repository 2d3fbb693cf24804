import Synchronization
import SystemPackage

#if LINUX
  import CLinux
#endif

/// Pipes through which cached files are copied from page to page, without a buffer in between.
///
/// `splice` hands pages of the page cache into a pipe and copies them out of it into the destination's: each byte is copied
/// once, and a pipe that holds half a MiB lets the file system take as much at a time (large folios). `copy_file_range`
/// and `sendfile` do the same with a pipe of 64 KiB (bench/README.md, "files of half a megabyte").
///
/// Each thread that copies takes a pipe, two descriptors, for one piece, and puts it back.
public final class PagePipes: Sendable {
  /// The most that is copied at a time.
  static let byteCount = 512 << 10
  static let descriptorsOfPipe = 2
  /// Files from this size on gain by it (bench/README.md, "files of half a megabyte").
  static let fileByteCountMin: Int64 = 128 << 10

  #if LINUX
    private let idle = Mutex<[linuxPagePipe]>([])

    init() {}

    deinit {
      idle.withLock { pipes in
        for index in pipes.indices { linuxClosePagePipe(&pipes[index]) }
      }
    }

    /// What the pipes that nobody uses read from.
    var idleDescriptors: [FileDescriptor] {
      idle.withLock { $0.map { FileDescriptor(rawValue: $0.readEnd) } }
    }

    /// - Returns: how many bytes were copied, or a negated error number where none was, EMFILE or EPERM among them where
    ///   there is no pipe to be had.
    func move(
      _ source: FileDescriptor, at sourceOffset: Int64, to destination: FileDescriptor,
      at destinationOffset: Int64, byteCount: Int
    ) -> Int {
      var pipe = idle.withLock { $0.popLast() } ?? linuxPagePipe(readEnd: -1, writeEnd: -1)
      if pipe.readEnd < 0 {
        let answer = SystemCall.result(Int(linuxMakePagePipe(&pipe, Self.byteCount)))
        guard answer == 0 else { return answer }
      }
      var leftInPipe = 0
      let answer = SystemCall.result(
        linuxMovePages(
          &pipe, source.rawValue, sourceOffset, destination.rawValue, destinationOffset,
          min(byteCount, Self.byteCount), &leftInPipe))
      if leftInPipe > 0 {
        linuxClosePagePipe(&pipe)
      } else {
        idle.withLock { $0.append(pipe) }
      }
      return answer
    }
  #else
    init() {}

    func move(
      _ source: FileDescriptor, at sourceOffset: Int64, to destination: FileDescriptor,
      at destinationOffset: Int64, byteCount: Int
    ) -> Int { SystemCall.unsupported }
  #endif
}
