import Synchronization

/// Whether the files of a run are in the page cache, learned while they are read.
///
/// Cached files keep a core busy: one at a time for each worker, with plain calls, is the fastest way. Those that
/// are not keep a device busy, and many at a time are. Nobody knows beforehand; a read that takes only what is
/// cached tells (`RWF_NOWAIT`), and costs nothing where it succeeds.
final class CacheTemperature: Sendable {
  private let cold = Atomic<Bool>(false)
  private let coldFiles = Atomic<Int>(0)
  private let missScore = Atomic<Int>(0)
  /// A file system whose reads always wait.
  private let mutedDevice = Atomic<UInt64>(.max)
  private let inMemory = Atomic<UInt64>(.max)

  /// One file in so many is asked about while others are read as uncached ones.
  private static let coldRun = 16
  /// From which score on all files are taken for uncached ones. Single ones, which the kernel gave up among many that
  /// it kept, do not change the way of the others.
  private static let coldScore = 24
  /// What each cached one among those that are asked about takes away then, and below which score all are warm again.
  private static let warmStep = 8
  /// What a file that was not cached counts, where a cached one counts -1.
  private let missWeight: Int

  /// - Parameter waitsOnRing: whether a read that has to wait is a ring's, and its thread goes on with other files:
  ///   then all are taken for uncached from one in three on, and from one in nine on where a thread waits itself.
  init(waitsOnRing: Bool) { missWeight = waitsOnRing ? 2 : 8 }

  /// Whether files are taken for uncached ones.
  var isCold: Bool { cold.load(ordering: .relaxed) }

  /// Whether the next file is to be asked about before it is waited for.
  func asksNext() -> Bool {
    guard isCold else { return true }
    return coldFiles.add(1, ordering: .relaxed).newValue % Self.coldRun == 0
  }

  func foundCached() {
    guard missScore.load(ordering: .relaxed) > 0 else { return }
    let step = isCold ? Self.warmStep : 1
    if missScore.subtract(step, ordering: .relaxed).newValue < Self.warmStep {
      cold.store(false, ordering: .relaxed)
    }
  }

  /// - Returns: whether that turned all of them cold.
  func foundUncached() -> Bool {
    guard missScore.add(missWeight, ordering: .relaxed).newValue >= Self.coldScore else { return false }
    missScore.store(Self.coldScore, ordering: .relaxed)
    return !cold.exchange(true, ordering: .relaxed)
  }

  // MARK: File systems without such reads

  /// NFS, FUSE and others have no read that takes only what is cached; `cachestat` has an answer there.
  /// One is remembered: a run over several of them pays for a refusal each time it goes from one to the other.
  func isMute(_ device: UInt64) -> Bool { mutedDevice.load(ordering: .relaxed) == device }

  /// Whether there is such a file system among those that were met.
  var hasMute: Bool { mutedDevice.load(ordering: .relaxed) != .max }

  func foundMute(_ device: UInt64) { mutedDevice.store(device, ordering: .relaxed) }

  /// A tmpfs has no such read either and needs none; `.max` where none was met.
  var memoryDevice: UInt64 { inMemory.load(ordering: .relaxed) }

  func foundMemory(_ device: UInt64) { inMemory.store(device, ordering: .relaxed) }

  /// Whether no read tells what is cached of a file on that device.
  func isSilent(_ device: UInt64) -> Bool { isMute(device) || device == memoryDevice }
}
