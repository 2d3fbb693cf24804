import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

private let log: FilePath = "log"
private let record = [UInt8]("a record of 16 b".utf8)

/// Appends records one after another, each awaited.
struct AppendWork: Work {
  private let appender: Appender

  init(_ place: Place, _ engine: FileEngine) async throws { appender = try await engine.appender(to: log) }

  func perform(_ count: Int) async throws {
    for _ in 0..<count { _ = try await appender.append(record) }
  }

  func tidy() { emptyLog() }
  func end() async { try? await appender.close() }
}

/// Hands records over without waiting, until the last has been written.
struct EnqueueWork: Work {
  private let appender: Appender

  init(_ place: Place, _ engine: FileEngine) async throws {
    // What is gathered then does not depend on when the writing thread comes to it.
    var options = AppendOptions()
    options.isBuffered = true
    appender = try await engine.appender(to: log, options: options)
  }

  func perform(_ count: Int) async throws {
    for _ in 0..<count { try appender.enqueue(record) }
    try await appender.flush()
  }

  func tidy() { emptyLog() }
  func end() async { try? await appender.close() }
}

private func emptyLog() { _ = log.withPlatformString { truncate($0, 0) } }
