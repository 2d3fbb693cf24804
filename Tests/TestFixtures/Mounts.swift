#if os(Linux)
  import CTestSupport
  import Foundation

  /// Runs a test beside a process that has mounts of its own; they vanish with it. The script may use
  /// `$S`, the scratch directory.
  public func withMounts<R>(
    _ script: String, in scratch: Workplace, _ body: (Workplace) throws -> R
  ) throws -> R {
    // The process namespace takes along what the script has started, however it ends.
    let whole = """
      set -eu
      mount --make-rprivate /
      trap 'cd /; umount --recursive "$S"/volume 2>/dev/null || :' EXIT
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
    keeper.timeoutSeconds = 600
    return try keeper.running { running in
      guard try running.readOutput(until: { $0.contains("ready\n") }).contains("ready\n") else {
        throw FixtureFailure("no mounts: \(try running.wait())")
      }
      let answer = try body(
        Workplace(
          directory: scratch.directory,
          outside: "/proc/\("\(running.process)")/root\(scratch.directory.description)",
          mountNamespaceOf: running.process))
      running.closeInput()
      _ = try running.wait()
      return answer
    }
  }

  public enum FileSystem: String, CaseIterable, Sendable {
    case ext4, xfs, btrfs, tmpfs

    public static let available: [FileSystem] =
      Requirement.mounts ? allCases.filter { $0 == .tmpfs || Requirement.hasProgram("mkfs.\($0)") } : []
    /// Those that can share blocks between files.
    public static let cloning: [FileSystem] = available.filter { $0 == .xfs || $0 == .btrfs }

    /// Mounts a new file system of this kind, of so many MiB, on `$S/volume`.
    func script(mebibytes: Int) -> String {
      let image = "truncate -s \(mebibytes)M \"$S/image\""
      let mount = "mkdir \"$S/volume\"; mount -o loop \"$S/image\" \"$S/volume\""
      return switch self {
      case .ext4: "\(image); mkfs.ext4 -q -F \"$S/image\"; \(mount)"
      case .xfs: "\(image); mkfs.xfs -q -m reflink=1 \"$S/image\"; \(mount)"
      case .btrfs: "\(image); mkfs.btrfs -q \"$S/image\"; \(mount)"
      case .tmpfs: "mkdir \"$S/volume\"; mount -t tmpfs -o size=\(mebibytes)m tmpfs \"$S/volume\""
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
