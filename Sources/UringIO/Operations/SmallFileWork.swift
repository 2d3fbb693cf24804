/// Several system calls about one small file, or many, as one operation, so that the steps between them, which cost more than
/// some of the calls, are left out.
///
/// What is not as usual, down to an error of any call, is left undone, and the job goes on from there step by step:
/// so whatever may happen is decided in one place.
protocol SmallFileWork: AnyObject {
  /// - Returns: how many files are done.
  func perform() -> Int
  /// Nothing is done, and nothing of an earlier file is left.
  func decline()
  /// Counts the calls it made, and the bytes they moved of files that are done.
  func count(in tally: inout OperationTally, inline: Bool)
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
