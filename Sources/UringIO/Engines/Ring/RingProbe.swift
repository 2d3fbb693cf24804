import SystemPackage

/// Whether this process may use io_uring, and what the kernel's has.
public struct RingProbe: Sendable {
  /// `IORING_FEAT_*` names the kernel offers.
  public var features: [String]
  /// The operations the engine can put on a ring, with whether the kernel knows each.
  public var operations: [(name: String, isSupported: Bool)]
  /// How the rings are set up.
  public var setup: [String]

  /// Why there is no ring: one line for a person.
  public struct Refusal: Error, Sendable {
    public var errno: Errno
    public var reason: String
  }

  /// Makes a small ring, asks it, and gives it back.
  ///
  /// - Complexity: three system calls, about 0.1 ms.
  public static func probe() -> Result<RingProbe, Refusal> {
    #if LINUX && canImport(CLiburing)
      return probeKernel()
    #elseif LINUX
      return .failure(
        Refusal(errno: .noFunction, reason: "this build has no io_uring (trait IOUring is off)"))
    #else
      return .failure(Refusal(errno: .noFunction, reason: "io_uring is Linux's"))
    #endif
  }
}

#if LINUX && canImport(CLiburing)
  import CLiburing

  extension RingProbe {
    /// What the ring forms of `Operation` use, and the loop itself.
    private static let needed: [(name: String, opcode: io_uring_op)] = [
      ("read", IORING_OP_READ), ("write", IORING_OP_WRITE), ("readv", IORING_OP_READV),
      ("writev", IORING_OP_WRITEV), ("fsync", IORING_OP_FSYNC), ("fallocate", IORING_OP_FALLOCATE),
      ("fadvise", IORING_OP_FADVISE), ("poll", IORING_OP_POLL_ADD),
      ("cancel", IORING_OP_ASYNC_CANCEL),
    ]

    private static let featureNames: [(bit: UInt32, name: String)] = [
      (UInt32(IORING_FEAT_SINGLE_MMAP), "single-mmap"), (UInt32(IORING_FEAT_NODROP), "no-drop"),
      (UInt32(IORING_FEAT_SUBMIT_STABLE), "submit-stable"),
      (UInt32(IORING_FEAT_RW_CUR_POS), "rw-current-position"), (UInt32(IORING_FEAT_FAST_POLL), "fast-poll"),
      (UInt32(IORING_FEAT_EXT_ARG), "extended-argument"),
      (UInt32(IORING_FEAT_NATIVE_WORKERS), "native-workers"),
      (UInt32(IORING_FEAT_CQE_SKIP), "cqe-skip"), (UInt32(IORING_FEAT_LINKED_FILE), "linked-file"),
    ]

    /// Without these the engine's rules do not hold: completions could be dropped, or paths and vectors
    /// be read after the submission, or the file position be ignored.
    private static let neededFeatures =
      UInt32(IORING_FEAT_NODROP) | UInt32(IORING_FEAT_SUBMIT_STABLE) | UInt32(IORING_FEAT_RW_CUR_POS)

    fileprivate static func probeKernel() -> Result<RingProbe, Refusal> {
      do throws(Errno) {
        return examine(try Ring(entries: 8))
      } catch {
        return .failure(Refusal(errno: error, reason: "io_uring_setup: \(explanation(of: error))"))
      }
    }

    private static func examine(_ ring: borrowing Ring) -> Result<RingProbe, Refusal> {
      let supported = ring.supports(needed.map(\.opcode))
      let operations = needed.map { ($0.name, supported.contains($0.opcode)) }
      let missing = operations.filter { !$0.1 }.map(\.0)
      guard ring.features & neededFeatures == neededFeatures, missing.isEmpty else {
        let what = missing.isEmpty ? "ring features" : "the operations " + missing.joined(separator: ", ")
        return .failure(Refusal(errno: .noFunction, reason: "this kernel's io_uring lacks \(what)"))
      }
      let features = ring.features
      let setupFlags = ring.setupFlags
      return .success(
        RingProbe(
          features: featureNames.filter { features & $0.bit != 0 }.map(\.name),
          operations: operations,
          setup: setupNames.filter { setupFlags & $0.bit != 0 }.map(\.name)))
    }

    private static let setupNames: [(bit: UInt32, name: String)] = [
      (UInt32(IORING_SETUP_SINGLE_ISSUER), "single-issuer"),
      (UInt32(IORING_SETUP_DEFER_TASKRUN), "defer-taskrun"),
      (UInt32(IORING_SETUP_COOP_TASKRUN), "coop-taskrun"),
      (UInt32(IORING_SETUP_SUBMIT_ALL), "submit-all"),
    ]

    /// The kernel's refusal to set a ring up, with what usually is behind it.
    static func explanation(of errno: Errno) -> String {
      switch errno {
      case .notPermitted, .permissionDenied:
        "\(errno) (a container's seccomp profile, or sysctl kernel.io_uring_disabled)"
      case .noFunction: "\(errno) (no io_uring in this kernel, or a seccomp profile)"
      case .noMemory: "\(errno) (RLIMIT_MEMLOCK, ulimit -l)"
      default: "\(errno)"
      }
    }
  }
#endif
