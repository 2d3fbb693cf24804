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

  /// - Returns: `nil` for a text that is no ``EngineSpec``, or one with what is not a copy's.
  package init?(_ text: some StringProtocol) {
    guard let spec = EngineSpec(argument: String(text)) else { return nil }
    self.init(spec.engine)
    for setting in spec.settings {
      switch setting.key {
      case .workers: workers = Int(setting.value)
      case .depth: depth = Int(setting.value)
      case .chunkSize: chunkByteCount = ByteSize.parse(setting.value)
      case .cache: cache = CopyOptions.CacheMode(rawValue: setting.value)
      case .batch: return nil
      }
    }
  }

  package var text: String {
    let settings: [(EngineSpec.Key, String?)] = [
      (.workers, workers.map(String.init)), (.depth, depth.map(String.init)),
      (.chunkSize, chunkByteCount.map(String.init)), (.cache, cache?.rawValue),
    ]
    return EngineSpec(engine, settings.compactMap { key, value in value.map { .init(key: key, value: $0) } })
      .name
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
