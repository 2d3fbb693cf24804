import SystemPackage

/// What a load's job does next.
enum LoadWork {
  case name(NumberedName)
  /// Step by step: it was not as usual.
  case left(NumberedName)
  /// A file that was opened earlier and has its bytes claimed now.
  case parked(OpenFile)
  case chunk(LargeFile, Range<Int>)
}

/// A file that is open and whose size is known.
struct OpenFile: Sendable {
  var name: NumberedName
  var descriptor: FileDescriptor
  var device: UInt64
  var size: Int
  /// Room for its bytes: more than its size, so that a read can tell its end.
  var capacity: Int
  /// What loading it adds to the bytes in flight.
  var claimedByteCount: Int { LoadMemory.sizeClass(capacity).byteCount }
}

/// A file that several jobs read chunks of. The source's lock guards what changes.
final class LargeFile: @unchecked Sendable {
  let open: OpenFile
  let file: LoadedFile
  let region: LoadRegion
  private(set) var chunksInFlight = 0
  private var next = 0
  /// Where it was found to end.
  private(set) var end: Int
  private(set) var error: FileIOError?

  init(_ open: OpenFile, _ file: LoadedFile, _ region: LoadRegion) {
    self.open = open
    self.file = file
    self.region = region
    end = open.size
  }

  var hasChunk: Bool { next < end && error == nil }

  func takeChunk() -> Range<Int> {
    let chunk = next..<min(next + LoadSource.chunkByteCount, open.size)
    next = chunk.upperBound
    chunksInFlight += 1
    return chunk
  }

  func chunkEnded(end: Int?, error: FileIOError?) {
    chunksInFlight -= 1
    if let end { self.end = min(self.end, end) }
    if self.error == nil { self.error = error }
  }
}
