import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The user's file with what was tuned, and changing it.
struct TuningStore {
  let file: String

  private var path: PathBytes { PathBytes(file) }

  /// What is there; nothing where it cannot be used, after a note.
  private func read() -> TuningFile {
    switch TuningFile.read(file) {
    case nil: return TuningFile()
    case .failure(let errno)?:
      Console.error("note: '\(path.displayed)' cannot be read and is made anew: \(errno)")
      return TuningFile()
    case .success(let tuning)?:
      if tuning.damagedLineCount > 0 {
        Console.error(
          "note: '\(path.displayed)' is damaged: \(tuning.damagedLineCount) lines make no sense and go away")
      }
      return tuning
    }
  }

  /// - Throws: `ToolError` where it could not be written.
  func prepare() throws(ToolError) {
    var parent = ""
    for component in file.split(separator: "/").dropLast() {
      parent += "/" + component
      guard mkdir(parent, 0o777) != 0, errno != EEXIST else { continue }
      throw ToolError.system("cannot make the directory for settings", PathBytes(parent))
    }
    _ = try ReportFile.open(path)
  }

  /// Sets what was found for jobs that were tried, and forgets what was known of them.
  func replace(
    _ mount: MountProbe, _ jobs: [TuningFile.Job], with entries: [TuningFile.Entry]
  ) throws(ToolError) {
    var tuning = read()
    for job in jobs { tuning.forget(fileSystem: mount.type, device: mount.source, job: job) }
    for entry in entries { tuning.set(entry) }
    try ReportFile.open(path).writeReport(tuning.text)
  }

  func forget(_ mount: MountProbe) throws(ToolError) {
    var tuning = read()
    guard tuning.forget(fileSystem: mount.type, device: mount.source) else {
      Console.line("Nothing was known of \(mount.type) on \(mount.source).")
      return
    }
    try ReportFile.open(path).writeReport(tuning.text)
    Console.line("Forgotten: \(mount.type) on \(mount.source).")
  }
}
