import SystemPackage

/// Appends one batch of records to an `O_APPEND` descriptor, each whole or not at all.
///
/// In order: the file's lock, the records in one write (continued where it was short), the file position, which
/// tells where they are, the lock given back, the sync. The lock keeps cooperating writers out between the parts
/// of a short write, and while the tail of a record that did not fit is cut off. Taking and giving it back costs about
/// as much as one small write, once for each batch.
package final class AppendJob: Job {
  /// What became of some records that lie one behind the other.
  package struct Run: Sendable, Equatable {
    /// Of the batch's bytes.
    package var range: Range<Int>
    package var outcome: Outcome
  }

  package enum Outcome: Sendable, Equatable {
    /// The first byte's offset in the file.
    case written(at: Int64)
    case failed(FileIOError)
  }

  /// Bytes that lie one behind the other in the batch and in the file.
  private struct Segment {
    var range: Range<Int>
    var offset: Int64
    var end: Int64 { offset + Int64(range.count) }
  }

  private enum State {
    case starting, locking, writing, waitingToWrite, locating, checkingEnd, cutting, unlocking, synchronizing
  }

  private let file: AppendTarget
  /// Where each record ends in the batch; the first begins at 0.
  private let ends: [Int]
  private let isDurable: Bool

  private var state = State.starting
  private var holdsLock = false
  private var segments: [Segment] = []
  private var failures: [Int: FileIOError] = [:]
  /// The batch's bytes that the write under way has still to write.
  private var asked = 0..<0
  /// Records of at least this size do not fit any more, for this reason.
  private var sizeLimit = Int.max
  private var refusal = Errno.ioError
  private var box: StatusBox?
  /// Of a device, which has no offsets: the bytes written so far.
  private var deviceEnd: Int64

  /// Why the file's lock could not be had, where it could not.
  package private(set) var lockRefusal: Errno?

  /// - Parameters:
  ///   - ends: where each record ends in the buffer; ascending, none empty.
  ///   - bytesBefore: what a device, which has no offsets, was given before.
  package init(_ file: AppendTarget, ends: [Int], isDurable: Bool, bytesBefore: Int64 = 0) {
    precondition(!ends.isEmpty, "a batch has a record")
    self.file = file
    self.ends = ends
    self.isDurable = isDurable && file.isRegular
    deviceEnd = bytesBefore
  }

  package func next(after completions: Completions, buffer: BufferSlice) -> Step {
    switch state {
    case .starting:
      guard file.isRegular else { return writeRecords(from: 0, buffer) }
      state = .locking
      return .perform(.lock(file.descriptor))
    case .locking:
      // Without a lock (some network file systems) appending goes on, but nothing will be cut.
      if case .failed(let errno) = completions.first! { lockRefusal = errno } else { holdsLock = true }
      return writeRecords(from: 0, buffer)
    case .writing: return wrote(completions.first!, buffer)
    case .waitingToWrite:
      if case .failed(let errno) = completions.first! { return refused(errno, buffer) }
      return write(buffer)
    case .locating: return located(completions.first!, buffer)
    case .checkingEnd: return checkedEnd(completions.first!, buffer)
    case .cutting: return cut(completions.first!, buffer)
    case .unlocking: return synchronize()
    case .synchronizing:
      if case .failed(let errno) = completions.first! { failUnsynchronized(errno) }
      return .finish(.success(0))
    }
  }

  // MARK: Writing

  private func start(of record: Int) -> Int { record == 0 ? 0 : ends[record - 1] }
  private func size(of record: Int) -> Int { ends[record] - start(of: record) }

  /// Writes the next records that may fit, or ends.
  private func writeRecords(from record: Int, _ buffer: BufferSlice) -> Step {
    var first = record
    while first < ends.count, size(of: first) >= sizeLimit {
      failures[first] = error(refusal)
      first += 1
    }
    guard first < ends.count else { return unlock() }
    var last = sizeLimit == .max ? ends.count - 1 : first
    while last + 1 < ends.count, size(of: last + 1) < sizeLimit { last += 1 }
    asked = start(of: first)..<ends[last]
    return write(buffer)
  }

  private func write(_ buffer: BufferSlice) -> Step {
    state = .writing
    return .perform(.write(file.descriptor, from: buffer[asked], at: nil))
  }

  private func wrote(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(0): return refused(.ioError, buffer)
    case .count(let count):
      // Its place follows.
      segments.append(Segment(range: asked.lowerBound..<asked.lowerBound + count, offset: -1))
      guard file.isRegular else {
        deviceEnd += Int64(count)
        return located(.count(Int(deviceEnd)), buffer)
      }
      state = .locating
      return .perform(.position(file.descriptor))
    case .failed(.resourceTemporarilyUnavailable) where !file.isRegular:
      state = .waitingToWrite
      return .perform(.poll(file.descriptor, .writable))
    case .failed(let errno): return refused(errno, buffer)
    }
  }

  private func located(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    var segment = segments.removeLast()
    switch completion {
    case .count(let position):
      segment.offset = Int64(position) - Int64(segment.range.count)
      if let before = segments.last, before.range.upperBound == segment.range.lowerBound,
        before.end == segment.offset
      {
        segments[segments.count - 1].range = before.range.lowerBound..<segment.range.upperBound
      } else {
        segments.append(segment)
      }
    case .failed(let errno):
      // Written, but nobody can say where.
      for record in record(at: segment.range.lowerBound)...record(at: segment.range.upperBound - 1) {
        failures[record] = error(errno).noting("it was appended, at an offset that is unknown")
      }
    }
    asked = segment.range.upperBound..<asked.upperBound
    return asked.isEmpty ? writeRecords(behind: asked.upperBound, buffer) : write(buffer)
  }

  private func writeRecords(behind byte: Int, _ buffer: BufferSlice) -> Step {
    writeRecords(from: byte == ends.last! ? ends.count : record(at: byte), buffer)
  }

  /// The record a byte belongs to.
  private func record(at byte: Int) -> Int {
    var low = 0
    var high = ends.count - 1
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > byte { high = middle } else { low = middle + 1 }
    }
    return low
  }

  // MARK: What did not fit

  /// The next byte could not be written: its record fails. Smaller ones behind it may fit where space is what
  /// was missing.
  private func refused(_ errno: Errno, _ buffer: BufferSlice) -> Step {
    let record = record(at: asked.lowerBound)
    failures[record] = error(errno)
    refusal = errno
    switch errno {
    case .noSpace, .diskQuotaExceeded, .fileTooLarge: sizeLimit = size(of: record)
    default: sizeLimit = 0
    }
    let tornByteCount = asked.lowerBound - start(of: record)
    asked = start(of: record)..<ends[record]
    guard tornByteCount > 0 else { return writeRecords(behind: ends[record], buffer) }
    guard file.isRegular, holdsLock else {
      return leaveTorn(because: file.isRegular ? "the file could not be locked" : "a device keeps it", buffer)
    }
    let box = StatusBox()
    self.box = box
    state = .checkingEnd
    return .perform(.status(file.descriptor, into: box))
  }

  /// The torn tail goes if it is still the end of the file.
  private func checkedEnd(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    guard case .count = completion, let size = box?.status.size, let segment = segments.last else {
      return leaveTorn(because: "the file's size is unknown", buffer)
    }
    guard size == segment.end else { return leaveTorn(because: "another writer appended behind it", buffer) }
    guard segment.range.lowerBound <= asked.lowerBound else {
      return leaveTorn(because: "another writer's bytes lie inside it", buffer)
    }
    state = .cutting
    return .perform(
      .truncate(file.descriptor, to: segment.offset + Int64(asked.lowerBound - segment.range.lowerBound)))
  }

  private func cut(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    if case .failed(let errno) = completion {
      return leaveTorn(because: "it could not be cut off: \(errno)", buffer)
    }
    let segment = segments.removeLast()
    if segment.range.lowerBound < asked.lowerBound {
      segments.append(
        Segment(range: segment.range.lowerBound..<asked.lowerBound, offset: segment.offset))
    }
    return writeRecords(behind: asked.upperBound, buffer)
  }

  private func leaveTorn(because reason: String, _ buffer: BufferSlice) -> Step {
    let record = record(at: asked.lowerBound)
    failures[record] = torn(record, failures[record] ?? error(refusal), because: reason)
    return writeRecords(behind: asked.upperBound, buffer)
  }

  private func torn(_ record: Int, _ error: FileIOError, because reason: String) -> FileIOError {
    var error = error.noting("the record's beginning stays in the file: \(reason)")
    if let segment = segments.first(where: { $0.range.contains(start(of: record)) }) {
      error.offset = segment.offset + Int64(start(of: record) - segment.range.lowerBound)
    }
    return error
  }

  private func error(_ errno: Errno, _ activity: FileIOError.Activity = .append) -> FileIOError {
    FileIOError(errno, during: activity, path: file.path)
  }

  // MARK: The end

  private func unlock() -> Step {
    guard holdsLock else { return synchronize() }
    state = .unlocking
    return .perform(.unlock(file.descriptor))
  }

  private func synchronize() -> Step {
    guard isDurable, !segments.isEmpty else { return .finish(.success(0)) }
    state = .synchronizing
    return .perform(.synchronize(file.descriptor, dataOnly: true))
  }

  private func failUnsynchronized(_ errno: Errno) {
    for record in ends.indices where failures[record] == nil {
      failures[record] = error(errno, .synchronize).noting(
        "the record was appended, but may not be on the disk")
    }
  }

  /// What became of the records, in their order; after the end.
  package var runs: [Run] {
    if failures.isEmpty, segments.count == 1 {
      return [Run(range: segments[0].range, outcome: .written(at: segments[0].offset))]
    }
    var runs: [Run] = []
    var position = 0
    for record in ends.indices {
      let range = start(of: record)..<ends[record]
      while position < segments.count, segments[position].range.upperBound <= range.lowerBound {
        position += 1
      }
      let outcome: Outcome
      if let failure = failures[record] {
        outcome = .failed(failure)
      } else if position < segments.count, segments[position].range.upperBound >= range.upperBound {
        let segment = segments[position]
        outcome = .written(at: segment.offset + Int64(range.lowerBound - segment.range.lowerBound))
      } else {
        // A write was short, and before its rest was written somebody appended who takes no lock.
        outcome = .failed(torn(record, error(.ioError), because: "another writer's bytes lie inside it"))
      }
      if let last = runs.last, last.outcome.continues(to: outcome, by: last.range.count) {
        runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
      } else {
        runs.append(Run(range: range, outcome: outcome))
      }
    }
    return runs
  }
}

extension AppendJob.Outcome {
  /// Whether another record's outcome, so many bytes later, is the same run's.
  fileprivate func continues(to other: AppendJob.Outcome, by byteCount: Int) -> Bool {
    switch (self, other) {
    case (.written(let offset), .written(let next)): next == offset + Int64(byteCount)
    case (.failed(let error), .failed(let next)): error == next
    default: false
    }
  }
}
