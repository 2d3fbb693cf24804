import Dispatch
import MicroPieces

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `MicroWork NAME COUNT [DIRECTORY]` does one piece so many times, for valgrind to count; `MicroWork --list` names
/// them. It works in a new directory of its own, in DIRECTORY where one is named: then that is left for whoever
/// named it to remove.
@main struct MicroWork {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.elementsEqual(["--list"]) {
      for piece in Piece.counted { print(piece.name) }
      return
    }
    guard (2...3).contains(arguments.count),
      let piece = Piece.counted.first(where: { $0.name == arguments[1] }),
      let count = Int(arguments[2]), count > 0, count % Piece.step == 0
    else {
      fail(2, "usage: MicroWork NAME COUNT [DIRECTORY], COUNT a multiple of \(Piece.step); MicroWork --list")
    }
    let parent = arguments.count == 3 ? arguments[3] : nil
    // The first thread waits here: under valgrind 3.19, an asynchronous main ends in a fault when it parks it.
    let ended = DispatchSemaphore(value: 0)
    Task.detached {
      do {
        try await perform(piece, count, in: parent)
      } catch {
        fail(1, "\(piece.name): \(error)")
      }
      ended.signal()
    }
    ended.wait()
  }

  private static func perform(_ piece: Piece, _ count: Int, in parent: String?) async throws {
    let place = try Place(in: parent)
    defer { if parent == nil { place.remove() } }
    let work = try await piece.makeWork(in: place)
    try await work.perform(count)
    await work.end()
  }

  private static func fail(_ status: CInt, _ message: String) -> Never {
    let line = Array("MicroWork: \(message)\n".utf8)
    _ = write(2, line, line.count)
    exit(status)
  }
}
