import SystemPackage
import Testing

@testable import UringIO

/// A chunk job driven by hand: what it asks is looked at, what it is answered is made up. No kernel.
///
/// Descriptor 1 is the source, 2 the destination, 11 and 12 the same for direct transfers.
final class ChunkBench {
  static let source = FileDescriptor(rawValue: 1)
  static let destination = FileDescriptor(rawValue: 2)
  static let sourceDirect = FileDescriptor(rawValue: 11)
  static let destinationDirect = FileDescriptor(rawValue: 12)
  static let sourcePath = PathBytes(Array("/source".utf8))
  static let destinationPath = PathBytes(Array("/destination".utf8))

  let route: ChunkRoute
  let cursor: ChunkCursor
  let progress: CopyProgressCounter
  let cancellation = Cancellation()
  private let lane: Lane
  private let buffer: AlignedBuffer

  init(
    size: Int, lane: Lane = .buffered, reading: ChunkRoute.Reading = .cache, hasDirect: Bool = true,
    dropsWrittenBehind: Bool = false, chunkByteCount: Int = 16_384, bufferByteCount: Int = 16_384,
    movesPages: Bool = false, zeroBlockByteCount: Int? = nil
  ) throws {
    route = ChunkRoute(
      source: Self.source, destination: Self.destination,
      sourceDirect: hasDirect ? Self.sourceDirect : nil,
      destinationDirect: hasDirect ? Self.destinationDirect : nil, sourcePath: Self.sourcePath,
      destinationPath: Self.destinationPath, reading: reading, alignment: 4096,
      dropsWrittenBehind: dropsWrittenBehind, zeroBlockByteCount: zeroBlockByteCount, movesPages: movesPages)
    progress = CopyProgressCounter()
    cursor = ChunkCursor(
      extents: [0..<Int64(size)], route: route, chunkByteCount: chunkByteCount, cancellation: cancellation,
      progress: progress)
    self.lane = lane
    buffer = try AlignedBuffer(byteCount: bufferByteCount)
  }

  func makeJob() -> DrivenJob { DrivenJob(ChunkCopyJob(cursor: cursor, lane: lane), buffer.whole) }
}

/// A job and what it asked last.
final class DrivenJob {
  let job: any Job
  let buffer: BufferSlice
  private(set) var step: Step

  init(_ job: any Job, _ buffer: BufferSlice) {
    self.job = job
    self.buffer = buffer
    step = job.next(after: Completions(), buffer: buffer)
  }

  func answer(_ completion: Completion) {
    step = job.next(after: Completions(completion), buffer: buffer)
  }

  /// Answers a transfer as if all of it had been made.
  func succeed() { answer(.count(step.operation?.transferByteCount ?? 0)) }

  /// What the last step is, in a form that can be compared.
  var asked: Asked { Asked(step, in: buffer) }
}

/// A step without its memory: which descriptor, which part of the slot's buffer, at which offset.
enum Asked: Equatable {
  case read(FileDescriptor, Range<Int>, at: Int64?)
  case write(FileDescriptor, Range<Int>, at: Int64?, dropsBehind: Bool = false)
  case pages(Range<Int64>)
  case poll(FileDescriptor, PollEvents)
  case cacheStatus(Range<Int64>)
  case dropCache(Range<Int64>)
  case success(Int)
  case failure(FileIOError)
  case other

  init(_ step: Step, in buffer: BufferSlice) {
    func part(_ slice: BufferSlice) -> Range<Int> {
      slice.offset - buffer.offset..<slice.offset - buffer.offset + slice.count
    }
    switch step {
    case .perform(.read(let descriptor, let slice, let offset, _)):
      self = .read(descriptor, part(slice), at: offset)
    case .perform(.write(let descriptor, let slice, let offset, let options)):
      self = .write(descriptor, part(slice), at: offset, dropsBehind: options.contains(.dropBehind))
    case .perform(.movePages(ChunkBench.source, let from, ChunkBench.destination, let to, let count, _))
    where from == to:
      self = .pages(from..<from + Int64(count))
    case .perform(.poll(let descriptor, let events)): self = .poll(descriptor, events)
    case .perform(.cacheStatus(_, let range)): self = .cacheStatus(range)
    case .perform(.dropCache(_, let range)): self = .dropCache(range)
    case .finish(.success(let count)): self = .success(count)
    case .finish(.failure(let error)): self = .failure(error)
    default: self = .other
    }
  }
}
