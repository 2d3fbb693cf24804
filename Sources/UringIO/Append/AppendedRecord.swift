/// A record that was handed to an ``Appender``; it tells later what became of it.
public struct AppendedRecord: Sendable {
  let batch: AppendBatch
  /// The record's first byte in the batch.
  let start: Int

  /// The offset of the record's first byte in the file, once it is there (on the disk, if
  /// ``AppendOptions/isDurable``). Any number of tasks may ask, any number of times.
  ///
  /// - Throws: as ``Appender/append(_:)-(String)``.
  public nonisolated(nonsending) var offset: Int64 {
    get async throws(FileIOError) {
      if let answer = batch.queue.answer(batch, start) { return try answer.result.get() }
      let answer = await withUnsafeContinuation { batch.queue.wait(batch, start, $0) }
      return try answer.result.get()
    }
  }
}
