import ArgumentParser
import UringIO

/// `uringtool compare`: the engines, the usual tool and any other program, side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Measure the engines, and other programs, side by side.",
    discussion: """
      Every contestant does the same job in each round, in shuffled order, as a process of its own. Before each run \
      the memory it will use is touched, and the source is read into the page cache, or dropped from it. What a \
      contestant makes has a new name in a temporary directory, is checked, and removed; none of that is timed. \
      Whoever fails, takes too long, or makes something wrong is named and left out, and the exit status is 1.
      For --html and --json each engine of ours does the job once more after the rounds, to measure how long its \
      operations take; nothing else is taken from that run. Several sizes (--generate small --size 4K,64K,1M) are \
      as many comparisons, and a chart of the rate over the size.
      """,
    subcommands: [
      CompareCopyCommand.self, CompareTreeCommand.self, CompareLoadCommand.self, CompareSaveCommand.self,
      CompareAppendCommand.self,
    ])
}

/// `uringtool compare copy FILE`.
struct CompareCopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy FILE with each engine and with cp, with cloning off.",
    discussion: "In a command of --against, {source} is FILE and {destination} the copy to make.")

  @Argument(help: "The file to copy.") var file: PathBytes?
  @OptionGroup var generated: GeneratedSource
  @OptionGroup var options: CompareOptions

  func validate() throws {
    try options.check([.workers, .depth, .chunkSize, .cache], "copy")
    try generated.check(beside: file, makes: [.large], "copy")
  }

  func run() throws {
    try ComparisonRun(options).run(source: file, generated.made) { path, _ throws(ToolError) in
      try CopyWorkload(path)
    }
  }
}

/// `uringtool compare tree DIRECTORY`.
struct CompareTreeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "Copy DIRECTORY with all in it, with each engine and with cp -r, with cloning off.",
    discussion: """
      In a command of --against, {source} is DIRECTORY and {destination} the directory to make, which is not there \
      yet. "To disk" waits for the whole file system (syncfs).
      """)

  @Argument(help: "The directory to copy.") var source: PathBytes?
  @OptionGroup var generated: GeneratedSource
  @OptionGroup var options: CompareOptions

  func validate() throws {
    try options.check([.workers, .depth], "tree")
    try generated.check(beside: source, makes: [.small, .csv], "tree")
  }

  func run() throws {
    try ComparisonRun(options).run(source: source, generated.made) { path, origin throws(ToolError) in
      try TreeWorkload(path, origin: origin)
    }
  }
}

/// `uringtool compare load DIRECTORY`.
struct CompareLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Load all files below DIRECTORY into memory, with each engine.",
    discussion: """
      In a command of --against, {source} is DIRECTORY and {list} a file with the names, each ended by a zero byte.
      """)

  @Argument(help: "The directory with the files.") var source: PathBytes?
  @OptionGroup var generated: GeneratedSource
  @OptionGroup var options: CompareOptions

  func validate() throws {
    try options.check([.workers, .depth, .batch], "load")
    try generated.check(beside: source, makes: [.small, .csv], "load")
  }

  func run() throws {
    try ComparisonRun(options).run(source: source, generated.made) { path, origin throws(ToolError) in
      try LoadWorkload(path, origin: origin)
    }
  }
}

/// `uringtool compare save`.
struct CompareSaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Make and write files with each engine, or those of a tar archive.",
    discussion: """
      Without ARCHIVE, the tutorials' CSV files. Everybody's files are compared with those of the sequential engine. \
      In a command of --against, {destination} is the directory to make, and ARCHIVE its standard input.
      """)

  @Argument(help: "A tar archive to unpack.") var archive: PathBytes?
  @Option(help: ArgumentHelp("Files to make, 1 to 1000000 (default: 100).", valueName: "n")) var files: Int?
  @Option(help: ArgumentHelp("Lines of each, 1 to 10000000 (default: 10000).", valueName: "n")) var lines:
    Int?
  @Option(help: ArgumentHelp("Values in each line, 1 to 1000 (default: 10).", valueName: "n")) var values:
    Int?
  @OptionGroup var options: CompareOptions

  func validate() throws {
    try options.check([.workers, .depth, .batch], "save")
    try checkRange(files, "--files", 1...1_000_000)
    try checkRange(lines, "--lines", 1...10_000_000)
    try checkRange(values, "--values", 1...1000)
    if archive != nil, files != nil || lines != nil || values != nil {
      throw ValidationError("--files, --lines and --values are for files that are made, not for an ARCHIVE's")
    }
  }

  func run() throws {
    let origin =
      archive.map { SaveWorkload.Origin.archive($0.resolved) }
      ?? .generated(files: files ?? 100, lines: lines ?? 10_000, values: values ?? 10)
    try ComparisonRun(options).run(source: archive, []) { _, _ throws(ToolError) in try SaveWorkload(origin)
    }
  }
}

/// `uringtool compare append`.
struct CompareAppendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Append lines to one file from many tasks, with each engine.",
    discussion: """
      Each line must be whole in the end, none lost, none twice. In a command of --against, {destination} is the \
      file, which is not there yet.
      """)

  @Option(help: ArgumentHelp("Lines, 1 to 10000000.", valueName: "n")) var lines = 10_000
  @Option(help: ArgumentHelp("Tasks that append them, 1 to 100000.", valueName: "n")) var tasks = 1_000
  @Flag(help: "A task waits until its line is on the disk before it appends the next.") var durable = false
  @OptionGroup var options: CompareOptions

  func validate() throws {
    try options.check([.workers, .depth], "append")
    try checkRange(lines, "--lines", 1...10_000_000)
    try checkRange(tasks, "--tasks", 1...100_000)
  }

  func run() throws {
    try ComparisonRun(options).run(source: nil, []) { _, _ throws(ToolError) in
      AppendWorkload(lineCount: lines, taskCount: tasks, isDurable: durable)
    }
  }
}
