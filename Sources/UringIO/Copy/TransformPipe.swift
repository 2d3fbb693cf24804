import Synchronization
import SystemPackage

/// A copy whose bytes pass through a transform: reads ahead, transforms and writes, each in order and all three
/// at the same time, with a bounded number of pieces in between.
///
/// It deals out a job for whichever of the three can go on, the one nearest to the end first: so one worker
/// alone never waits, and three overlap.
final class TransformPipe: JobSource {
  /// Bytes read, and given to the transform, at once.
  static let pieceByteCount = 256 << 10
  /// Pieces of input, and of output, that exist at once.
  private static let pieceCount = 3

  struct Ends: Sendable {
    let source: FileDescriptor
    let destination: FileDescriptor
    let sourcePath: PathBytes
    let destinationPath: PathBytes
    /// They have no offsets and may have to be waited for.
    let sourceIsStream: Bool
    let destinationIsStream: Bool
    /// A FIFO nobody has opened for writing yet reads as ended: it is polled first.
    let waitsForWriter: Bool
  }

  private struct State {
    var freeInputs: [BufferSlice]
    var inputs: [BufferSlice] = []
    var freeOutputs: [ProducedBytes]
    var outputs: [ProducedBytes] = []
    var isReading = false
    var isTransforming = false
    var isWriting = false
    var inputEnded = false
    var outputEnded = false
    var readByteCount = 0
    var writtenByteCount = 0
    var hasWaited = false
    var failure: FileIOError?
    var isAsleep = false
    var wake: (@Sendable () -> Void)?
  }

  let ends: Ends
  /// Ends the run: on request, and after a failure.
  let cancellation: Cancellation
  private let transform: SentTransform
  private let progress: CopyProgressCounter
  private let state: Mutex<State>

  init(
    _ ends: Ends, transform: SentTransform, cancellation: Cancellation, progress: CopyProgressCounter
  ) throws(FileIOError) {
    self.ends = ends
    self.transform = transform
    self.cancellation = cancellation
    self.progress = progress
    let memory = try AlignedBuffer(byteCount: Self.pieceCount * Self.pieceByteCount)
    state = Mutex(
      State(
        freeInputs: memory.slices(byteCount: Self.pieceByteCount),
        freeOutputs: (0..<Self.pieceCount).map { _ in ProducedBytes() }))
  }

  static func rooms(for engine: any Engine) -> [Room] {
    let room = Room(
      lane: .any, depth: engine.kind == .uring ? pieceCount : 1, bufferByteCount: 0, placement: .smallFiles)
    return [Room](repeating: room, count: engine.kind == .uring ? 1 : min(engine.workerCount, 3))
  }

  func attach(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  func next(for lane: Lane) -> Pull {
    state.withLock { state in
      if state.failure != nil { return .end }
      if let job = writeJob(&state) ?? transformJob(&state) ?? readJob(&state) { return .job(job) }
      if state.outputEnded, state.outputs.isEmpty, !state.isWriting { return .end }
      state.isAsleep = true
      return .wait
    }
  }

  private func writeJob(_ state: inout State) -> (any Job)? {
    guard !state.isWriting, !state.outputs.isEmpty else { return nil }
    state.isWriting = true
    return WritePieceJob(self, state.outputs.removeFirst(), at: state.writtenByteCount)
  }

  private func transformJob(_ state: inout State) -> (any Job)? {
    guard !state.isTransforming, !state.outputEnded, let output = state.freeOutputs.last,
      !state.inputs.isEmpty || state.inputEnded
    else { return nil }
    state.isTransforming = true
    state.freeOutputs.removeLast()
    let input = state.inputs.isEmpty ? nil : state.inputs.removeFirst()
    return TransformPieceJob(input, into: output, transform, path: ends.sourcePath)
  }

  private func readJob(_ state: inout State) -> (any Job)? {
    guard !state.isReading, !state.inputEnded, let input = state.freeInputs.popLast() else { return nil }
    state.isReading = true
    return ReadPieceJob(
      self, into: input, at: state.readByteCount, waitsFirst: ends.waitsForWriter && !state.hasWaited)
  }

  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>) {
    let wake = state.withLock { state -> (@Sendable () -> Void)? in
      if case .failure(let error) = outcome, state.failure == nil { state.failure = error }
      switch job {
      case let job as ReadPieceJob: didRead(job, outcome.count, &state)
      case let job as TransformPieceJob: didTransform(job, &state)
      case let job as WritePieceJob:
        state.isWriting = false
        state.writtenByteCount += job.written
        job.output.bytes.removeAll()
        state.freeOutputs.append(job.output)
      default: preconditionFailure("a job of the pipe's")
      }
      defer { state.isAsleep = false }
      return state.isAsleep ? state.wake : nil
    }
    wake?()
    // What waits for a stream need not be waited for any more.
    if case .failure = outcome { cancellation.cancel() }
  }

  private func didRead(_ job: ReadPieceJob, _ count: Int, _ state: inout State) {
    state.isReading = false
    state.hasWaited = true
    state.readByteCount += count
    state.inputEnded = job.isAtEnd
    if count > 0 {
      state.inputs.append(job.input[0..<count])
    } else {
      state.freeInputs.append(job.input)
    }
  }

  private func didTransform(_ job: TransformPieceJob, _ state: inout State) {
    state.isTransforming = false
    if let input = job.input {
      state.freeInputs.append(input.buffer[input.offset..<(input.offset + Self.pieceByteCount)])
    } else {
      state.outputEnded = true
    }
    if job.output.bytes.count > 0 {
      state.outputs.append(job.output)
    } else {
      state.freeOutputs.append(job.output)
    }
  }

  func wrote(_ byteCount: Int) { progress.add(byteCount) }

  // MARK: Afterwards

  var failure: FileIOError? { state.withLock { $0.failure } }
  var writtenByteCount: Int { state.withLock { $0.writtenByteCount } }
}

extension Result<Int, FileIOError> {
  /// What was moved, as far as a failure says.
  fileprivate var count: Int { if case .success(let count) = self { count } else { 0 } }
}
