/// One of our engines, and how it is set, as users write it and settings are kept: "uring", "threads:workers=4",
/// "uring:depth=32,workers=1".
package struct EngineSpec: Sendable, Equatable {
  package enum Key: String, CaseIterable, Sendable {
    case workers, depth, batch, cache
    case chunkSize = "chunk-size"

    /// - Returns: the value as a program's option takes it; `nil` where it takes no such value.
    package func option(_ value: String) -> String? {
      func number(_ range: ClosedRange<Int>) -> String? {
        Int(value).flatMap { range.contains($0) ? "--\(rawValue)=\($0)" : nil }
      }
      switch self {
      case .workers: return number(1...256)
      case .depth, .batch: return number(1...4096)
      case .cache: return CopyOptions.CacheMode(rawValue: value).map { "--cache=\($0.rawValue)" }
      case .chunkSize:
        guard let size = ByteSize.parse(value), CopyOptions.chunkByteCountRange.contains(size) else {
          return nil
        }
        return "--chunk-size=\(size)"
      }
    }
  }

  package var engine: EngineChoice
  package var settings: [Setting] = []

  package struct Setting: Sendable, Equatable {
    package var key: Key
    package var value: String
  }

  /// As it was written.
  package var name: String {
    engine.rawValue
      + (settings.isEmpty
        ? "" : ":" + settings.map { "\($0.key.rawValue)=\($0.value)" }.joined(separator: ","))
  }

  package var options: [String] {
    ["--engine=\(engine.rawValue)"] + settings.compactMap { $0.key.option($0.value) }
  }

  package init(_ engine: EngineChoice, _ settings: [Setting] = []) {
    self.engine = engine
    self.settings = settings
  }

  package init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let engine = EngineChoice(rawValue: String(parts[0])) else { return nil }
    self.init(engine)
    guard parts.count > 1 else { return }
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2, let key = Key(rawValue: pair[0]), key.option(pair[1]) != nil,
        !settings.contains(where: { $0.key == key })
      else { return nil }
      settings.append(Setting(key: key, value: pair[1]))
    }
  }
}
