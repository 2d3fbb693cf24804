import SystemPackage

@testable import UringIO

// Not Foundation, which has an `Operation` of its own.
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Answers of the kernel's that cannot be had on demand.
enum Intercepting {
  /// The same where no pages go from file to file: for what is asked of reads and writes.
  static func withoutPages(_ intercept: @escaping Interceptor) -> Interceptor {
    { $0.kind == .movePages ? .fail(.notSupported) : intercept($0) }
  }

  /// The first `times` operations of a kind fail.
  static func first(
    _ times: Int, of kind: Operation.Kind, failWith errno: Errno,
    where isMeant: @escaping @Sendable (Operation) -> Bool = { _ in true }
  ) -> Interceptor {
    let left = Shared(times)
    return { operation in
      guard operation.kind == kind, isMeant(operation) else { return .pass }
      let isHit = left.update { left -> Bool in
        guard left > 0 else { return false }
        left -= 1
        return true
      }
      return isHit ? .fail(errno) : .pass
    }
  }

  static func every(
    _ kind: Operation.Kind, failsWith errno: Errno,
    where isMeant: @escaping @Sendable (Operation) -> Bool = { _ in true }
  ) -> Interceptor {
    first(.max, of: kind, failWith: errno, where: isMeant)
  }

  /// The operation of that number fails, counted from 0, and all after it where `andLater`.
  static func number(
    _ number: Int, of kind: Operation.Kind, failsWith errno: Errno, andLater: Bool = false
  ) -> Interceptor {
    let count = Shared(0)
    return { operation in
      guard operation.kind == kind else { return .pass }
      let current = count.update { count -> Int in
        defer { count += 1 }
        return count
      }
      return current == number || andLater && current > number ? .fail(errno) : .pass
    }
  }

  /// No transfer moves more than that at once.
  static func transfersAtMost(_ byteCount: Int) -> Interceptor {
    { operation in operation.transferByteCount == nil ? .pass : .shorten(to: byteCount) }
  }

  /// Does something before the operation of that number, counted from 0.
  static func before(
    _ number: Int, of kind: Operation.Kind, do action: @escaping @Sendable () -> Void
  ) -> Interceptor {
    let count = Shared(0)
    return { operation in
      guard operation.kind == kind else { return .pass }
      let current = count.update { count -> Int in
        defer { count += 1 }
        return count
      }
      if current == number { action() }
      return .pass
    }
  }

  /// Counts operations of a kind.
  static func counting(_ kind: Operation.Kind, into count: Shared<Int>) -> Interceptor {
    { operation in
      if operation.kind == kind { count.update { $0 += 1 } }
      return .pass
    }
  }
}

extension Operation {
  /// The descriptor the operation's bytes go through.
  var descriptor: FileDescriptor? {
    switch self {
    case .read(let descriptor, _, _, _), .write(let descriptor, _, _, _): descriptor
    case .readVector(let descriptor, _, _), .writeVector(let descriptor, _, _): descriptor
    default: nil
    }
  }

  var slice: BufferSlice? {
    switch self {
    case .read(_, let slice, _, _), .write(_, let slice, _, _): slice
    default: nil
    }
  }

  var offset: Int64? {
    switch self {
    case .read(_, _, let offset, _), .write(_, _, let offset, _): offset
    case .copyRange(_, let offset, _, _, _), .movePages(_, let offset, _, _, _, _): offset
    default: nil
    }
  }

  var options: TransferOptions {
    switch self {
    case .read(_, _, _, let options), .write(_, _, _, let options): options
    default: []
    }
  }

  /// Whether it goes past the page cache.
  var isDirect: Bool {
    guard let descriptor else { return false }
    return fcntl(descriptor.rawValue, F_GETFL) & linuxDirectFlag != 0
  }
}

/// `O_DIRECT`, which Swift's Glibc module hides; its value depends on the architecture.
#if arch(arm64) || arch(arm)
  let linuxDirectFlag: CInt = 0o200000
#else
  let linuxDirectFlag: CInt = 0o40000
#endif
