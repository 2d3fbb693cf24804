import UringIO

/// One operand of `-r`: a directory with all that is in it, or a link or special file.
struct RecursiveCopy {
  let arguments: Arguments
  let output: Output
  let interruption: Interruption

  /// - Returns: whether everything was copied.
  func run(_ source: PathBytes, _ destination: PathBytes, _ engine: FileEngine) -> Bool {
    let bar = ProgressBar(arguments.progress)
    let progress = bar.map { bar -> @Sendable (TreeProgress) -> Void in
      { bar.update(CopyProgress(copiedByteCount: $0.byteCount, totalByteCount: nil)) }
    }
    do throws(FileIOError) {
      let report = try engine.copyTreeBlocking(
        from: source, to: destination, options: options, cancellation: interruption.cancellation,
        followsDestinationLink: false, progress: progress,
        tellsCopied: arguments.isVerbose && !arguments.writesJSON, observe: observer(source, destination))
      bar?.end()
      output.copiedTree(report, from: source, to: destination)
      return report.failureCount == 0
    } catch {
      bar?.end()
      output.failed(error, source: source, destination: destination)
      return false
    }
  }

  private var options: TreeOptions {
    var options = TreeOptions()
    options.existing = arguments.copy.existing
    options.cloning = arguments.copy.cloning
    options.cache = arguments.copy.cache
    options.chunkByteCount = arguments.copy.chunkByteCount
    options.depth = arguments.copy.depth
    options.workers = arguments.engine.workers
    return options
  }

  /// Prints failures as they happen, and with `-v` each entry.
  private func observer(_ source: PathBytes, _ destination: PathBytes) -> @Sendable (TreeEvent) -> Void {
    let output = output
    return { event in
      switch event {
      case .copied(let from, let to):
        Messages.line("\(ShellQuoting.quote(from)) -> \(ShellQuoting.quote(to))")
      // An interruption is told once, at the end, not for each file in flight.
      case .failed(let error) where error.isCancellation: break
      case .failed(let error): output.failed(error, source: source, destination: destination)
      }
    }
  }
}
