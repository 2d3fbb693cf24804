/// Records that were handed to an ``Appender`` in one go, in their order; they tell later what became of them.
public struct AppendedRecords: Sendable {
  /// `nil` where there are none.
  let batch: AppendBatch?
  /// Their numbers in the batch.
  let records: Range<Int>

  /// How many records they are.
  public var count: Int { records.count }

  /// One of them.
  ///
  /// - Precondition: `position` lies within `0..<count`.
  public subscript(position: Int) -> AppendedRecord {
    precondition(position >= 0 && position < count, "there are \(count) records")
    let batch = batch!
    return AppendedRecord(
      batch: batch, start: batch.queue.start(of: records.lowerBound + position, in: batch))
  }

  /// The offset of each record's first byte in the file, once all are there (on the disk, if
  /// ``AppendOptions/isDurable``). Any number of tasks may ask, any number of times.
  ///
  /// - Throws: the first one's error, as ``Appender/append(_:)-(String)``. Others may have been appended; each tells
  ///   for itself. Nothing counts afterwards as a failure that nobody asked about.
  /// - Complexity: one suspension for all.
  public nonisolated(nonsending) var offsets: [Int64] {
    get async throws(FileIOError) {
      guard let batch, let last = records.last else { return [] }
      let queue = batch.queue
      let start = queue.start(of: last, in: batch)
      if queue.answer(batch, start) == nil {
        _ = await withUnsafeContinuation { queue.wait(batch, start, $0) }
      }
      return try queue.hear(records, of: batch).get()
    }
  }
}
