import ArgumentParser
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `uringtool probe`: what the kernel and a file system offer, and what is made of it.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Tell what io_uring and PATH's file system can do here.",
    discussion: """
      What a file system can do is tried with small unnamed files in PATH's directory, not looked up.
      """)

  @Argument(help: "A directory, or a file in it.")
  var path = PathBytes([UInt8(ascii: ".")])

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let findings = try ProbeFindings.gather(path)
    if json {
      Console.line(findings.json.text)
    } else {
      for line in findings.lines(width: Console.columns(of: STDOUT_FILENO)) { Console.line(line) }
    }
  }
}

/// Everything `probe` finds out.
struct ProbeFindings {
  var machine: MachineProbe
  var ring: Result<RingProbe, RingProbe.Refusal>
  /// `nil` where rings are refused.
  var ringLimits: RingLimits?
  var fileSystem: FileSystemProbe
  /// What `auto` takes, and why.
  var engine: (kind: EngineKind, reason: String)
  var cachedCopy: (strategy: CopyStrategy, reason: String)
  var uncachedCopy: (strategy: CopyStrategy, reason: String)

  /// - Throws: `FileIOError` where the path leads nowhere.
  static func gather(_ path: PathBytes) throws(FileIOError) -> ProbeFindings {
    let fileSystem = try FileSystemProbe.probe(path)
    let engine = try FileEngine()
    defer { engine.shutdownBlocking() }
    let selected = try engine.selected
    return ProbeFindings(
      machine: .probe(), ring: RingProbe.probe(), ringLimits: RingLimits.probe(), fileSystem: fileSystem,
      engine: (selected.engine, selected.reason),
      cachedCopy: try fileSystem.largeCopy(engine: engine, isSourceCached: true),
      uncachedCopy: try fileSystem.largeCopy(engine: engine, isSourceCached: false))
  }

  /// liburing tells its version from 2.4 on, and only to its own compiler run.
  static let liburing: String? = {
    #if canImport(CLiburing)
      return "linked statically, version unknown"
    #else
      return nil
    #endif
  }()
}
