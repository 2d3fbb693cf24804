import SystemPackage
import UringIO

/// Copies a file, then reads its first and last block as a batch.
@main
struct CopyExample {
  static func main() async throws {
    guard CommandLine.arguments.count == 3 else {
      print("usage: copy-example SOURCE DESTINATION")
      return
    }
    let source = FilePath(CommandLine.arguments[1])
    let destination = FilePath(CommandLine.arguments[2])

    let engine = try FileEngine()
    let report = try await engine.copyFile(from: source, to: destination)
    print(
      "\(report.byteCount) bytes, \(report.strategy.rawValue) on \(report.engine.rawValue): \(report.reason)")

    let file = try FileDescriptor.open(destination, .readOnly)
    let blocks = try AlignedBuffer(byteCount: 2 * 4096).slices(byteCount: 4096)
    let completions = try await engine.perform { batch in
      batch.read(file, into: blocks[0], at: 0)
      batch.read(file, into: blocks[1], at: max(0, report.size - 4096))
    }
    try file.close()
    print("first and last block: \(completions)")
    await engine.shutdown()
  }
}
