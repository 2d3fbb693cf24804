import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Variables that cp listens to.
enum Environment {
  static func value(_ name: String) -> PathBytes? { getenv(name).map { PathBytes(cString: $0) } }

  static var isPosixlyCorrect: Bool { getenv("POSIXLY_CORRECT") != nil }
}

extension PathBytes {
  init(cString: UnsafePointer<CChar>) {
    self.init(UnsafeBufferPointer(start: cString, count: strlen(cString)).map(UInt8.init(bitPattern:)))
  }
}
