import SystemPackage

/// When an engine asks again by itself instead of telling the job.
enum RetryPolicy {
  /// Asking again is bounded: a file system that only ever answers EINTR must not hang a copy.
  static let retriesMax = 1_000

  static func asksAgain(_ operation: Operation, after errno: Errno, retries: Int) -> Bool {
    guard retries < retriesMax else { return false }
    switch errno {
    case .interrupted:
      // Closing has happened whatever it answers; the number may be somebody else's by now.
      return operation.kind != .closeFile
    case .resourceTemporarilyUnavailable:
      // A transfer at an offset is of a regular file, where EAGAIN means the kernel ran short of
      // something. On a stream it means "poll first", which is the job's business.
      // What was asked for only if it is cached is not.
      guard operation.isPositioned, !operation.isCachedOnly else { return false }
      switch operation.kind {
      case .read, .write, .readVector, .writeVector: return true
      default: return false
      }
    default:
      return false
    }
  }
}
