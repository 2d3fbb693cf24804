#if os(Linux)
  import CTestSupport
  import Foundation

  /// A program to run, with everything that a shell user (or a hostile system) may do to it.
  public struct Command: Sendable {
    public var executable: RawString
    /// The name it is called by: `argv[0]`.
    public var name: RawString
    public var arguments: [RawString]
    public var environment: [String: String]
    public var directory: RawString?
    public var input: Input = .nothing
    public var limits = Limits()
    /// System calls that fail without being run.
    public var refusals: [Refusal] = []
    public var supervision: Supervision?
    /// User and group to become.
    public var user: UInt32?
    /// The process whose mounts to see.
    public var mountNamespaceOf: Int32?
    public var timeoutSeconds = 120

    public init(_ executable: RawString, _ arguments: [RawString], in directory: RawString? = nil) {
      self.executable = executable
      name = executable
      self.arguments = arguments
      self.directory = directory
      environment = ProcessInfo.processInfo.environment.filter {
        ["PATH", "HOME", "TMPDIR"].contains($0.key)
      }
      environment["LC_ALL"] = "C"
      // What a user has tuned is not what is tested.
      environment["XDG_CONFIG_HOME"] = "/nonexistent"
    }

    public enum Input: Sendable {
      case nothing
      /// A pipe that stays open until ``RunningCommand/closeInput()``.
      case pipe
      /// Standard input, output and error are a terminal of this size.
      case terminal(columns: UInt16, rows: UInt16)
    }

    /// `nil` leaves a limit as it is.
    public struct Limits: Sendable {
      public var fileSize: Int64?
      public var lockedMemory: Int64?
      public var openFiles: Int64?
    }

    public struct Refusal: Sendable {
      var call: Int32
      var errno: Int32
      var argument: Int32 = -1
      var mask: UInt32 = .max
      var value: UInt32 = 0

      public init(_ call: SystemCall, errno: Int32) {
        self.call = call.number
        self.errno = errno
      }

      public static func clone(errno: Int32) -> Refusal {
        var refusal = Refusal(.ioctl, errno: errno)
        refusal.argument = 1
        refusal.value = requestFiclone
        return refusal
      }

      /// Opening for direct I/O, or switching it on, fails as on a file system that has none.
      public static let directIO: [Refusal] = [SystemCall(number: callOpenat), SystemCall(number: callFcntl)]
        .map { call in
          var refusal = Refusal(call, errno: EINVAL)
          refusal.argument = 2
          refusal.mask = flagDirect
          refusal.value = flagDirect
          return refusal
        }
    }

    /// Counts system calls and, once `skipped` of them have passed, acts on the next `affected`.
    public struct Supervision: Sendable {
      public enum Action: Sendable {
        case pass
        /// Stops the caller until ``RunningCommand/release()``.
        case hold
        /// Makes every call take at least this long, until ``RunningCommand/release()``.
        case delay(milliseconds: UInt32)
        case refuse(errno: Int32)
      }
      public var calls: [SystemCall]
      public var skipped: Int
      public var affected: Int
      public var action: Action

      public init(_ calls: [SystemCall], skipped: Int = 0, affected: Int = .max, _ action: Action) {
        self.calls = calls
        self.skipped = skipped
        self.affected = affected
        self.action = action
      }
    }

    /// Runs the program to its end.
    public func run() throws -> Outcome { try running { try $0.wait() } }

    /// Runs the program while `body` does something to it. What `body` did not wait for is killed.
    public func running<R>(_ body: (RunningCommand) throws -> R) throws -> R {
      let running = try RunningCommand(self)
      defer { running.end() }
      return try body(running)
    }

    public func with(_ change: (inout Command) -> Void) -> Command {
      var command = self
      change(&command)
      return command
    }
  }

  public struct SystemCall: Sendable {
    let number: Int32

    public static let ioctl = SystemCall(number: callIoctl)
    public static let fallocate = SystemCall(number: callFallocate)
    public static let ftruncate = SystemCall(number: callFtruncate)
    public static let copyFileRange = SystemCall(number: callCopyFileRange)
    public static let pwritev2 = SystemCall(number: callPwritev2)
    public static let cachestat = SystemCall(number: callCachestat)
    public static let ioUringSetup = SystemCall(number: callIoUringSetup)
    public static let ioUringEnter = SystemCall(number: callIoUringEnter)
    public static let ioUringRegister = SystemCall(number: callIoUringRegister)
    public static let exitGroup = SystemCall(number: callExitGroup)
    public static let closeRange = SystemCall(number: callCloseRange)

    /// Every call by which data may be read or written, on whichever engine.
    public static let transfers: [SystemCall] =
      [
        callRead, callWrite, callPread, callPwrite, callReadv, callWritev, callPreadv, callPwritev,
        callPreadv2, callPwritev2, callIoUringEnter, callCopyFileRange,
      ].map(SystemCall.init(number:))

    /// Positioned reads that a thread makes by itself.
    public static let positionedReads: [SystemCall] = [callPread, callPreadv, callPreadv2]
      .map(SystemCall.init(number:))

    /// Positioned transfers: what moves a large file, without the small reads and writes around it.
    public static let positionedTransfers: [SystemCall] =
      [callPread, callPwrite, callPreadv, callPwritev, callPreadv2, callPwritev2, callIoUringEnter]
      .map(SystemCall.init(number:))
  }

  /// How a program ended and what it said.
  public struct Outcome: Sendable, CustomStringConvertible {
    public enum Status: Sendable, Equatable {
      case exited(Int32)
      case killed(signal: Int32)
      /// It had to be killed because it did not end.
      case hung
    }
    public let status: Status
    public let output: [UInt8]
    public let errors: [UInt8]

    public var outputText: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
    public var errorLines: [Substring] { errorText.split(separator: "\n", omittingEmptySubsequences: true) }
    public var succeeded: Bool { status == .exited(0) }

    /// The objects of `--json`, one per line. Throws where a line is not a JSON object.
    public func jsonObjects() throws -> [[String: Any]] {
      try output.split(separator: UInt8(ascii: "\n")).map { line in
        guard let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
          throw FixtureFailure("not a JSON object: \(String(decoding: line, as: UTF8.self))")
        }
        return object
      }
    }

    public var description: String {
      "\(status), output: \(outputText.debugDescription), errors: \(errorText)"
    }
  }
#endif
