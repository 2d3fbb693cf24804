import SystemPackage

/// Operations to be carried out together; see ``FileEngine/perform(depth:_:)``.
///
/// Nothing is asked of the kernel while a batch is filled. The slices that are read into or written from
/// belong to the kernel until `perform` has returned.
public struct OperationBatch: Sendable {
  package private(set) var operations: [Operation] = []

  /// Reads up to `into.count` bytes at an offset, or at the file position where it is `nil`. `pread`.
  public mutating func read(_ file: FileDescriptor, into slice: BufferSlice, at offset: Int64?) {
    operations.append(.read(file, into: slice, at: offset))
  }

  /// Writes up to `from.count` bytes at an offset, or at the file position where it is `nil`. `pwrite`.
  public mutating func write(_ file: FileDescriptor, from slice: BufferSlice, at offset: Int64?) {
    operations.append(.write(file, from: slice, at: offset))
  }

  /// Reads into several slices, one filled after the other; at most 1024. `preadv`.
  public mutating func read(_ file: FileDescriptor, into slices: [BufferSlice], at offset: Int64?) {
    operations.append(.readVector(file, into: slices, at: offset))
  }

  /// Writes several slices as one; at most 1024. `pwritev`.
  public mutating func write(_ file: FileDescriptor, from slices: [BufferSlice], at offset: Int64?) {
    operations.append(.writeVector(file, from: slices, at: offset))
  }

  /// Makes the file's contents durable, and unless `dataOnly` all its metadata. It does not wait for the
  /// batch's other operations. `fsync`, `fdatasync`.
  public mutating func synchronize(_ file: FileDescriptor, dataOnly: Bool = false) {
    operations.append(.synchronize(file, dataOnly: dataOnly))
  }

  /// Reserves space for a range, extending the file where the range ends beyond it. `fallocate`.
  public mutating func allocate(_ file: FileDescriptor, _ range: Range<Int64>) {
    operations.append(.allocate(file, range))
  }

  /// Sets the file's size. `ftruncate`.
  public mutating func truncate(_ file: FileDescriptor, to size: Int64) {
    operations.append(.truncate(file, to: size))
  }
}

extension FileEngine {
  /// Carries out a batch of operations, in no particular order, and returns what each came to, in the order
  /// they were added.
  ///
  ///     let slots = try AlignedBuffer(byteCount: 2 * 4096).slices(byteCount: 4096)
  ///     let completions = try await engine.perform { batch in
  ///       batch.read(file, into: slots[0], at: 0)
  ///       batch.read(file, into: slots[1], at: 1 << 30)
  ///     }
  ///
  /// A completion is the kernel's answer: a transfer may be short, and one that failed does not affect the
  /// others. EINTR, and EAGAIN at an offset, are asked again.
  ///
  /// - Parameter depth: operations in flight at most, shared among the engine's workers.
  /// - Throws: `FileIOError` where the engine cannot be started; operations' errors are in the result.
  ///   When the task is cancelled, operations that were not started complete with `ECANCELED`.
  /// - Complexity: one continuation for the batch, none per operation.
  public nonisolated(nonsending) func perform(
    depth: Int = 64, _ fill: (inout OperationBatch) -> Void
  ) async throws(FileIOError) -> [Completion] {
    var batch = OperationBatch()
    fill(&batch)
    guard !batch.operations.isEmpty else { return [] }
    let call = try selection.beginCall()
    defer { selection.endCall(call) }
    let (engine, _) = try selection.forLargeFiles()
    let source = BatchSource(batch.operations)
    // A room for each worker: every ring and every thread takes part.
    let workerCount = min(engine.workerCount, max(1, depth), batch.operations.count)
    let rooms = (0..<workerCount).map { _ in
      Room(
        lane: .any, depth: engine.kind == .uring ? max(1, depth / workerCount) : 1, bufferByteCount: 0,
        placement: .direct)
    }
    let cancellation = Cancellation()
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<Void, FileIOError>, Never>) in
        do throws(FileIOError) {
          engine.start(
            try EngineRun(
              source: source, rooms: rooms, cancellation: cancellation, intercept: intercept,
              onEnd: { _ in continuation.resume(returning: .success(())) }))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    try outcome.get()
    return source.completions
  }
}
