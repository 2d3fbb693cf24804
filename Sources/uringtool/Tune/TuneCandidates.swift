import UringIO

/// The settings that are tried: those that made a difference somewhere, not all there could be.
enum TuneCandidates {
  /// What is used where nobody has tuned anything; always among them.
  static let defaults = TunedSettings(.auto)

  static func all(_ job: TuningFile.Job, coreCount: Int, hasRing: Bool) -> [TunedSettings] {
    let all =
      [defaults] + (job == .large ? large(coreCount) : small(coreCount)) + [TunedSettings(.sequential)]
    return all.filter { hasRing || $0.engine != .uring }
  }

  private static let kibibyte = 1 << 10
  private static let mebibyte = 1 << 20

  private static func large(_ coreCount: Int) -> [TunedSettings] {
    var settings: [TunedSettings] = []
    for chunk in [256 * kibibyte, 512 * kibibyte, mebibyte, 2 * mebibyte, 4 * mebibyte] {
      for depth in [2, 4, 8, 16] {
        settings.append(TunedSettings(.uring, depth: depth, chunkByteCount: chunk))
      }
    }
    for chunk in [512 * kibibyte, mebibyte, 4 * mebibyte] {
      settings.append(TunedSettings(.uring, chunkByteCount: chunk, cache: .keep))
    }
    for depth in [4, 8, 16] {
      settings.append(TunedSettings(.uring, depth: depth, chunkByteCount: mebibyte, cache: .bypass))
    }
    for chunk in [512 * kibibyte, mebibyte, 2 * mebibyte] {
      for workers in unique([coreCount, 2 * coreCount + 1, 4 * coreCount + 1]) {
        settings.append(TunedSettings(.threads, workers: workers, chunkByteCount: chunk))
      }
    }
    return settings
  }

  private static func small(_ coreCount: Int) -> [TunedSettings] {
    let workers = unique([1, coreCount, coreCount + 1, 2 * coreCount, 4 * coreCount])
    return workers.map { TunedSettings(.uring, workers: $0) }
      + workers.map { TunedSettings(.threads, workers: $0) }
  }

  private static func unique(_ numbers: [Int]) -> [Int] { Array(Set(numbers.filter { $0 <= 256 })).sorted() }
}
