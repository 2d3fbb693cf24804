import Synchronization

/// What the operands of one command, or the entries of one tree, share: which files of the source have been copied
/// where, so that further names of them become further names of the copies.
///
/// A file of one name is not kept here: memory grows with the files that have several.
package final class CopyHistory: Sendable {
  struct Copy {
    /// Of the copy, when it was made or opened; then a name can be made sure to be the same file's.
    var identity: FileIdentity?
    let path: PathBytes
    /// Further names that were given to it.
    var names: [PathBytes] = []
  }

  private let copies = Mutex<[FileIdentity: Copy]>([:])
  /// Directories that are operands, and the first that each operand made.
  private let directories = Mutex<[FileIdentity: PathBytes]>([:])
  /// Held from looking for a copy until it is made: two names of one file are not both its first.
  private let making = Mutex<Void>(())

  package init() {}

  func whileMaking<Answer>(_ body: () -> Answer) -> Answer {
    making.withLock { _ in body() }
  }

  func copy(of source: FileIdentity) -> Copy? { copies.withLock { $0[source] } }

  func remember(_ path: PathBytes, as identity: FileIdentity?, copyOf source: FileIdentity) {
    copies.withLock { $0[source] = Copy(identity: identity, path: path) }
  }

  func remember(_ name: PathBytes, forCopyOf source: FileIdentity) {
    copies.withLock { $0[source]?.names.append(name) }
  }

  /// The copy could not be completed: the next name of the source is copied anew.
  ///
  /// - Returns: names that the copy had got meanwhile.
  func forget(copyOf source: FileIdentity) -> [PathBytes] {
    copies.withLock { $0.removeValue(forKey: source)?.names ?? [] }
  }

  // MARK: Directories

  func directory(_ source: FileIdentity) -> PathBytes? { directories.withLock { $0[source] } }

  func remember(directory source: FileIdentity, at path: PathBytes) {
    directories.withLock { $0[source] = path }
  }
}
