import SystemPackage

extension FileCopy {
  /// The bytes through a transform: whatever the source is, it is read from its start to its end.
  mutating func pass(
    _ source: OpenedFile, through transform: SentTransform, to destination: OpenedFile
  ) throws(FileIOError) -> Copied {
    let isSmall = source.status.type == .regular && source.status.size < ChunkedCopy.smallByteCount
    let (engine, reason) = isSmall ? try engines.forSmallFiles() : try engines.forLargeFiles()
    // Its own: a failure must also end a wait for a FIFO that nothing comes through.
    let ending = Cancellation()
    let handler = cancellation.addHandler { ending.cancel() }
    defer { cancellation.removeHandler(handler) }
    let pipe = try TransformPipe(
      TransformPipe.Ends(
        source: source.descriptor, destination: destination.descriptor, sourcePath: source.path,
        destinationPath: destination.path, sourceIsStream: source.status.type != .regular,
        destinationIsStream: destination.status.type != .regular,
        waitsForWriter: source.status.type == .fifo),
      transform: transform, cancellation: ending, progress: progress)
    let tally = try engine.runToEnd(
      pipe, rooms: TransformPipe.rooms(for: engine), cancellation: ending, intercept: intercept)
    let byteCount = Int64(pipe.writtenByteCount)
    update { report in
      report.strategy = .transform
      report.reason = "the bytes pass through a transform"
      report.engine = engine.kind
      report.engineReason = reason
      report.operations.add(tally)
      report.byteCount = byteCount
    }
    try stopIfCancelled(source)
    if let failure = pipe.failure { throw failure }
    return Copied(size: byteCount, needsFinalSize: false)
  }
}
