import ArgumentParser
import UringIO

/// One of our engines, and how it is set: "uring", "threads:workers=4", "uring:depth=32,workers=1".
struct EngineSpec: Sendable, Equatable {
  enum Key: String, CaseIterable, Sendable {
    case workers, depth, batch, cache
    case chunkSize = "chunk-size"

    /// - Returns: the value as a program's option takes it; `nil` where it takes no such value.
    func option(_ value: String) -> String? {
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

  var engine: EngineChoice
  var settings: [Setting] = []

  struct Setting: Sendable, Equatable {
    var key: Key
    var value: String
  }

  /// As it was written.
  var name: String {
    engine.rawValue
      + (settings.isEmpty
        ? "" : ":" + settings.map { "\($0.key.rawValue)=\($0.value)" }.joined(separator: ","))
  }

  var options: [String] {
    ["--engine=\(engine.rawValue)"] + settings.compactMap { $0.key.option($0.value) }
  }

  init(_ engine: EngineChoice, _ settings: [Setting] = []) {
    self.engine = engine
    self.settings = settings
  }

  init?(argument: String) {
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

/// "uring:depth=32,workers=1,threads": engines in the order given. The same one twice is compared with itself.
struct EngineList: ExpressibleByArgument {
  var specs: [EngineSpec]

  init(_ specs: [EngineSpec]) { self.specs = specs }

  init?(argument: String) {
    // A setting goes with the engine before it.
    var texts: [String] = []
    for piece in argument.split(separator: ",", omittingEmptySubsequences: false) {
      if piece.contains("="), !piece.contains(":"), let last = texts.indices.last {
        texts[last] += "," + piece
      } else {
        texts.append(String(piece))
      }
    }
    specs = []
    for text in texts {
      guard let spec = EngineSpec(argument: text) else { return nil }
      specs.append(spec)
    }
  }

  var defaultValueDescription: String { specs.map(\.name).joined(separator: ",") }
}
