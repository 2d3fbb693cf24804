import UringIO

/// The options that cp does not have.
extension ArgumentReader {
  mutating func takeOwn(_ option: Option, _ value: PathBytes?) throws(UsageError) {
    switch option {
    case .engine:
      arguments.engine.engine = try choice(value, for: "--engine", "auto, uring, threads, sequential")
    case .chunkSize:
      guard let size = value?.text.flatMap({ ByteSize.parse($0) }), size > 0,
        size <= CopyOptions.chunkByteCountRange.upperBound
      else { throw invalid(value, for: "--chunk-size", "a size from 4K to 1G") }
      arguments.copy.chunkByteCount = max(size, CopyOptions.chunkByteCountRange.lowerBound)
    case .depth:
      let depth = try number(value, for: "--depth", in: CopyOptions.depthRange)
      arguments.copy.depth = depth
      arguments.engine.depth = depth
    case .workers:
      let workers = try number(value, for: "--workers", in: 1...256)
      arguments.engine.workers = workers
      arguments.copy.workers = workers
    case .cache: arguments.copy.cache = try choice(value, for: "--cache", "auto, keep, bypass")
    case .progress:
      arguments.progress =
        value == nil ? .always : try choice(value, for: "--progress", "auto, always, never")
    case .explain: arguments.explains = true
    case .stats:
      arguments.showsStatistics = true
      if arguments.engine.measuring == .counts { arguments.engine.measuring = .statistics }
    case .trace:
      arguments.trace = value
      arguments.engine.measuring = .trace
    case .json: arguments.writesJSON = true
    case .atomic, .durable, .resume, .verify:
      throw UsageError(text: "option --\(option) is not supported yet")
    default: preconditionFailure("an option of cp's")
    }
  }

  private func choice<Choice: RawRepresentable<String>>(
    _ word: PathBytes?, for option: String, _ valid: String
  ) throws(UsageError) -> Choice {
    guard let choice = word?.text.flatMap(Choice.init(rawValue:)) else {
      throw invalid(word, for: option, valid)
    }
    return choice
  }

  private func number(
    _ word: PathBytes?, for option: String, in range: ClosedRange<Int>
  ) throws(UsageError) -> Int {
    guard let number = word?.text.flatMap({ Int($0) }), range.contains(number) else {
      throw invalid(word, for: option, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func invalid(_ word: PathBytes?, for option: String, _ valid: String) -> UsageError {
    let quoted = ShellQuoting.quote(word ?? PathBytes([]))
    return UsageError(text: "invalid argument \(quoted) for '\(option)': it takes \(valid)")
  }
}
