import SystemPackage

/// How an ``Appender`` appends.
public struct AppendOptions: Sendable, Equatable {
  /// Whether a record counts as appended only when it is on the disk (`fdatasync`, shared by all records that
  /// wait for one). A file that is created is made durable in its directory too.
  public var isDurable = false
  /// Whether records that are only enqueued may stay in memory for a while, as in a buffered file (`stdio`): until
  /// half the buffer is full, or somebody waits for any of them, in ``Appender/flush()`` and ``Appender/close()``
  /// too. Otherwise each leaves as soon as it can. Many small records take fewer, larger writes then, and a short
  /// run of them no second thread; what was not written is lost where the process dies.
  public var isBuffered = false
  /// Bytes of records that are gathered while others are being written, 4096 to 1 GiB: at most twice as much
  /// memory is in use. One record may be larger; it then goes alone.
  public var bufferByteCount = 1 << 20
  /// Of a file that is created; less the umask.
  public var permissions: FilePermissions = [
    .ownerReadWrite, .groupRead, .groupWrite, .otherRead, .otherWrite,
  ]

  public init() {}

  /// The defaults, and every record on the disk when it counts as appended.
  public static let durable: AppendOptions = {
    var options = AppendOptions()
    options.isDurable = true
    return options
  }()

  /// The bounds of ``bufferByteCount``.
  public static let bufferByteCountRange = 4096...(1 << 30)
}

/// What an appender has done so far.
public struct AppendReport: Sendable, Equatable {
  /// Records that were appended.
  public var recordCount = 0
  /// Their bytes.
  public var byteCount: Int64 = 0
  public var failedRecordCount = 0
  /// Times records left together: each is one write unless that was short, and one sync where appending is
  /// durable.
  public var batchCount = 0
  /// Batches that were written without the file's lock, because the file system has none.
  public var unlockedBatchCount = 0
  public var operations = OperationTally()

  public init() {}

  /// `write` calls.
  public var writeCount: Int { operations[.write] }
  /// `fdatasync` calls.
  public var syncCount: Int { operations[.synchronize] }
}

extension AppendReport {
  /// The report's members, in the commands' JSON.
  package var jsonMembers: [(String, JSON)] {
    [
      ("records", .integer(Int64(recordCount))), ("bytes", .integer(byteCount)),
      ("failedRecords", .integer(Int64(failedRecordCount))), ("batches", .integer(Int64(batchCount))),
      ("writes", .integer(Int64(writeCount))), ("syncs", .integer(Int64(syncCount))),
      ("unlockedBatches", .integer(Int64(unlockedBatchCount))),
    ] + operations.jsonMembers
  }
}
