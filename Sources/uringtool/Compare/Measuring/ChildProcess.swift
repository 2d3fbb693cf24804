import UringIO

// The environment is a global variable in C, which only the main thread here reads.
#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

/// A program that was run to its end, and what it took.
struct ChildProcess {
  /// The exit status, or 128 + the number of the signal that ended it.
  var exitStatus: CInt
  /// From before its start to its end.
  var seconds: Double
  var userSeconds: Double
  var systemSeconds: Double
  /// Of the program and of those that it waited for.
  var contextSwitchCount: Int64
  /// `nil` where it was not asked for, or the program was too short to be caught.
  var peakResidentByteCount: Int64?
  var output: [UInt8]
  var errorOutput: [UInt8]

  /// What it said about its failure, in one line.
  var complaint: String {
    let text = PathBytes(
      Array(errorOutput.split(separator: UInt8(ascii: "\n")).first ?? []).filter { $0 != 0 })
    return text.bytes.isEmpty ? "exit status \(exitStatus)" : text.displayed
  }

  /// More than any of these programs has to say; what is beyond is thrown away.
  private static let outputByteCountMax = 1 << 20
  private static let samplingMilliseconds: CInt = 1
  private static let lookingMilliseconds: CInt = 100

  /// How long a program may take to end once it was told to.
  private static let graceSeconds = 1.0

  /// Runs `arguments[0]`, looked up in PATH where it has no slash, in a process group of its own.
  ///
  /// - Parameters:
  ///   - standardInput: a file; `nil` for nothing to read.
  ///   - samplesMemory: whether the peak of its memory is watched, by reading `/proc` every millisecond:
  ///     `ru_maxrss` will not do, since Linux counts into it what the parent had at the start.
  ///   - secondsMax: what takes longer is ended, with all processes of its group.
  /// - Throws: `ToolError` where it cannot be started, takes too long, or after a signal to this process.
  static func run(
    _ arguments: [PathBytes], standardInput: PathBytes? = nil, interruption: Interruption,
    samplesMemory: Bool = false, secondsMax: Double = .infinity
  ) throws(ToolError) -> ChildProcess {
    let output = try Pipe()
    let errorOutput: Pipe
    do throws(ToolError) {
      errorOutput = try Pipe()
    } catch {
      output.close()
      throw error
    }
    defer {
      output.close()
      errorOutput.close()
    }
    let start = ContinuousClock.now
    let child = try interruption.start {
      spawn(arguments, standardInput: standardInput, output: output, errorOutput: errorOutput)
    }
    output.closeWriter()
    errorOutput.closeWriter()
    var reader = OutputReader(
      descriptors: [output.reader, errorOutput.reader], byteCountMax: outputByteCountMax)
    var peak: Int64?
    var isTooLong = false
    while reader.isOpen {
      reader.read(
        timeout: samplesMemory ? samplingMilliseconds : secondsMax.isFinite ? lookingMilliseconds : -1)
      if samplesMemory, let now = peakResident(of: child) { peak = max(peak ?? 0, now) }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      if seconds > secondsMax, !isTooLong {
        isTooLong = true
        kill(-child, SIGTERM)
      }
      // Whoever has left the group may hold the pipes: nobody waits for that.
      if seconds > secondsMax + graceSeconds {
        kill(-child, SIGKILL)
        break
      }
    }
    // Waits without taking the status: the number stays the child's own until a signal can no longer be
    // sent to it.
    var information = siginfo_t()
    while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // What it left running would disturb the next.
    kill(-child, SIGKILL)
    var status: CInt = 0
    var usage = rusage()
    interruption.reap { while wait4(child, &status, 0, &usage) < 0, errno == EINTR {} }
    try interruption.check()
    if isTooLong {
      throw ToolError(message: "it took more than \(ByteSize.decimal(secondsMax, digits: 0)) s and was ended")
    }
    #if canImport(Darwin)
      peak = Int64(usage.ru_maxrss)
    #endif
    return ChildProcess(
      exitStatus: status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), seconds: seconds,
      userSeconds: usage.ru_utime.seconds, systemSeconds: usage.ru_stime.seconds,
      contextSwitchCount: Int64(usage.ru_nvcsw + usage.ru_nivcsw),
      peakResidentByteCount: peak, output: reader.outputs[0], errorOutput: reader.outputs[1])
  }

  private static func spawn(
    _ arguments: [PathBytes], standardInput: PathBytes?, output: Pipe, errorOutput: Pipe
  ) -> Result<pid_t, ToolError> {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    let input = standardInput ?? PathBytes("/dev/null")
    _ = input.withCString { posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, $0, O_RDONLY, 0) }
    posix_spawn_file_actions_adddup2(&actions, output.writer, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errorOutput.writer, STDERR_FILENO)
    // A contestant does not inherit that signals are blocked or ignored here.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    sigaddset(&signals, SIGXFSZ)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { $0.withCString { strdup($0) } }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var child = pid_t()
    let error = posix_spawnp(&child, pointers[0]!, &actions, &attributes, pointers, environ)
    guard error == 0 else {
      return .failure(
        ToolError(message: "cannot run \(arguments[0].displayed): \(String(cString: strerror(error)))"))
    }
    return .success(child)
  }

  /// VmHWM of the running process, in bytes.
  private static func peakResident(of child: pid_t) -> Int64? {
    let descriptor = open("/proc/\(child)/status", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        .flatMap { Int64($0) }.map { $0 << 10 }
    }
    return nil
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
