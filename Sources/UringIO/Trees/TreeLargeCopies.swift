import Dispatch
import Synchronization
import SystemPackage

/// Copies a tree's large files one after another, beside the small ones: each uses all of the engine's workers,
/// in rooms of its own.
final class TreeLargeCopies: Sendable {
  /// Waiting files, each with two descriptors open; then the walk waits, too.
  private static let waitingMax = 4

  /// What a copy came to.
  struct Outcome: Sendable {
    var report: Result<CopyReport, FileIOError>
    /// What could not be done beside the copy itself.
    var furtherFailures: [FileIOError] = []
  }

  private struct State {
    var pending = 0
  }

  private let state = Mutex(State())
  private let queue: DispatchQueue?
  private let copy: @Sendable (TreeLargeFile, TreeNode.Pair) -> Outcome
  private let roomHandler = Mutex<(@Sendable () -> Void)?>(nil)

  /// - Parameters:
  ///   - inline: copies where ``add(_:directories:then:)`` is called: for an engine with one thread.
  ///   - copy: makes one copy; blocks.
  init(
    inline: Bool,
    copy: @escaping @Sendable (TreeLargeFile, TreeNode.Pair) -> Outcome
  ) {
    queue = inline ? nil : DispatchQueue(label: "UringIO.copyTree.large")
    self.copy = copy
  }

  /// Called when there is room for another file.
  var onRoom: (@Sendable () -> Void)? {
    get { roomHandler.withLock { $0 } }
    set { roomHandler.withLock { $0 = newValue } }
  }

  var isFull: Bool { state.withLock { $0.pending > Self.waitingMax } }

  /// Returns when all that were added are over.
  func wait() { queue?.sync {} }

  func add(
    _ file: TreeLargeFile, directories: TreeNode.Pair,
    then: @escaping @Sendable (Outcome) -> Void
  ) {
    state.withLock { $0.pending += 1 }
    let work: @Sendable () -> Void = { [self] in
      let result = copy(file, directories)
      state.withLock { $0.pending -= 1 }
      then(result)
      onRoom?()
    }
    if let queue { queue.async(execute: work) } else { work() }
  }
}
