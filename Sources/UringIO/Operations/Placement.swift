/// Where the ring engine carries an operation out.
public enum Placement: Sendable {
  /// Submitted to the ring.
  case ring
  /// As a plain system call on the ring's thread.
  case inline
}

/// Which operations the ring engine puts on its ring.
///
/// The kernel hands some operations to a worker thread of io_uring's own (a punt): it costs a context
/// switch, and punted writes to one file run one after another. Where that was measured to cost more than
/// the system call, the call is made inline.
public struct PlacementTable: Sendable, Equatable {
  /// A bit for each kind: the table is asked for every operation.
  private var inlineKinds: UInt64

  /// While a ring's thread has calls to make itself, it submits entries when there are so many: small reads that
  /// are submitted together reach the device as fewer requests, a large one had better start at once.
  let submissionBatch: Int

  private init(inline kinds: Set<Operation.Kind>, submissionBatch: Int = 1) {
    inlineKinds = Self.bits(kinds.union(Self.withoutRingForm))
    self.submissionBatch = submissionBatch
  }

  private static func bits(_ kinds: Set<Operation.Kind>) -> UInt64 {
    kinds.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
  }

  func placement(of operation: Operation) -> Placement {
    switch operation {
    case .read(_, _, _, let options), .write(_, _, _, let options):
      if options.contains(.direct) { return .ring }
      if options.contains(.cachedOnly) { return .inline }
    default: break
    }
    return placement(of: operation.kind)
  }

  /// Of operations of a kind, direct transfers apart.
  func placement(of kind: Operation.Kind) -> Placement {
    inlineKinds & 1 << UInt64(kind.rawValue) != 0 ? .inline : .ring
  }

  /// These have no ring form, or only one newer than liburing 2.3 (ftruncate came with kernel 6.9).
  private static let withoutRingForm: Set<Operation.Kind> = [
    .clone, .copyRange, .movePages, .cacheStatus, .truncate, .listDirectory,
    .lock, .unlock, .position, .copySmallFiles, .loadSmallFile, .loadSmallFiles, .entry,
  ]

  /// Everything on the ring that has a ring form; for comparison, never the default.
  public static let allRing = PlacementTable(inline: [])

  /// Direct transfers, whose submission returns at once, go on the ring; advice, which is always punted
  /// and never waits, does not.
  public static let direct = PlacementTable(inline: [.dropCache, .allocate])

  /// As ``direct``, where what is read is in the page cache: reading is then copying, which the ring would do
  /// on the same thread, for all chunks that are ready before the first of their writes is submitted.
  public static let directFromCache = PlacementTable(inline: [.read, .dropCache, .allocate])

  /// Buffered transfers of one file: on ext4 and tmpfs every buffered write is punted, and io-wq runs the
  /// writes of one inode one after another (bench/README.md, "placement").
  public static let buffered = PlacementTable(
    inline: [.read, .write, .readVector, .writeVector, .dropCache, .allocate])

  /// Whole small files: opening and reading wait for a device where nothing is cached, and the ring then has
  /// many at once; where it is, they are done while they are submitted. Everything else is made inline: the
  /// kernel would punt it, or it never waits (bench/README.md, "small files on the ring").
  public static let smallFiles = PlacementTable(
    inline: Set(Operation.Kind.allCases).subtracting([.openFile, .read, .poll]), submissionBatch: 16)

  /// As ``smallFiles``, where each file is synced: on the ring many wait for the disk at once, and the file
  /// system's journal takes them together.
  public static let durableFiles = PlacementTable(
    inline: Set(Operation.Kind.allCases).subtracting([.openFile, .read, .poll, .synchronize]),
    submissionBatch: 16)

  /// As ``smallFiles``, where files are only read: closing one is done while it is submitted, and two system
  /// calls for a whole batch of openings, reads and closings are cheaper than one for each.
  public static let loading = PlacementTable(
    inline: Set(Operation.Kind.allCases).subtracting([.openFile, .read, .closeFile, .poll]),
    submissionBatch: 16)

  /// What may wait for somebody: on the ring, where it can be cancelled and delays nobody.
  public static let streaming = PlacementTable(inline: [])
}
