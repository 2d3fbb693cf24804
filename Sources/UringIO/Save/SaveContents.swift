import Synchronization

/// Memory that producers append to, and what came of it; one thread at a time has it.
final class ProducedBytes: @unchecked Sendable {
  var bytes = OutputBytes()
  /// What a producer that makes its own array made.
  var array: [UInt8] = []
  var error: FileIOError?
}

/// The memory of producers that have finished, for the next ones. What was used last is given first: it is
/// still in a core's cache.
final class ProducedBytesPool: Sendable {
  /// Memory grown beyond this is not kept.
  private static let keptCapacityMax = 8 << 20
  private let free = Mutex<[ProducedBytes]>([])

  func take() -> ProducedBytes { free.withLock { $0.popLast() } ?? ProducedBytes() }

  func giveBack(_ produced: ProducedBytes) {
    produced.array = []
    produced.error = nil
    produced.bytes.removeAll()
    guard produced.bytes.capacity <= Self.keptCapacityMax else { return }
    free.withLock { $0.append(produced) }
  }
}

/// Hands a file's bytes to its job, piece by piece.
struct SaveContents {
  enum Piece {
    /// To be written; what follows is asked for afterwards.
    case memory(BufferSlice, isLast: Bool)
    case compute(@Sendable () -> Completion)
  }

  private let contents: FileToSave.Contents
  private let path: PathBytes
  private let pool: ProducedBytesPool
  private var produced: ProducedBytes?
  private var array: [UInt8]?
  private var position = 0

  init(_ file: FileToSave, pool: ProducedBytesPool) {
    contents = file.contents
    path = file.path
    self.pool = pool
    if case .bytes(let bytes) = file.contents { array = bytes }
  }

  var isMade: Bool {
    switch contents {
    case .producer, .writer: true
    case .bytes, .memory, .pieces: false
    }
  }

  var madeByteCount: Int { produced.map { max($0.bytes.count, $0.array.count) } ?? 0 }

  mutating func next(_ buffer: BufferSlice) -> Piece {
    if let array { return piece(of: array, buffer) }
    switch contents {
    case .bytes: preconditionFailure("an array is written from the start")
    case .memory(let slice): return .memory(slice, isLast: true)
    case .producer(let make): return computeWhole { $0.array = try make() }
    case .writer(let fill):
      return computeWhole {
        $0.bytes.removeAll()
        try fill(&$0.bytes)
      }
    case .pieces(let fill):
      return computePiece {
        $0.bytes.removeAll()
        return try fill(&$0.bytes)
      }
    }
  }

  /// What a compute step made.
  mutating func made(_ completion: Completion, _ buffer: BufferSlice) -> Result<Piece, FileIOError> {
    let produced = produced!
    if let error = produced.error { return .failure(error) }
    guard case .count(let more) = completion else {
      return .failure(FileIOError(.canceled, during: .produce, path: path))
    }
    if case .producer = contents {
      array = produced.array
      produced.array = []
      return .success(piece(of: array!, buffer))
    }
    return .success(.memory(produced.bytes.slice ?? buffer[0..<0], isLast: more == 0))
  }

  /// Gives the lent memory back; nothing of it is in flight any more.
  mutating func end() {
    if let produced { pool.giveBack(produced) }
    produced = nil
    array = nil
  }

  /// An array's memory may move: what the kernel reads is a copy, in the slot's buffer.
  private mutating func piece(of array: [UInt8], _ buffer: BufferSlice) -> Piece {
    let count = min(buffer.count, array.count - position)
    if count > 0 {
      array.withUnsafeBytes { bytes in
        buffer.address.copyMemory(from: bytes.baseAddress! + position, byteCount: count)
      }
    }
    position += count
    return .memory(buffer[0..<count], isLast: position == array.count)
  }

  private mutating func computeWhole(_ make: @escaping @Sendable (ProducedBytes) throws -> Void) -> Piece {
    computePiece {
      try make($0)
      return false
    }
  }

  /// - Parameter make: returns whether there is more.
  private mutating func computePiece(_ make: @escaping @Sendable (ProducedBytes) throws -> Bool) -> Piece {
    let produced = self.produced ?? pool.take()
    self.produced = produced
    let path = path
    return .compute {
      do {
        return .count(try make(produced) ? 1 : 0)
      } catch let error as FileIOError {
        produced.error = error
      } catch {
        produced.error = FileIOError(.thrown("\(error)"), during: .produce, path: path)
      }
      return .failed(.canceled)
    }
  }
}
