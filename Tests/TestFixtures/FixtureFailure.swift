#if os(Linux)
  import Glibc

  /// A fixture could not be set up: the test says nothing about the program.
  public struct FixtureFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
  }

  /// Turns an errno of a C helper into a thrown error.
  func check(_ error: Int32, _ what: @autoclosure () -> String) throws {
    if error != 0 { throw FixtureFailure("\(what()): \(String(cString: strerror(error)))") }
  }

  /// Turns the -1 of a system call into a thrown error.
  @discardableResult
  func checked<Answer: SignedInteger>(_ answer: Answer, _ what: @autoclosure () -> String) throws
    -> Answer
  {
    if answer < 0 { try check(errno, what()) }
    return answer
  }
#endif
