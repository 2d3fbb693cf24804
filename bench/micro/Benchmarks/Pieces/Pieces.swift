import Benchmark
import MicroPieces

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Of all threads, io_uring's workers among them. The package's own counts in steps of ten milliseconds.
private let processorTime = BenchmarkMetric.custom("Time (CPU, ns)", polarity: .prefersSmaller)

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, processorTime, .throughput], timeUnits: .nanoseconds,
    units: [processorTime: .count], scalingFactor: .kilo, maxDuration: .seconds(2))
  for piece in Piece.timed { register(piece) }
}

/// A thousand times in each iteration; what those leave is removed outside of the measurement.
private func register(_ piece: Piece) {
  let prepared = Prepared()
  Benchmark(piece.name) { benchmark in
    let processorTimeBefore = processorNanoseconds()
    benchmark.startMeasurement()
    try await prepared.work!.perform(benchmark.scaledIterations.count)
    benchmark.stopMeasurement()
    benchmark.measurement(processorTime, processorNanoseconds() - processorTimeBefore)
    try prepared.work!.tidy()
  } setup: {
    prepared.place = try Place()
    do {
      prepared.work = try await piece.makeWork(in: prepared.place!)
    } catch {
      prepared.place!.remove()
      throw error
    }
  } teardown: {
    await prepared.work!.end()
    prepared.place!.remove()
  }
}

private func processorNanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// What a benchmark's set-up makes for its iterations and its end, which come one after another.
private final class Prepared: @unchecked Sendable {
  var place: Place?
  var work: (any Work)?
}
