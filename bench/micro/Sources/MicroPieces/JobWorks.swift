import SystemPackage
import UringIO

private let path = PathBytes(Array("file".utf8))

/// Drives a job to its end with answers made up here: no engine, no kernel.
private func drive(
  _ job: any Job, buffer: BufferSlice, answer: (Operation) -> Completion
) throws(FileIOError) {
  var completions = Completions()
  while true {
    switch job.next(after: completions, buffer: buffer) {
    case .perform(let operation), .performInline(let operation): completions = Completions(answer(operation))
    case .chain(let operations): completions = Completions(operations.map(answer))
    case .compute(let work): completions = Completions(work())
    case .finish(let outcome):
      _ = try outcome.get()
      return
    }
  }
}

/// A chunk's way through a copy: taken, read, written, completed.
struct ChunkJobWork: Work {
  private let buffer: BufferSlice

  init() throws { buffer = try AlignedBuffer(byteCount: 4096).whole }

  func perform(_ count: Int) throws {
    let route = ChunkRoute(
      source: .standardInput, destination: .standardOutput, sourcePath: path, destinationPath: path,
      reading: .cache, alignment: buffer.count)
    let cursor = ChunkCursor(
      extents: [0..<Int64(count * buffer.count)], route: route, chunkByteCount: buffer.count,
      cancellation: Cancellation(), progress: CopyProgressCounter())
    try drive(ChunkCopyJob(cursor: cursor, lane: .buffered), buffer: buffer) {
      .count($0.transferByteCount ?? 0)
    }
    guard cursor.completePrefix == Int64(count * buffer.count) else { throw Unexpected("a chunk is missing") }
  }
}

/// A piece's way through a copy of what has no size.
struct StreamJobWork: Work {
  private let buffer: BufferSlice

  init() throws { buffer = try AlignedBuffer(byteCount: 4096).whole }

  func perform(_ count: Int) throws {
    var piecesLeft = count
    let job = StreamCopyJob(
      source: .standardInput, destination: .standardOutput, sourcePath: path, destinationPath: path,
      waitsForWriter: false, cancellation: Cancellation(), progress: CopyProgressCounter())
    try drive(job, buffer: buffer) { operation in
      guard operation.kind == .read else { return .count(operation.transferByteCount ?? 0) }
      piecesLeft -= 1
      return .count(piecesLeft >= 0 ? buffer.count : 0)
    }
  }
}

/// Batches of ten records, each from the file's lock to what became of them.
struct AppendJobWork: Work {
  private static let ends = (1...10).map { $0 * 16 }
  private let buffer: BufferSlice

  init() throws { buffer = try AlignedBuffer(byteCount: 160).whole }

  func perform(_ count: Int) throws {
    let target = AppendTarget(descriptor: .standardOutput, path: path, isRegular: true)
    var end = 0
    for _ in 0..<count {
      let job = AppendJob(target, ends: Self.ends, isDurable: false)
      try drive(job, buffer: buffer) { operation in
        end += operation.transferByteCount ?? 0
        return .count(operation.kind == .position ? end : operation.transferByteCount ?? 0)
      }
      guard job.runs.count == 1 else { throw Unexpected("the records do not lie together") }
    }
  }
}
