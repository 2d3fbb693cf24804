import Dispatch
import Synchronization

/// Files on their way from one task or thread that has them, one after another, to the workers that save them.
///
/// It looks ahead by a bounded number of files: who brings them waits while it is full.
final class SaveQueue: Sendable {
  private struct State {
    // A few at most; what was taken is let go at once, with all that its contents hold.
    var files: [FileToSave] = []
    var isClosed = false
    /// The run has ended: nothing will be taken any more.
    var isAbandoned = false
    var room: (@Sendable (Bool) -> Void)?
  }

  private static let capacity = 16
  /// Who waits for room goes on when it is half empty, and a sleeping engine is woken when it is half full: a
  /// switch from thread to thread for each file would cost more than the file.
  private static let half = capacity / 2
  private let state = Mutex(State())

  /// Takes the next file out.
  func pull() -> SaveSource.Pulled {
    let (pulled, room) = state.withLock { state -> (SaveSource.Pulled, (@Sendable (Bool) -> Void)?) in
      guard !state.files.isEmpty else { return (state.isClosed ? .end : .wait, nil) }
      let file = state.files.removeFirst()
      guard state.files.count <= Self.half else { return (.file(file), nil) }
      defer { state.room = nil }
      return (.file(file), state.room)
    }
    room?(true)
    return pulled
  }

  /// Whether enough is there to wake the engine for.
  var isHalfFull: Bool { state.withLock { $0.files.count >= Self.half } }

  /// Puts a file in, and calls `then` when there is room for the next one: with false once nothing will be
  /// taken any more.
  func push(_ file: FileToSave, then: @escaping @Sendable (Bool) -> Void) {
    let answer = state.withLock { state -> Bool? in
      if state.isAbandoned { return false }
      state.files.append(file)
      if state.files.count < Self.capacity { return true }
      state.room = then
      return nil
    }
    if let answer { then(answer) }
  }

  /// There will be no more files.
  func close() { state.withLock { $0.isClosed = true } }

  /// Nothing will be taken any more. What was not taken is let go.
  func abandon() {
    let room = state.withLock { state in
      state.isAbandoned = true
      state.files = []
      defer { state.room = nil }
      return state.room
    }
    room?(false)
  }
}
