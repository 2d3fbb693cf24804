import SystemPackage
import UringIO

/// A source and the name its copy gets.
struct OperandPair {
  var source: PathBytes
  var destination: PathBytes
  /// `--parents`: the directory below which the source's own directories are made.
  var parentsTarget: PathBytes?
}

/// Which file goes where, by cp's rules.
struct Operands {
  private(set) var pairs: [OperandPair] = []
  /// Whether the copies go into a directory, beside each other.
  private(set) var areInDirectory = false
  /// Whether backups are made of what exists.
  private(set) var backsUp: Bool

  private let arguments: Arguments

  init(_ arguments: Arguments) throws(UsageError) {
    self.arguments = arguments
    backsUp = arguments.copy.backup != nil
    let operands = arguments.operands
    if operands.isEmpty { throw UsageError(text: "missing file operand") }
    if arguments.targetDirectory == nil, operands.count == 1 {
      throw UsageError(text: "missing destination file operand after \(ShellQuoting.quote(operands[0]))")
    }
    if arguments.treatsDestinationAsFile {
      try checkDestinationAsFile()
      try add(operands[0], as: operands[1])
    } else if let directory = arguments.targetDirectory {
      if let errno = Self.whyNotDirectory(directory) {
        throw Self.noDirectory("target directory", directory, errno)
      }
      add(operands[...], into: directory)
    } else if let errno = Self.whyNotDirectory(operands.last!) {
      if operands.count > 2 { throw Self.noDirectory("target", operands.last!, errno) }
      try add(operands[0], as: operands[1])
    } else {
      add(operands.dropLast(), into: operands.last!)
    }
  }

  private func checkDestinationAsFile() throws(UsageError) {
    if arguments.targetDirectory != nil {
      throw UsageError(
        text: "cannot combine --target-directory (-t) and --no-target-directory (-T)", pointsToHelp: false)
    }
    if arguments.operands.count > 2 {
      throw UsageError(text: "extra operand \(ShellQuoting.quote(arguments.operands[2]))")
    }
  }

  private static func noDirectory(_ what: String, _ path: PathBytes, _ errno: Errno) -> UsageError {
    UsageError(text: "\(what) \(ShellQuoting.quote(path)): \(errno)", pointsToHelp: false)
  }

  // MARK: Pairs

  private mutating func add(_ source: PathBytes, as destination: PathBytes) throws(UsageError) {
    if arguments.usesWholePaths {
      throw UsageError(text: "with --parents, the destination must be a directory")
    }
    // `cp -f --backup f f` is how a backup is made of a file that stays.
    if arguments.isForced, let backup = arguments.copy.backup, source == destination,
      (try? FileStatus.of(destination, followsLink: true).get())?.type == .regular
    {
      backsUp = false
      pairs = [OperandPair(source: source, destination: backup.name(for: destination))]
    } else {
      pairs = [OperandPair(source: source, destination: destination)]
    }
  }

  private mutating func add(_ sources: ArraySlice<PathBytes>, into directory: PathBytes) {
    areInDirectory = true
    pairs = sources.map { source in
      let source = arguments.stripsTrailingSlashes ? source.withoutTrailingSlashes : source
      let name = arguments.usesWholePaths ? source.withoutTrailingSlashes : source.nameInDirectory
      return OperandPair(
        source: source, destination: directory.joined(name),
        parentsTarget: arguments.usesWholePaths ? directory : nil)
    }
  }

  // MARK: Asking the kernel

  /// `nil` for a directory.
  private static func whyNotDirectory(_ path: PathBytes) -> Errno? {
    switch FileStatus.of(path, followsLink: true) {
    case .success(let status): status.type == .directory ? nil : .notDirectory
    case .failure(let errno): errno
    }
  }
}
