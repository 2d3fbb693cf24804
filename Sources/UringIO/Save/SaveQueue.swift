import Dispatch
import Synchronization

/// Files on their way from one task or thread that has them, one after another, to the workers that save them.
///
/// It looks ahead by a bounded number of files: who brings them waits while it is full.
final class SaveQueue: Sendable {
  private struct State {
    // What was taken is let go at once, with all that its contents hold.
    var files: [FileToSave?] = []
    /// How often a file's directory is another one than the file's before, among those that are here.
    var directoryCount = 0
    /// Where the next one is in the array.
    var first = 0
    var byteCount = 0
    var isClosed = false
    /// The run has ended: nothing will be taken any more.
    var isAbandoned = false
    var room: (@Sendable (Bool) -> Void)?

    var fileCount: Int { files.count - first }

    mutating func takeFirst() -> FileToSave {
      let file = files[first]!
      files[first] = nil
      first += 1
      byteCount -= file.contents.knownByteCount ?? 0
      // Those that follow it in the same directory count no more than it did.
      let following = first < files.count ? files[first]!.directory : nil
      if let directory = file.directory, directory !== following { directoryCount -= 1 }
      return file
    }

    mutating func append(_ file: FileToSave) {
      if first == files.count {
        files.removeAll(keepingCapacity: true)
        first = 0
      } else if first >= 64, first * 2 >= files.count {
        files.removeFirst(first)
        first = 0
      }
      let before = files.last.flatMap { $0?.directory }
      if let directory = file.directory, directory !== before { directoryCount += 1 }
      files.append(file)
      byteCount += file.contents.knownByteCount ?? 0
    }
  }

  private let fileCountMax: Int
  private let byteCountMax: Int
  private let directoryCountMax: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - fileCountMax: looked ahead by at most.
  ///   - byteCountMax: files are not brought any more once those that are there have so many.
  ///   - directoryCountMax: nor once they keep so many directories open.
  init(fileCountMax: Int = 16, byteCountMax: Int = .max, directoryCountMax: Int = .max) {
    self.fileCountMax = fileCountMax
    self.byteCountMax = byteCountMax
    self.directoryCountMax = directoryCountMax
  }

  private func isFull(_ state: State) -> Bool {
    state.fileCount >= fileCountMax || state.byteCount >= byteCountMax
      || state.directoryCount >= directoryCountMax
  }

  /// Who waits for room goes on when it is half empty, and a sleeping engine is woken when it is half full: a
  /// switch from thread to thread for each file would cost more than the file.
  private func isHalfFull(_ state: State) -> Bool {
    state.fileCount > fileCountMax / 2 || state.byteCount > byteCountMax / 2
      || state.directoryCount > directoryCountMax / 2
  }

  /// Takes the next file out.
  func pull() -> SaveSource.Pulled {
    let (pulled, room) = state.withLock { state -> (SaveSource.Pulled, (@Sendable (Bool) -> Void)?) in
      guard state.fileCount > 0 else { return (state.isClosed ? .end : .wait, nil) }
      let file = state.takeFirst()
      guard state.room != nil, !isHalfFull(state) else { return (.file(file), nil) }
      defer { state.room = nil }
      return (.file(file), state.room)
    }
    room?(true)
    return pulled
  }

  struct Pushed {
    /// Whether more will be taken; `nil` where there is no room now.
    var answer: Bool?
    /// Whether enough is there to wake the engine for.
    var isHalfFull: Bool
  }

  /// Puts a file in.
  func push(_ file: FileToSave) -> Pushed {
    state.withLock { state in
      if state.isAbandoned { return Pushed(answer: false, isHalfFull: false) }
      state.append(file)
      return Pushed(answer: isFull(state) ? nil : true, isHalfFull: isHalfFull(state))
    }
  }

  /// Calls `then` when there is room for the next one: with false once nothing will be taken any more.
  func whenRoom(_ then: @escaping @Sendable (Bool) -> Void) {
    let answer = state.withLock { state -> Bool? in
      if state.isAbandoned { return false }
      if !isFull(state) { return true }
      state.room = then
      return nil
    }
    if let answer { then(answer) }
  }

  /// ``push(_:)`` and then ``whenRoom(_:)``.
  func push(_ file: FileToSave, then: @escaping @Sendable (Bool) -> Void) {
    if let answer = push(file).answer { then(answer) } else { whenRoom(then) }
  }

  /// There will be no more files.
  func close() { state.withLock { $0.isClosed = true } }

  /// Nothing will be taken any more. What was not taken is let go.
  func abandon() {
    let room = state.withLock { state in
      state.isAbandoned = true
      state.files = []
      state.first = 0
      state.byteCount = 0
      state.directoryCount = 0
      defer { state.room = nil }
      return state.room
    }
    room?(false)
  }
}
