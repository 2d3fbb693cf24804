import Dispatch
import Logging
import SystemPackage

/// The front door: copies files, and runs batches of reads and writes, on io_uring or where the kernel
/// refuses it on a pool of threads.
///
///     let engine = try FileEngine()
///     let report = try await engine.copyFile(from: "big.dat", to: "copy.dat")
///     await engine.shutdown()
///
/// One engine serves any number of calls at the same time. An engine that is dropped finishes what it was
/// given.
public final class FileEngine: Sendable {
  /// What an engine is made of. The defaults suit the machine.
  public struct Configuration: Sendable {
    public var engine = EngineChoice.auto
    /// Rings, or threads of the pool; 1 to 256. `nil`: by the number of cores.
    public var workers: Int?
    /// Operations each ring must be able to hold, 1 to 4096. `nil`: 64.
    public var depth: Int?
    /// What reports say of the operations beside their counts.
    public var measuring = Measuring.counts
    /// Told of errors that nobody waits for: background work and appended records whose outcome is never asked.
    /// Silent unless another one is given.
    public var logger = Logger(label: "UringIO", factory: { _ in SwiftLogNoOpLogHandler() })
    /// Tests put the kernel's rarer answers in here.
    package var intercept: Interceptor?
    /// What may be open at once; tests make it small.
    package var descriptorBudget = DescriptorBudget.process

    public init() {}
  }

  let selection: EngineSelection
  let intercept: Interceptor?
  let logger: Logger
  let descriptorBudget: DescriptorBudget
  let measuring: Measuring

  /// - Throws: `FileIOError` during `.startEngine` where `.uring` was asked for and is refused, with the
  ///   reason in its note; `EINVAL` for a number out of range. The other choices are never refused.
  /// - Complexity: `.uring` sets its rings up now (about 0.5 ms for all); the others when first needed.
  public init(_ configuration: Configuration = Configuration()) throws(FileIOError) {
    let isValid =
      configuration.workers.map { (1...256).contains($0) } ?? true
      && configuration.depth.map { CopyOptions.depthRange.contains($0) } ?? true
    guard isValid else {
      throw FileIOError(.invalidArgument, during: .startEngine, note: "workers or depth is out of range")
    }
    selection = EngineSelection(
      choice: configuration.engine, workers: configuration.workers, depth: configuration.depth,
      measuring: configuration.measuring)
    measuring = configuration.measuring
    intercept = configuration.intercept
    logger = configuration.logger
    descriptorBudget = configuration.descriptorBudget
    if configuration.engine == .uring { _ = try selection.forLargeFiles() }
  }

  /// The engine a large copy would use now, and why.
  public var selected: (engine: EngineKind, reason: String) {
    get throws(FileIOError) {
      let (engine, reason) = try selection.forLargeFiles()
      return (engine.kind, reason)
    }
  }

  /// Waits for the calls that are under way, then ends the engine's threads. Calls that come later throw `EBADF`.
  ///
  /// - Loads end at once, for nobody knows when their files will be taken: whoever asks for another one gets
  ///   `ECANCELED`. Files that were handed over stay what they are.
  /// - Background work goes on; what it asks of this engine from now on throws `EBADF`.
  /// - Appenders do not need the engine's threads, and go on until they are closed.
  ///
  /// Not to be awaited by a progress closure, a producer or a transform: they are part of a call.
  public func shutdown() async {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "UringIO.shutdown").async { [selection] in
        selection.shutdown()
        continuation.resume()
      }
    }
  }

  /// ``shutdown()`` for who may block.
  package func shutdownBlocking() { selection.shutdown() }
}
