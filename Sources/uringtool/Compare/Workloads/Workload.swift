import CCommandLine
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A job that the contestants do in turn: what it is done with, how each is told, and how it is checked.
protocol Workload: AnyObject {
  /// As the command line names it.
  var job: String { get }
  /// What is done, for a person: a label and a text for each line.
  var description: [(label: String, text: String)] { get }
  /// The same for programs.
  var jsonMembers: [(String, JSON)] { get }
  var amount: WorkAmount { get }
  /// Bytes read from files, bytes that one outcome takes on the disk, and bytes that ``begin(in:_:)`` leaves there.
  var sourceByteCount: Int64 { get }
  var outcomeByteCount: Int64 { get }
  var keptByteCount: Int64 { get }
  /// What is waited for when an outcome is to be on the disk.
  var synchronization: Synchronization { get }
  /// What may be set for an engine.
  var settings: [EngineSpec.Key] { get }
  /// What the programs read as their standard input; `nil` for nothing.
  var standardInput: PathBytes? { get }
  /// What is copied with all that is in it, and in which nothing may be made therefore.
  var copiedDirectory: PathBytes? { get }
  /// What stands for `{source}` and other words in a command; `{destination}` is added for each run.
  var words: [String: PathBytes] { get }

  func contestant(_ spec: EngineSpec) throws(ToolError) -> Contestant
  /// What people use for the job, if there is such a tool.
  func usualTool(_ interruption: Interruption) throws(ToolError) -> Contestant?

  /// Makes what the checks need. Called once, before anybody runs; `directory` is there until the end.
  func begin(in directory: PathBytes, _ interruption: Interruption) throws(ToolError)
  /// Brings the source into the page cache, or out of it.
  ///
  /// - Returns: bytes of it that are cached then; `nil` where nobody can tell.
  /// - Throws: `ToolError` where it cannot be read, or was changed meanwhile.
  func prepare(_ state: CacheState, _ interruption: Interruption) throws(ToolError) -> Int64?
  /// - Parameter output: what the program printed.
  /// - Returns: what is wrong with the outcome; `nil` where it is right.
  func complaint(
    about destination: PathBytes, output: [UInt8], from contestant: Contestant, _ interruption: Interruption
  ) throws(ToolError) -> String?
}

extension Workload {
  var keptByteCount: Int64 { 0 }
  var standardInput: PathBytes? { nil }
  var copiedDirectory: PathBytes? { nil }
  func usualTool(_ interruption: Interruption) throws(ToolError) -> Contestant? { nil }
  func begin(in directory: PathBytes, _ interruption: Interruption) throws(ToolError) {}
}

/// How much a run does, and in what that is counted.
struct WorkAmount {
  var count: Double
  /// "GB": rates are then 10^9 bytes in a second. Otherwise things, in the plural.
  var unit: String
  var fractionDigits: Int { unit == "GB" ? 2 : 0 }
}

/// What the source's bytes are like before each run.
enum CacheState: String {
  case cached, uncached
}

/// When an outcome is on the disk.
enum Synchronization {
  /// Nothing is written.
  case none
  /// The one file: `fsync`.
  case file
  /// A tree: the whole file system, `syncfs`.
  case fileSystem

  /// - Returns: 0, or the error.
  func wait(for outcome: PathBytes) -> CInt {
    guard self != .none else { return 0 }
    guard let file = OpenedForReading(outcome, followsLink: false) else { return errno }
    let answer = self == .file ? fsync(file.descriptor) : commandSyncFileSystem(file.descriptor)
    return answer == 0 ? 0 : errno
  }
}

extension PathBytes {
  init(_ text: String) { self.init(Array(text.utf8)) }
}
