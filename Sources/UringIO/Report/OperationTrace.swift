import SystemPackage

/// Operations with their times, as the viewers of Chrome's trace format show them (Perfetto, `chrome://tracing`).
public struct OperationTrace: Sendable {
  /// Whose work it is: one row of a viewer.
  struct Lane: Hashable, Sendable {
    /// The thread's number among the engine's.
    var thread: UInt16 = 0
    var isRing = false
    /// Where an operation was on the ring, from 1; 0 is the thread itself.
    var slot: UInt16 = 0

    /// A number for the viewer, which sorts by it.
    var number: Int { Int(thread) << 16 | Int(slot) }

    var name: String {
      guard isRing else { return "thread \(thread)" }
      return slot == 0 ? "ring \(thread)" : "ring \(thread), slot \(slot)"
    }
  }

  struct Event: Sendable {
    /// Nanoseconds of the monotonic clock.
    var start: UInt64
    var nanoseconds: UInt64
    /// As the kernel answers: a count, or a negated errno.
    var result: Int64
    var lane: Lane
    var kind: Operation.Kind
  }

  /// More are counted and not kept.
  static let eventCountMax = 1 << 20

  private let lane: Lane
  private(set) var events: [Event] = []
  public private(set) var droppedCount = 0

  init(lane: Lane) { self.lane = lane }

  public var count: Int { events.count }

  mutating func note(
    _ kind: Operation.Kind, _ completion: Completion, from start: UInt64, to end: UInt64, slot: Int?
  ) {
    guard events.count < Self.eventCountMax else {
      droppedCount += 1
      return
    }
    var lane = lane
    // A ring has at most thousands; what did not fit would share a row.
    if let slot { lane.slot = UInt16(truncatingIfNeeded: slot + 1) }
    let result =
      switch completion {
      case .count(let count): Int64(count)
      case .failed(let errno): -Int64(errno.rawValue)
      }
    events.append(Event(start: start, nanoseconds: end - start, result: result, lane: lane, kind: kind))
  }

  mutating func add(_ other: OperationTrace) {
    let room = min(other.events.count, Self.eventCountMax - events.count)
    events.append(contentsOf: other.events[..<room])
    droppedCount += other.droppedCount + other.events.count - room
  }
}

extension OperationTally {
  /// The trace in Chrome's JSON form, in pieces: a row for each thread and each slot of a ring, and how many
  /// operations were in flight.
  ///
  /// - Parameters:
  ///   - process: the program's name.
  ///   - write: takes one piece after another, tens of kilobytes each.
  package func writeTrace<Failure: Error>(
    process: String, _ write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    let trace = self.trace ?? OperationTrace(lane: OperationTrace.Lane())
    let origin = trace.events.lazy.map(\.start).min() ?? 0
    func microseconds(_ nanoseconds: UInt64) -> String {
      let rest = String(nanoseconds % 1000)
      return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }
    var text =
      "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"dropped\":\"\(trace.droppedCount)\"},\"traceEvents\":[\n"
    text += metadata("process_name", 0, process)
    for lane in Set(trace.events.lazy.map(\.lane)).sorted(by: { $0.number < $1.number }) {
      text += ",\n" + metadata("thread_name", lane.number, lane.name)
    }
    for event in trace.events {
      text +=
        ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":\(event.lane.number),\"name\":\"\(event.kind.name)\","
        + "\"ts\":\(microseconds(event.start - origin)),\"dur\":\(microseconds(event.nanoseconds)),"
        + "\"args\":{\"result\":\(event.result)}}"
      if text.utf8.count > 1 << 16 {
        try write(Array(text.utf8))
        text = ""
      }
    }
    for span in inFlight?.spans ?? [] {
      text +=
        ",\n{\"ph\":\"C\",\"pid\":1,\"name\":\"in flight\","
        + "\"ts\":\(microseconds(max(span.start, origin) - origin)),"
        + "\"args\":{\"operations\":\(ByteSize.decimal(span.mean, digits: 2))}}"
    }
    try write(Array((text + "\n]}\n").utf8))
  }

  private func metadata(_ what: String, _ thread: Int, _ name: String) -> String {
    JSON.object([
      ("ph", .string("M")), ("pid", .integer(1)), ("tid", .integer(Int64(thread))), ("name", .string(what)),
      ("args", .object([("name", .string(name))])),
    ]).text
  }
}
