/// What is set for a copy beyond the defaults: an engine and its numbers, as `uringtool tune` found them or a user
/// writes them: "threads:workers=4", "uring:depth=8,chunk-size=1M,cache=keep".
package struct TunedSettings: Sendable, Equatable {
  package var engine: EngineChoice
  package var workers: Int?
  package var depth: Int?
  package var chunkByteCount: Int?
  package var cache: CopyOptions.CacheMode?

  package init(
    _ engine: EngineChoice, workers: Int? = nil, depth: Int? = nil, chunkByteCount: Int? = nil,
    cache: CopyOptions.CacheMode? = nil
  ) {
    self.engine = engine
    self.workers = workers
    self.depth = depth
    self.chunkByteCount = chunkByteCount
    self.cache = cache
  }

  /// - Returns: `nil` for a text that is none, or has a value out of range.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let engine = EngineChoice(rawValue: String(first)) else { return nil }
    self.init(engine)
    guard parts.count > 1 else { return }
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { return nil }
      let value = String(pair[1])
      func number(_ range: ClosedRange<Int>) -> Int? { Int(value).flatMap { range.contains($0) ? $0 : nil } }
      switch pair[0] {
      case "workers":
        guard let count = number(1...256) else { return nil }
        workers = count
      case "depth":
        guard let count = number(CopyOptions.depthRange) else { return nil }
        depth = count
      case "chunk-size":
        guard let size = ByteSize.parse(value), CopyOptions.chunkByteCountRange.contains(size) else {
          return nil
        }
        chunkByteCount = size
      case "cache":
        guard let mode = CopyOptions.CacheMode(rawValue: value) else { return nil }
        cache = mode
      default: return nil
      }
    }
  }

  package var text: String {
    var settings: [String] = []
    if let workers { settings.append("workers=\(workers)") }
    if let depth { settings.append("depth=\(depth)") }
    if let chunkByteCount { settings.append("chunk-size=\(chunkByteCount)") }
    if let cache { settings.append("cache=\(cache.rawValue)") }
    return engine.rawValue + (settings.isEmpty ? "" : ":" + settings.joined(separator: ","))
  }

  package func apply(to configuration: inout FileEngine.Configuration) {
    configuration.engine = engine
    configuration.workers = workers
    configuration.depth = depth
  }

  package func apply(to options: inout CopyOptions) {
    options.chunkByteCount = chunkByteCount
    options.depth = depth
    options.cache = cache ?? .auto
  }

  package func apply(to options: inout TreeOptions) {
    options.workers = workers
    options.depth = depth
  }
}
