import SystemPackage

/// What came of trying something.
package enum ProbeAnswer: Sendable, Equatable {
  case yes
  /// It was refused, and how.
  case no(String)
  /// It could not be tried, and why.
  case unknown(String)

  /// From a system call's answer in the kernel's form: a count, or a negated errno.
  init(kernelResult: Int) {
    self = kernelResult >= 0 ? .yes : .no("\(Errno(rawValue: CInt(-kernelResult)))")
  }
}
