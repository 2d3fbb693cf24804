import SystemPackage

/// Appends records to one file from any number of tasks: each whole, a caller's own in their order, and many of
/// them with one system call.
///
///     let log = try await engine.appender(to: "results.txt")
///     let offset = try await log.append("one line\n")
///     try await log.close()
///
/// Records that wait while others are being written leave together (group commit): one `write` to a descriptor
/// opened with `O_APPEND`, and where appending is durable one `fdatasync`. Every such write is made under the
/// file's advisory lock (`flock`), so several appenders, in one process or in several, never mix their records,
/// also when a disk is full. Programs that take no lock (`echo >> file`) lose and destroy nothing either: each
/// single write goes to the end of the file. That is the kernel's promise for local file systems; NFS does not
/// give it.
///
/// A record that does not fit (a full disk, a quota, a size limit) fails whole and leaves nothing behind; smaller
/// ones may still fit, and the appender goes on with what comes next. Only where another program appended
/// behind the record's torn beginning, or the file has no lock, does that stay, and the error says where.
///
/// An appender that is dropped still writes what it was given and closes its file, while the process lives. What
/// fails and nobody waited for goes to the engine's logger.
///
/// Memory: two buffers of ``AppendOptions/bufferByteCount``. It uses a thread of its own while there is something
/// to write, on every engine: the kernel hands a ring's appends and syncs to worker threads anyway.
public final class Appender: Sendable {
  private let queue: AppendQueue

  init(_ queue: AppendQueue) { self.queue = queue }

  deinit { queue.close(nil) }

  /// What was done so far.
  public var report: AppendReport { queue.report }

  // MARK: Appending

  /// Appends one record and returns when it is in the file (on the disk, if ``AppendOptions/isDurable``).
  ///
  /// Where no room is left in the buffer it waits for room. A cancelled task gives up only before its record is in
  /// the buffer: with `ECANCELED`, and the record will not be appended. Afterwards the record is appended, and
  /// this returns its offset.
  ///
  /// - Returns: the offset of its first byte in the file, in bytes; on a device, the bytes appended to it before.
  /// - Throws: `FileIOError` with the kernel's answer (`ENOSPC`, `EDQUOT`, `EFBIG`, `EIO`, …), and with an `offset`
  ///   only where a torn beginning of the record stays in the file, there. `EINVAL` for an empty record, `EBADF`
  ///   after ``close()``. Where `activity` is `.synchronize` the record is in the file, but may not be on the disk.
  /// - Complexity: a copy of the bytes, and one suspension.
  public nonisolated(nonsending) func append(_ text: String) async throws(FileIOError) -> Int64 {
    var text = text
    return try await append { body in text.withUTF8 { body(UnsafeRawBufferPointer($0)) } }
  }

  /// ``append(_:)-(String)``, for bytes.
  public nonisolated(nonsending) func append(_ bytes: [UInt8]) async throws(FileIOError) -> Int64 {
    try await append { body in bytes.withUnsafeBytes { body($0) } }
  }

  /// ``append(_:)-(String)``, for bytes in any collection; copied once more where they do not lie in one piece.
  public nonisolated(nonsending) func append(
    _ bytes: some Collection<UInt8>
  ) async throws(FileIOError) -> Int64 {
    try await append { body in Self.withBytes(of: bytes, body) }
  }

  /// Appends records in their order. Other callers' records may come to lie between them.
  ///
  /// - Returns: their offsets.
  /// - Throws: the first error; other records may have been appended all the same. Where it was found before a
  ///   record was taken (a cancelled task), the note says how many were.
  /// - Complexity: one suspension for each buffer that is filled, none per record.
  @discardableResult
  public nonisolated(nonsending) func append<Record: Collection<UInt8>>(
    contentsOf records: some Sequence<Record>
  ) async throws(FileIOError) -> [Int64] {
    var tickets: [AppendedRecord] = []
    var offsets: [Int64] = []
    for record in records {
      do throws(FileIOError) {
        if Task.isCancelled { throw queue.canceled }
        switch Self.withBytes(of: record, { queue.add($0, for: nil) }) {
        case .added(let batch, let start): tickets.append(AppendedRecord(batch: batch, start: start))
        case .refused(let error): throw error
        case .full:
          // What was taken before leaves before this one does.
          let offset = try await appendWaiting(Self.withBytes(of: record, AppendQueue.Blocked.init))
          offsets += try await Self.offsets(of: tickets)
          offsets.append(offset)
          tickets = []
        }
      } catch {
        offsets += try await Self.offsets(of: tickets)
        throw error.noting("\(offsets.count) records before it were appended")
      }
    }
    return offsets + (try await Self.offsets(of: tickets))
  }

  /// ``append(contentsOf:)``, for texts.
  @discardableResult
  public nonisolated(nonsending) func append(
    contentsOf records: some Sequence<String>
  ) async throws(FileIOError) -> [Int64] {
    try await append(contentsOf: records.lazy.map(\.utf8))
  }

  /// Hands a record over without waiting; ordered with everything this caller appends. To a caller that has many
  /// records this is the fastest way.
  ///
  /// - Returns: what tells later where the record is. It need not be kept: ``flush()`` and ``close()`` throw what
  ///   nobody asked about, and the logger gets it.
  /// - Throws: `EAGAIN` where the buffer is full: await a record, or use ``append(_:)-(String)``. `EINVAL` for an
  ///   empty record, `EBADF` after ``close()``.
  /// - Complexity: a lock and a copy of the bytes.
  @discardableResult
  public func enqueue(_ text: String) throws(FileIOError) -> AppendedRecord {
    var text = text
    return try ticket(text.withUTF8 { queue.add(UnsafeRawBufferPointer($0), for: nil) })
  }

  /// ``enqueue(_:)-(String)``, for bytes.
  @discardableResult
  public func enqueue(_ bytes: [UInt8]) throws(FileIOError) -> AppendedRecord {
    try ticket(bytes.withUnsafeBytes { queue.add($0, for: nil) })
  }

  /// ``enqueue(_:)-(String)``, for bytes in any collection.
  @discardableResult
  public func enqueue(_ bytes: some Collection<UInt8>) throws(FileIOError) -> AppendedRecord {
    try ticket(Self.withBytes(of: bytes) { queue.add($0, for: nil) })
  }

  /// Hands records over in their order without waiting, all or none. No caller's records come to lie
  /// between them, other than of a program that takes no lock where a write was short. Without records it does nothing.
  ///
  /// - Returns: what tells later where they are; it need not be kept, as with ``enqueue(_:)-(String)``.
  /// - Throws: `EAGAIN` where not all fit into the buffer now: await a record, or use ``append(contentsOf:)``. More
  ///   than ``AppendOptions/bufferByteCount`` bytes are taken where nothing else gathers. `EINVAL` where one is empty,
  ///   `EBADF` after ``close()``. Nothing was enqueued then.
  /// - Complexity: one lock, and two copies of the bytes.
  @discardableResult
  public func enqueue<Record: Collection<UInt8>>(
    contentsOf records: some Sequence<Record>
  ) throws(FileIOError) -> AppendedRecords {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for record in records {
      bytes.append(contentsOf: record)
      ends.append(bytes.count)
    }
    return try enqueue(recordsIn: bytes, endingAt: ends)
  }

  /// ``enqueue(contentsOf:)``, for texts.
  @discardableResult
  public func enqueue(contentsOf records: some Sequence<String>) throws(FileIOError) -> AppendedRecords {
    try enqueue(contentsOf: records.lazy.map(\.utf8))
  }

  /// ``enqueue(contentsOf:)``, for records that lie one behind the other already: the fastest way.
  ///
  /// - Parameter ends: where each record ends in `bytes`, ascending; the last where `bytes` end.
  /// - Throws: as ``enqueue(contentsOf:)``, and `EINVAL` where `ends` are not that.
  /// - Complexity: one lock, and a copy of the bytes.
  @discardableResult
  public func enqueue(
    recordsIn bytes: [UInt8], endingAt ends: [Int]
  ) throws(FileIOError) -> AppendedRecords {
    var start = 0
    for end in ends {
      if end <= start { throw queue.error(.invalidArgument, "a record has at least one byte") }
      start = end
    }
    if start != bytes.count {
      throw queue.error(.invalidArgument, "the last record ends where the bytes end")
    }
    if ends.isEmpty { return AppendedRecords(batch: nil, records: 0..<0) }
    switch bytes.withUnsafeBytes({ queue.add($0, recordEnds: ends) }) {
    case .added(let batch, let first):
      return AppendedRecords(batch: batch, records: first..<first + ends.count)
    case .refused(let error): throw error
    case .full: throw queue.full
    }
  }

  // MARK: The end

  /// Returns when every record that was handed over before is in the file (on the disk, if
  /// ``AppendOptions/isDurable``), or has failed.
  ///
  /// - Throws: the first failure, since the last call, of an enqueued record that nobody has asked about.
  public nonisolated(nonsending) func flush() async throws(FileIOError) {
    await withUnsafeContinuation { queue.flush($0) }
    if let error = queue.takeUnheard() { throw error }
  }

  /// Writes what was handed over and closes the file. Records that come later are refused. Again, it does nothing.
  ///
  /// - Throws: as ``flush()``, or what closing the file answered (`EIO`, `ENOSPC`, `EDQUOT`: NFS tells it so late).
  public nonisolated(nonsending) func close() async throws(FileIOError) {
    await withUnsafeContinuation { continuation in queue.close { continuation.resume() } }
    if let error = queue.takeUnheard() ?? queue.takeCloseError() { throw error }
  }

  /// ``close()`` for who may block its thread: it writes the rest itself.
  package func closeBlocking() throws(FileIOError) {
    queue.closeBlocking()
    if let error = queue.takeUnheard() ?? queue.takeCloseError() { throw error }
  }

  // MARK: Inside

  private nonisolated(nonsending) func append(
    _ withBytes: ((UnsafeRawBufferPointer) -> Void) -> Void
  ) async throws(FileIOError) -> Int64 {
    if Task.isCancelled { throw queue.canceled }
    var blocked: AppendQueue.Blocked?
    let answer = await withUnsafeContinuation { continuation in
      withBytes { bytes in
        switch queue.add(bytes, for: continuation) {
        case .added: return
        case .refused(let error): continuation.resume(returning: .failed(.init(error)))
        case .full:
          blocked = AppendQueue.Blocked(bytes)
          continuation.resume(returning: .offset(-1))
        }
      }
    }
    if let blocked { return try await appendWaiting(blocked) }
    return try answer.result.get()
  }

  /// Only here is a cancellation waited for: the record is the queue's from when it has room.
  private nonisolated(nonsending) func appendWaiting(
    _ blocked: AppendQueue.Blocked
  ) async throws(FileIOError) -> Int64 {
    let answer = await withTaskCancellationHandler {
      await withUnsafeContinuation { queue.addBlocked(blocked, for: $0) }
    } onCancel: {
      queue.cancel(blocked)
    }
    return try answer.result.get()
  }

  private func ticket(_ addition: AppendQueue.Addition) throws(FileIOError) -> AppendedRecord {
    switch addition {
    case .added(let batch, let start): return AppendedRecord(batch: batch, start: start)
    case .refused(let error): throw error
    case .full: throw queue.full
    }
  }

  private static nonisolated(nonsending) func offsets(
    of records: [AppendedRecord]
  ) async throws(FileIOError) -> [Int64] {
    var offsets: [Int64] = []
    offsets.reserveCapacity(records.count)
    var failure: FileIOError?
    // All are asked, so that no failure counts as one that nobody heard of.
    for record in records {
      do throws(FileIOError) { offsets.append(try await record.offset) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    return offsets
  }

  private static func withBytes<Value>(
    of bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> Value
  ) -> Value {
    bytes.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { body($0) }
  }
}
