import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
#if LINUX
  import CLinux
#endif

/// What `uringtool tune` found on this machine, for each file system: a text file in the user's configuration
/// directory, a line for each job.
///
/// It is never needed: what cannot be read, is damaged, or was measured on another kernel or with other cores is left
/// alone, and a note says so to whoever asks.
package struct TuningFile: Sendable, Equatable {
  package enum Job: String, Sendable, CaseIterable {
    /// One large file in chunks.
    case large
    /// A tree of small files.
    case small
  }

  package struct Entry: Sendable, Equatable {
    /// The file system's type and its device or server.
    package var fileSystem: String
    package var device: String
    package var job: Job
    /// Of the machine when it was measured.
    package var kernel: String
    package var coreCount: Int
    /// As YYYY-MM-DD.
    package var date: String
    package var settings: TunedSettings

    package init(
      fileSystem: String, device: String, job: Job, kernel: String, coreCount: Int, date: String,
      settings: TunedSettings
    ) {
      self.fileSystem = fileSystem
      self.device = device
      self.job = job
      self.kernel = kernel
      self.coreCount = coreCount
      self.date = date
      self.settings = settings
    }
  }

  private static let heading = "swift-uring-io tuning 1"

  package var entries: [Entry]
  /// Lines that are no entries.
  package private(set) var damagedLineCount = 0

  package init(entries: [Entry] = []) { self.entries = entries }

  // MARK: The text

  /// - Parameter text: of any kind; what makes no sense is counted and left out.
  package init(text: String) {
    entries = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    guard let first = lines.first, first == Self.heading else {
      damagedLineCount = lines.count
      return
    }
    for line in lines.dropFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 7, let job = Job(rawValue: fields[2]), let cores = Int(fields[4]), cores > 0,
        let settings = TunedSettings(fields[6])
      else {
        damagedLineCount += 1
        continue
      }
      entries.append(
        Entry(
          fileSystem: fields[0], device: fields[1], job: job, kernel: fields[3], coreCount: cores,
          date: fields[5], settings: settings))
    }
  }

  package var text: String {
    let lines = entries.map { entry in
      // A tab or a line's end in a name would be taken for one of the format's.
      let fields = [
        entry.fileSystem, entry.device, entry.job.rawValue, entry.kernel, "\(entry.coreCount)", entry.date,
        entry.settings.text,
      ]
      return fields.map { $0.replacing("\t", with: " ").replacing("\n", with: " ") }.joined(separator: "\t")
    }
    return ([Self.heading] + lines).map { $0 + "\n" }.joined()
  }

  /// Replaces what there is of the same file system and job.
  package mutating func set(_ entry: Entry) {
    forget(fileSystem: entry.fileSystem, device: entry.device, job: entry.job)
    entries.append(entry)
  }

  /// - Returns: whether there was something to forget.
  @discardableResult
  package mutating func forget(fileSystem: String, device: String, job: Job? = nil) -> Bool {
    let count = entries.count
    entries.removeAll { $0.fileSystem == fileSystem && $0.device == device && (job == nil || $0.job == job) }
    return entries.count < count
  }

  // MARK: Where it lies

  /// `$XDG_CONFIG_HOME/swift-uring-io/tuning`, or below `$HOME/.config`; `nil` where there is neither. A path that is
  /// not absolute counts for none (XDG Base Directory Specification).
  package static func path(_ environment: (String) -> String? = Self.variable) -> String? {
    func directory(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
    guard let parent = directory("XDG_CONFIG_HOME") ?? directory("HOME").map({ $0 + "/.config" }) else {
      return nil
    }
    return parent + "/swift-uring-io/tuning"
  }

  package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// - Returns: `nil` where there is none.
  package static func read(_ path: String) -> Result<TuningFile, Errno>? {
    switch KernelFile.contents(path) {
    case .success(let lines): return .success(TuningFile(text: lines.joined(separator: "\n")))
    case .failure(.noSuchFileOrDirectory): return nil
    case .failure(let errno): return .failure(errno)
    }
  }

  // MARK: Using it

  package enum Finding: Sendable, Equatable {
    case none
    case settings(TunedSettings, date: String)
    /// There is something that is not used, and why.
    case ignored(String)
  }

  /// What was found for the file system around a path that may not be there yet.
  ///
  /// One failed `open` where nobody has tuned anything.
  package static func find(_ job: Job, near path: PathBytes, in file: String? = Self.path()) -> Finding {
    guard let file, let answer = read(file) else { return .none }
    let tuning: TuningFile
    switch answer {
    case .failure(let errno): return .ignored("'\(file)' cannot be read: \(errno)")
    case .success(let read): tuning = read
    }
    guard let mount = MountProbe.around(path) else { return .none }
    return tuning.find(job, mount, MachineProbe.probe(), file)
  }

  func find(_ job: Job, _ mount: MountProbe, _ machine: MachineProbe, _ file: String) -> Finding {
    guard
      let entry = entries.first(where: {
        $0.job == job && $0.fileSystem == mount.type && $0.device == mount.source
      })
    else {
      return damagedLineCount > 0
        ? .ignored("'\(file)' is damaged: \(damagedLineCount) lines make no sense") : .none
    }
    guard entry.kernel == machine.kernel else {
      return .ignored("'\(file)' is stale: it was measured on \(entry.kernel), and this is \(machine.kernel)")
    }
    guard entry.coreCount == machine.coreCount else {
      return .ignored(
        "'\(file)' is stale: it was measured with \(entry.coreCount) cores, and there are \(machine.coreCount)"
      )
    }
    return .settings(entry.settings, date: entry.date)
  }
}

extension MountProbe {
  /// The mount of a path, or of the directory it would be in.
  package static func around(_ path: PathBytes) -> MountProbe? {
    let parent = path.bytes.count - path.lastComponent.bytes.count
    let directory = PathBytes(parent > 0 ? Array(path.bytes[..<parent]) : [UInt8(ascii: ".")])
    for candidate in [path, directory] {
      #if LINUX
        let flags = linuxOpenPath | O_CLOEXEC
      #else
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
      #endif
      guard case .success(let descriptor) = SystemCall.open(candidate, flags) else { continue }
      defer { _ = SystemCall.close(descriptor) }
      return MountProbe.of(descriptor)
    }
    return nil
  }
}
