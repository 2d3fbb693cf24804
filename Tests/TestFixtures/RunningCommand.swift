#if os(Linux)
  import CTestSupport
  import Foundation

  /// A program that is running. Only ``Command/running(_:)`` makes one and ends it.
  public final class RunningCommand {
    public let process: pid_t
    private let timeoutMilliseconds: Int32
    private var supervisor: OpaquePointer?
    private var inputDescriptor: Int32 = -1
    private var outputDescriptor: Int32 = -1
    private var errorDescriptor: Int32 = -1
    /// The tests' side of the terminal.
    private var controller: Int32 = -1
    private var isReaped = false

    init(_ command: Command) throws {
      timeoutMilliseconds = Int32(command.timeoutSeconds * 1000)
      var childDescriptors: [Int32] = []
      defer { for descriptor in childDescriptors { close(descriptor) } }

      func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends = (reading: Int32(-1), writing: Int32(-1))
        try check(pipeOpen(&ends.reading, &ends.writing), "no pipe")
        return ends
      }
      switch command.input {
      case .terminal(let columns, let rows):
        var terminal: Int32 = -1
        try check(terminalOpen(&controller, &terminal, columns, rows), "no terminal")
        childDescriptors = [terminal, dup(terminal), dup(terminal)]
      case .nothing, .pipe:
        if case .pipe = command.input {
          let input = try pipe()
          inputDescriptor = input.writing
          childDescriptors = [input.reading]
        } else {
          childDescriptors = [try checked(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null")]
        }
        let output = try pipe()
        let errors = try pipe()
        outputDescriptor = output.reading
        errorDescriptor = errors.reading
        childDescriptors += [output.writing, errors.writing]
      }
      process = try Self.start(command, childDescriptors, &supervisor)
    }

    private static func start(
      _ command: Command, _ descriptors: [Int32], _ supervisor: inout OpaquePointer?
    ) throws -> pid_t {
      func withStrings<R>(_ strings: [RawString], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R)
        -> R
      {
        let copies = strings.map { $0.withCString { strdup($0) } } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
      }
      let refused = command.refusals.map {
        refusedCall(
          call: $0.call, error: $0.errno, argument: $0.argument, mask: $0.mask, value: $0.value)
      }
      let calls = command.supervision?.calls.map(\.number) ?? []
      let environment = command.environment.map { RawString("\($0.key)=\($0.value)") }
      let directory = command.directory.map { $0.withCString { strdup($0) } } ?? nil
      defer { free(directory) }

      let executable = command.executable.withCString { strdup($0) }
      defer { free(executable) }

      let answer = withStrings([command.name] + command.arguments) { arguments in
        withStrings(environment) { environment in
          refused.withUnsafeBufferPointer { refused in
            calls.withUnsafeBufferPointer { calls in
              var request = childRequest()
              request.executable = UnsafePointer(executable)
              request.arguments = arguments
              request.environment = environment
              request.directory = UnsafePointer(directory)
              request.standardInput = descriptors[0]
              request.standardOutput = descriptors[1]
              request.standardError = descriptors[2]
              request.fileSizeMax = command.limits.fileSize ?? -1
              request.lockedMemoryMax = command.limits.lockedMemory ?? -1
              request.openFilesMax = command.limits.openFiles ?? -1
              request.user = command.user.map(Int64.init) ?? -1
              if case .terminal = command.input { request.terminal = true }
              request.mountNamespaceOf = command.mountNamespaceOf ?? 0
              // Should the tests be killed, nothing outlives them for long.
              request.alarmSeconds = UInt32(command.timeoutSeconds) + 60
              request.refused = refused.baseAddress
              request.refusedCount = refused.count
              guard let plan = command.supervision else { return childStart(&request, &supervisor) }
              var supervision = CTestSupport.supervision()
              supervision.calls = calls.baseAddress
              supervision.callCount = calls.count
              supervision.skipped = UInt64(plan.skipped)
              supervision.affected = UInt64(plan.affected)
              switch plan.action {
              case .pass: supervision.action = supervisedPass
              case .hold: supervision.action = supervisedHold
              case .delay(let milliseconds):
                supervision.action = supervisedDelay
                supervision.delayMilliseconds = milliseconds
              case .refuse(let errno):
                supervision.action = supervisedRefuse
                supervision.error = errno
              }
              return withUnsafePointer(to: &supervision) {
                request.supervision = $0
                return childStart(&request, &supervisor)
              }
            }
          }
        }
      }
      if answer < 0 { try check(-answer, "cannot start \(command.executable)") }
      return answer
    }

    /// Waits for the end. A program that does not end in time is killed and reported as hung.
    public func wait() throws -> Outcome {
      closeInput()
      var output = childOutput()
      var errors = childOutput()
      var status: Int32 = 0
      let error = childWait(
        process, outputDescriptor, errorDescriptor, timeoutMilliseconds, &output, &errors, &status)
      isReaped = true
      defer {
        free(output.bytes)
        free(errors.bytes)
      }
      if error != ETIMEDOUT { try check(error, "cannot wait") }
      let signal = status & 0x7f
      return Outcome(
        status: error == ETIMEDOUT
          ? .hung : signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal),
        output: Array(UnsafeBufferPointer(start: output.bytes, count: output.count)),
        errors: Array(UnsafeBufferPointer(start: errors.bytes, count: errors.count)))
    }

    public func send(_ signal: Int32) { kill(process, signal) }

    public var hasEnded: Bool { childHasEnded(process) }

    /// Waits until a call is held; false if the program ended without making it.
    public func waitForHold() -> Bool { supervisorWaitForHold(supervisor, process, timeoutMilliseconds) }

    /// Lets all calls pass from here on.
    public func release() { supervisorRelease(supervisor) }

    /// How many supervised calls there have been.
    public var supervisedCallCount: Int { Int(supervisorCallCount(supervisor)) }

    /// The most memory it has had resident so far, in bytes.
    public var memoryMax: Int64 { processMemoryMax(process) }

    /// Waits until something outside the program has come about; false if it ended first or it never did.
    public func waitUntil(_ condition: () throws -> Bool) rethrows -> Bool {
      let deadline = Date(timeIntervalSinceNow: Double(timeoutMilliseconds) / 1000)
      while try !condition() {
        if hasEnded || Date() > deadline { return try condition() }
        usleep(1000)
      }
      return true
    }

    public func closeInput() {
      if inputDescriptor >= 0 { close(inputDescriptor) }
      inputDescriptor = -1
    }

    /// Reads standard output (or the terminal) until it contains the text; returns all that was read.
    /// Stops at the end of the output too.
    public func readOutput(until isEnough: (String) -> Bool) throws -> String {
      let descriptor = controller >= 0 ? controller : outputDescriptor
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !isEnough(String(decoding: bytes, as: UTF8.self)) {
        let count = descriptorReadSome(descriptor, &buffer, buffer.count, timeoutMilliseconds)
        if count == 0 { break }
        try checked(count, "no output after \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        bytes += buffer[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    public func resizeTerminal(columns: UInt16, rows: UInt16) throws {
      try check(terminalResize(controller, columns, rows), "cannot resize the terminal")
    }

    fileprivate func terminate() throws {
      kill(process, SIGKILL)
      _ = try wait()
    }

    func end() {
      closeInput()
      // Where a body throws, the program may still run; the error is the body's.
      if !isReaped { try? terminate() }
      if let supervisor { supervisorEnd(supervisor) }
      for descriptor in [outputDescriptor, errorDescriptor, controller] where descriptor >= 0 {
        close(descriptor)
      }
    }
  }
#endif
