#if os(Linux)
  import CTestSupport
  import Foundation

  public enum Engine: String, CaseIterable, Sendable {
    case auto, uring, threads, sequential

    /// All engines that can run here.
    public static let available: [Engine] = allCases.filter { $0 != .uring || ioUringRefusal() == 0 }
    /// One engine of each kind.
    public static let forced: [Engine] = available.filter { $0 != .auto }
  }

  public enum Cache: String, CaseIterable, Sendable { case auto, keep, bypass }

  /// An engine and a cache policy.
  public struct Way: Sendable, CustomStringConvertible {
    public let engine: Engine
    public let cache: Cache
    /// Whether files are copied as large ones are, whatever their size.
    public let isInChunks: Bool

    public init(engine: Engine, cache: Cache, isInChunks: Bool = true) {
      self.engine = engine
      self.cache = cache
      self.isInChunks = isInChunks
    }

    public var description: String {
      "--engine=\(engine) --cache=\(cache)" + (isInChunks ? " in chunks" : "")
    }

    var options: [RawString] { isInChunks ? ["--chunk-size=1M"] : [] }

    public static let all: [Way] = Engine.available.flatMap { engine in
      Cache.allCases.map { Way(engine: engine, cache: $0) }
        + [Way(engine: engine, cache: .auto, isInChunks: false)]
    }
    /// Every engine, and every cache policy with one of them.
    public static let few: [Way] =
      Engine.available.map { Way(engine: $0, cache: .auto) }
      + [
        Way(engine: .auto, cache: .keep), Way(engine: .auto, cache: .bypass),
        Way(engine: .auto, cache: .auto, isInChunks: false),
      ]
  }

  public enum Executables {
    /// The directory of the test bundle, in which SwiftPM puts the executables too.
    public static let directory: String = {
      var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      let count = readlink("/proc/self/exe", &path, Int(PATH_MAX))
      let executable = String(decoding: path[..<max(count, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let candidates =
        [executable] + CommandLine.arguments.filter { $0.contains(".xctest") }
      let directories = candidates.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
      return directories.first { FileManager.default.isExecutableFile(atPath: "\($0)/uringcp") }
        ?? directories[0]
    }()

    /// The program under test: `$URINGCP`, or else the one built beside the tests.
    public static let uringcp = RawString(
      ProcessInfo.processInfo.environment["URINGCP"] ?? "\(directory)/uringcp")
  }

  extension Workplace {
    /// `uringcp OPTIONS ARGUMENTS`, to be run here.
    public func uringcp(_ arguments: RawString..., engine: Engine? = nil, cache: Cache? = nil) -> Command {
      uringcp(arguments, engine: engine, cache: cache)
    }

    public func uringcp(_ arguments: RawString..., way: Way) -> Command {
      uringcp(arguments, way: way)
    }

    public func uringcp(_ arguments: [RawString], way: Way) -> Command {
      uringcp(way.options + arguments, engine: way.engine, cache: way.cache)
    }

    /// Runs a copy that must succeed in silence, and compares the two files. Throws what went wrong.
    @discardableResult
    public func copyAndCompare(
      _ source: RawString, _ destination: RawString, _ command: Command
    ) throws -> Outcome {
      let outcome = try command.run()
      guard outcome.succeeded, outcome.errors.isEmpty else {
        throw FixtureFailure("copying \(source) to \(destination): \(outcome)")
      }
      if let offset = try firstDifference(source, destination) {
        throw FixtureFailure("\(destination) differs from \(source) from byte \(offset) on: \(outcome)")
      }
      return outcome
    }

    public func uringcp(_ arguments: [RawString], engine: Engine? = nil, cache: Cache? = nil) -> Command {
      var options: [RawString] = []
      if let engine { options.append("--engine=\(engine)") }
      if let cache { options.append("--cache=\(cache)") }
      var command = command(Executables.uringcp, options + arguments)
      command.name = "uringcp"
      return command
    }
  }
#endif
