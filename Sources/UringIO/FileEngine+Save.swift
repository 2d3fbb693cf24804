import Dispatch
import SystemPackage

extension FileEngine {
  /// Saves files: creates each, or writes over the one that is there.
  ///
  ///     let report = try await engine.save(records.map { FileToSave($0.path, .bytes($0.bytes)) })
  ///     for failure in report.failures { print(failure.error) }
  ///
  /// A file that fails does not end the others; the report tells of it. A file that this call created and could
  /// not finish is removed again; one that existed is then damaged, and its error says so (neither can happen
  /// with ``SaveOptions/isAtomic``). An existing file is written through the symbolic link that leads to it; a
  /// link to nothing is an error, and nothing is created where it points. Entries with the same path are saved
  /// one after another, in their order.
  ///
  /// - Parameters:
  ///   - files: asked for the next one on engine threads, one call at a time, as files are finished. It should
  ///     not take long there: bytes that have to be made belong into a producer (``FileToSave/Contents``).
  ///   - progress: called on engine threads, one call at a time, after each write and each file; keep it short.
  /// - Returns: what was saved, and each failure with its place in the sequence.
  /// - Throws: `FileIOError` for options out of range, where the engine cannot be started, and with ECANCELED
  ///   when the task is cancelled: then files in flight are given up, and nothing else is begun.
  /// - Complexity: three system calls for a new file; one thread waits for all. Memory is that of the files in
  ///   flight, however many there are.
  public func save(
    _ files: some Sequence<FileToSave> & Sendable, options: SaveOptions = SaveOptions(),
    progress: (@Sendable (SaveProgress) -> Void)? = nil
  ) async throws(FileIOError) -> SaveReport {
    let cancellation = Cancellation()
    let run = try saveRun(options, cancellation, progress, pull: Self.puller(files))
    let result = await withTaskCancellationHandler {
      await run.start().result()
    } onCancel: {
      cancellation.cancel()
    }
    return try Self.checked(result.get(), cancellation)
  }

  /// ``save(_:options:progress:)`` of pairs of a path and its bytes.
  public func save(
    _ files: some Sequence<(FilePath, [UInt8])> & Sendable, options: SaveOptions = SaveOptions(),
    progress: (@Sendable (SaveProgress) -> Void)? = nil
  ) async throws(FileIOError) -> SaveReport {
    try await save(
      SaveMapping(files) { FileToSave($0.0, .bytes($0.1)) }, options: options, progress: progress)
  }

  /// ``save(_:options:progress:)`` of pairs of a path and who makes its bytes, on the engine's workers.
  public func save(
    _ files: some Sequence<(FilePath, @Sendable () throws -> [UInt8])> & Sendable,
    options: SaveOptions = SaveOptions(), progress: (@Sendable (SaveProgress) -> Void)? = nil
  ) async throws(FileIOError) -> SaveReport {
    try await save(
      SaveMapping(files) { FileToSave($0.0, .producer($0.1)) }, options: options, progress: progress)
  }

  /// Saves files as an asynchronous sequence brings them, looking ahead by at most 16 beside those
  /// that workers have taken.
  ///
  /// As ``save(_:options:progress:)``, but that the sequence is asked in the caller's task. Where the sequence
  /// throws, the files it brought before are saved, and then the call throws an error with the cause `.thrown`.
  public nonisolated(nonsending) func save<Files: AsyncSequence>(
    _ files: Files, options: SaveOptions = SaveOptions(),
    progress: (@Sendable (SaveProgress) -> Void)? = nil
  ) async throws(FileIOError) -> SaveReport where Files.Element == FileToSave {
    let cancellation = Cancellation()
    let queue = SaveQueue()
    let run = try saveRun(options, cancellation, progress, pull: queue.pull)
    let (result, thrown) = await withTaskCancellationHandler {
      let ending = run.start { queue.abandon() }
      var thrown: FileIOError?
      do {
        for try await file in files {
          let goesOn = await withCheckedContinuation { continuation in
            queue.push(file) { continuation.resume(returning: $0) }
            run.source.inputChanged()
          }
          guard goesOn else { break }
        }
      } catch {
        thrown = FileIOError(.thrown("\(error)"), during: .save)
      }
      queue.close()
      run.source.inputChanged()
      return (await ending.result(), thrown)
    } onCancel: {
      cancellation.cancel()
    }
    let report = try Self.checked(result.get(), cancellation)
    if let thrown {
      throw thrown.noting("\(report.fileCount) files were saved, \(report.failures.count) failed")
    }
    return report
  }

  /// ``save(_:options:progress:)`` for who may block its thread. A save that was cancelled returns what it
  /// came to.
  package func saveBlocking(
    _ files: some Sequence<FileToSave> & Sendable, options: SaveOptions, cancellation: Cancellation,
    progress: (@Sendable (SaveProgress) -> Void)? = nil
  ) throws(FileIOError) -> SaveReport {
    try saveRun(options, cancellation, progress, pull: Self.puller(files)).run()
  }

  /// As ``saveBlocking(_:options:cancellation:progress:)``, where `feed` brings the files on the calling
  /// thread: `save` waits while enough of them are on their way, and answers false once no more are taken. It
  /// is told whether more will be brought at once: then the workers need not be woken for this one alone.
  package func saveBlocking(
    options: SaveOptions, cancellation: Cancellation, progress: (@Sendable (SaveProgress) -> Void)? = nil,
    feed: (_ save: (FileToSave, _ moreFollow: Bool) -> Bool) -> Void
  ) throws(FileIOError) -> SaveReport {
    let queue = SaveQueue(
      fileCountMax: Self.fedFileCountMax, byteCountMax: Self.fedByteCountMax,
      directoryCountMax: SaveDirectory.openMax)
    let run = try saveRun(options, cancellation, progress, pull: queue.pull)
    let ended = DispatchSemaphore(value: 0)
    let ending = run.start {
      queue.abandon()
      ended.signal()
    }
    feed { file, moreFollow in
      let pushed = queue.push(file)
      if !moreFollow || pushed.isHalfFull { run.source.inputChanged() }
      if let answer = pushed.answer { return answer }
      let decided = DispatchSemaphore(value: 0)
      let goesOn = Answer()
      queue.whenRoom {
        goesOn.value = $0
        decided.signal()
      }
      decided.wait()
      return goesOn.value
    }
    queue.close()
    run.source.inputChanged()
    ended.wait()
    return try ending.value!.get()
  }

  /// What a thread may bring ahead: enough that it and the workers rarely wait for each other.
  private static let fedFileCountMax = 256
  private static let fedByteCountMax = 4 << 20

  private func saveRun(
    _ options: SaveOptions, _ cancellation: Cancellation, _ progress: (@Sendable (SaveProgress) -> Void)?,
    pull: @escaping () -> SaveSource.Pulled
  ) throws(FileIOError) -> SaveRun {
    try options.validate()
    return SaveRun(
      engines: selection, descriptorBudget: descriptorBudget, options: options,
      source: SaveSource(
        options: options, cancellation: cancellation, progress: SaveProgressCounter(progress), pull: pull),
      cancellation: cancellation, intercept: intercept)
  }

  private static func puller(_ files: some Sequence<FileToSave>) -> () -> SaveSource.Pulled {
    var iterator = files.makeIterator()
    return { iterator.next().map { .file($0) } ?? .end }
  }

  private static func checked(
    _ report: SaveReport, _ cancellation: Cancellation
  ) throws(FileIOError) -> SaveReport {
    guard cancellation.isCancelled else { return report }
    throw FileIOError(.canceled, during: .save, note: "\(report.fileCount) files were saved")
  }
}

/// A value that one thread sets and another reads, a semaphore in between.
private final class Answer: @unchecked Sendable {
  var value = false
}

/// A sequence's elements as files; lazily, so that nothing is held twice.
private struct SaveMapping<Base: Sequence & Sendable>: Sequence, Sendable {
  private let base: Base
  private let file: @Sendable (Base.Element) -> FileToSave

  init(_ base: Base, _ file: @escaping @Sendable (Base.Element) -> FileToSave) {
    self.base = base
    self.file = file
  }

  func makeIterator() -> AnyIterator<FileToSave> {
    var iterator = base.makeIterator()
    return AnyIterator { iterator.next().map(file) }
  }
}
