/// Several system calls about one small file as one operation, so that the steps between them, which cost more than
/// some of the calls, are left out.
///
/// What is not as usual, down to an error of any call, is left undone, and the job goes on from there step by step:
/// so whatever may happen is decided in one place.
protocol SmallFileWork: AnyObject {
  /// - Returns: 1 where all is done, otherwise 0.
  func perform() -> Int
  /// Nothing is done, and nothing of an earlier file is left.
  func decline()
  /// The calls it made.
  var calls: ArraySlice<Operation.Kind> { get }
  /// Those of them that moved the file's bytes, and how many.
  static var transfers: [Operation.Kind] { get }
  var transferredByteCount: Int { get }
}

extension SmallFileWork {
  /// Whether there are such operations here.
  static var isOffered: Bool {
    #if LINUX
      true
    #else
      false
    #endif
  }
}
