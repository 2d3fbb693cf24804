import SystemPackage
import UringIO

/// Every job of docs/patterns.md, in a directory that is new: each is one call.
@main
struct TutorialJobs {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else {
      print("usage: tutorial-jobs NEW-DIRECTORY")
      return
    }
    let directory = FilePath(CommandLine.arguments[1])
    let engine = try FileEngine()

    // Save many files. A producer makes a file's bytes on the engine's workers, when its turn has come.
    var options = SaveOptions()
    options.createsParents = true
    let files = (0..<100).map { number -> (FilePath, @Sendable () throws -> [UInt8]) in
      (directory.appending("data/data_\(number).csv"), { csv(file: number, lines: 100, values: 10) })
    }
    let saved = try await engine.save(files, options: options)
    try saved.throwFirstFailure()
    print("saved \(saved.fileCount) files, \(saved.byteCount) bytes")

    // Copy many files: a tree, in parallel over its files.
    let copied = try await engine.copyTree(from: directory.appending("data"), to: directory.appending("copy"))
    print("copied \(copied.fileCount) files, \(copied.failureCount) failures")

    // Load many files, each as soon as it is there.
    let paths = files.map(\.0)
    var loaded = 0
    for try await file in engine.load(paths) {
      loaded += try file.withBytes { $0.count }
    }
    print("loaded \(loaded) bytes")

    // The same with work for the processor, on the engine's workers.
    var lines = 0
    for try await count in engine.load(
      paths, transform: { file in try file.withBytes { bytes in bytes.count { $0 == UInt8(ascii: "\n") } } })
    {
      lines += try count.result.get()
    }
    print("counted \(lines) lines")

    // Append to one file from many tasks: whole records, no lock to hold.
    let log = try await engine.appender(to: directory.appending("results.txt"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<1_000 {
        group.addTask { _ = try await log.append("result of task \(task)\n") }
      }
      try await group.waitForAll()
    }
    try await log.close()
    print("appended \(log.report.recordCount) records in \(log.report.writeCount) writes")

    // A one-off job in the background.
    let saving = engine.background { engine in
      try await engine.copyFile(from: paths[0], to: directory.appending("background.csv"))
    }
    print("copied \(try await saving.value.byteCount) bytes in the background")

    // One file through a function that changes its bytes: reading, changing and writing overlap.
    let changed = try await engine.copyFile(
      from: paths[0], to: directory.appending("semicolons.csv"),
      transform: { bytes, output in
        guard let bytes else { return }
        try output.append(bytes.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ";") : $0 })
      })
    print("changed \(changed.byteCount) bytes")
    await engine.shutdown()
  }

  private static func csv(file: Int, lines: Int, values: Int) -> [UInt8] {
    let text = (0..<lines).map { line in
      (0..<values).map { String(file + line + $0) }.joined(separator: ",") + "\n"
    }
    return Array(text.joined().utf8)
  }
}
