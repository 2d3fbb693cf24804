/// Memory that one file is loaded into. Whoever holds it may look at the bytes; the engine writes to it again
/// only when nobody does.
final class LoadRegion: Sendable {
  let slice: BufferSlice

  init(_ slice: BufferSlice) { self.slice = slice }
}
