#if os(Linux)
  import CTestSupport
  import Foundation

  /// A process that has mounts of its own; they vanish with it.
  private struct MountKeeper {
    let running: RunningCommand
    /// The scratch directory as it is with the mounts.
    let place: Workplace

    /// The script may use `$S`, the scratch directory; what it mounts there is called "volume...". It is all gone
    /// after so many seconds at the latest.
    init(_ script: String, in scratch: Workplace, secondsMax: Int = 600) throws {
      // The process namespace takes along what the script has started, however it ends.
      let whole = """
        set -eu
        mount --make-rprivate /
        trap 'cd /; umount --recursive "$S"/volume* 2>/dev/null || :' EXIT
        \(script)
        echo ready
        read -r _ || :
        """
      var keeper = Command(
        "/usr/bin/env",
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", RawString(whole)],
        in: scratch.directory)
      keeper.environment["S"] = scratch.directory.description
      keeper.input = .pipe
      keeper.timeoutSeconds = secondsMax
      running = try RunningCommand(keeper)
      place = Workplace(
        directory: scratch.directory,
        outside: "/proc/\("\(running.process)")/root\(scratch.directory.description)",
        mountNamespaceOf: running.process)
      do {
        guard try running.readOutput(until: { $0.contains("ready\n") }).contains("ready\n") else {
          throw FixtureFailure("no mounts: \(try running.wait())")
        }
      } catch {
        running.end()
        throw error
      }
    }

    func end() throws {
      defer { running.end() }
      running.closeInput()
      _ = try running.wait()
    }
  }

  /// Runs a test beside a process that has mounts of its own; they vanish with it. The script may use
  /// `$S`, the scratch directory.
  public func withMounts<R>(
    _ script: String, in scratch: Workplace, _ body: (Workplace) throws -> R
  ) throws -> R {
    let keeper = try MountKeeper(script, in: scratch)
    defer { keeper.running.end() }
    let answer = try body(keeper.place)
    keeper.running.closeInput()
    _ = try keeper.running.wait()
    return answer
  }

  /// New file systems of several kinds, for many tests. Whoever makes them ends them, and where the tests
  /// are killed, they vanish.
  public final class Volumes {
    public let places: [FileSystem: Workplace]
    private let keeper: MountKeeper
    private let scratch: Workplace

    /// File systems without access times, of so many MiB each.
    public init(_ fileSystems: [FileSystem], mebibytes: Int) throws {
      let scratch = try makeScratch()
      do {
        keeper = try MountKeeper(
          fileSystems.map {
            let name = "volume-\($0)"
            let script = $0.script(mebibytes: mebibytes, on: name, options: "noatime")
            return $0 == .tmpfs ? script : script + "; rm \"$S/image-\(name)\""
          }.joined(separator: "\n"), in: scratch,
          // A whole suite's, beside which others run.
          secondsMax: 3600)
      } catch {
        try? removeScratch(scratch)
        throw error
      }
      self.scratch = scratch
      let place = keeper.place
      places = Dictionary(
        uniqueKeysWithValues: fileSystems.map { ($0, place.subdirectory("volume-\($0)")) })
    }

    public func end() throws {
      try keeper.end()
      try removeScratch(scratch)
    }
  }

  public enum FileSystem: String, CaseIterable, Sendable {
    case ext4, xfs, btrfs, tmpfs

    public static let available: [FileSystem] =
      Requirement.mounts ? allCases.filter { $0 == .tmpfs || Requirement.hasProgram("mkfs.\($0)") } : []
    /// Those that can share blocks between files.
    public static let cloning: [FileSystem] = available.filter { $0 == .xfs || $0 == .btrfs }

    /// Mounts a new file system of this kind, of so many MiB, on `$S/volume`.
    func script(mebibytes: Int) -> String { script(mebibytes: mebibytes, on: "volume", options: "rw") }

    /// The same on another name in `$S`, with `mount`'s options; the image is called so too.
    func script(mebibytes: Int, on name: String, options: String) -> String {
      let image = "\"$S/image-\(name)\""
      let made = "mkdir \"$S/\(name)\"; truncate -s \(mebibytes)M \(image)"
      let mount = "mount -o loop,\(options) \(image) \"$S/\(name)\""
      return switch self {
      case .ext4: "\(made); mkfs.ext4 -q -F -b 4096 \(image); \(mount)"
      case .xfs: "\(made); mkfs.xfs -q -m reflink=1 \(image); \(mount)"
      case .btrfs: "\(made); mkfs.btrfs -q \(image); \(mount)"
      case .tmpfs:
        "mkdir \"$S/\(name)\"; mount -t tmpfs -o size=\(mebibytes)m,\(options) tmpfs \"$S/\(name)\""
      }
    }
  }

  /// Runs a test on a new file system. `body` gets that and the scratch directory on the disk in which it
  /// is mounted as "volume".
  public func withVolume<R>(
    _ fileSystem: FileSystem, mebibytes: Int = 600,
    _ body: (_ volume: Workplace, _ disk: Workplace) throws -> R
  ) throws -> R {
    try withScratch { scratch in
      try withMounts(fileSystem.script(mebibytes: mebibytes), in: scratch) {
        try body($0.subdirectory("volume"), $0)
      }
    }
  }

  /// What tests need that not every machine has. Each has its reason for being skipped beside it.
  public enum Requirement {
    public static let root = geteuid() == 0
    public static let rootReason = "needs root"

    public static let mounts =
      root
      && (try? Command("/usr/bin/env", ["unshare", "--mount", "--pid", "--fork", "true"]).run().succeeded)
        == true
    public static let mountsReason = "needs root and mount namespaces"

    public static let ioUring = ioUringRefusal() == 0
    public static let ioUringReason = "io_uring is refused here"

    public static let fuse = mounts && FuseProgram.problem == nil
    public static let fuseReason = "needs root, /dev/fuse, a C compiler and libfuse3-dev"

    public static let cloning = !FileSystem.cloning.isEmpty
    public static let cloningReason = "needs root and mkfs.xfs or mkfs.btrfs"

    /// Whether somebody without rights can run the program under test.
    public static let ordinaryUser =
      (try? Command(Executables.uringcp, ["--version"]).with { $0.user = Users.ordinary }.run().succeeded)
      == true
    public static let ordinaryUserReason = "needs a program that an ordinary user can run"

    /// Whether scratch directories are on a file system where direct I/O is a way of its own: ext4, XFS.
    public static let directDisk = [0xef53, 0x5846_5342].contains(
      CTestSupport.fileSystemMagic(ScratchPlace.disk.directory))
    public static let directDiskReason = "needs $TMPDIR on ext4 or XFS"

    /// Whether the scratch disk has so many bytes free.
    public static func freeDisk(gibibytes: Int64) -> Bool {
      let attributes = try? FileManager.default.attributesOfFileSystem(forPath: ScratchPlace.disk.directory)
      return (attributes?[.systemFreeSize] as? Int64 ?? 0) >= gibibytes << 30
    }

    public static func hasProgram(_ name: String) -> Bool {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      return (path + ":/usr/sbin:/sbin").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      }
    }
  }

  public enum Users {
    public static let nobody: UInt32 = 65534
    /// A user without rights: nobody where we are root, ourselves elsewhere.
    public static let ordinary: UInt32? = Requirement.root ? nobody : nil
  }
#endif
