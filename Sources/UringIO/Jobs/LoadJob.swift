import SystemPackage

/// Loads files: opens one, asks for its size, reads it to its end, closes it, and takes the next. Of a small cached file
/// all that is one operation.
///
/// A file's size is only where reading starts from: it is read until the kernel's answer proves the end, which is
/// a read of nothing, or of exactly the rest where more was asked for. What is no regular file is refused: nobody
/// knows when a FIFO or a terminal ends, and whoever waits for it would keep the others waiting.
package final class LoadJob: Job {
  enum State {
    case starting, loadingSmall, loadingMany, opening, examining, askingCache, reading, readingChunk
    case closing, transforming
    case givingUp
  }

  /// What a file that says it has no bytes (procfs) gets at first.
  static let unknownCapacity = 16 << 10
  /// From this size on, a ring's thread copies what is cached by itself, one file after another: many buffers
  /// being filled at once would not stay in the core's cache (bench/README.md, "loading").
  static let cachedFirstByteCount = 64 << 10
  /// No file is so large; what says so lies, and asking for that much memory could only overflow.
  private static let sizeMax = 1 << 46

  let room: LoadRoom
  let source: LoadSource
  private let work: LoadWork
  private let box = StatusBox()
  private(set) lazy var small = SmallFileLoad()
  /// Files that are loaded together; those that were begun last are not complete when others are.
  var many: SmallFileLoads?
  var workAfterMany: LoadWork?
  var state = State.starting
  var name: NumberedName
  var descriptor: FileDescriptor?
  /// What was closed last.
  private var closing: FileDescriptor?
  var file: LoadedFile?
  var size = 0
  /// Bytes that are there, of the file or up to here of the chunk.
  var filled = 0
  /// What the last read asked for.
  private var askedByteCount = 0
  /// Whether this file is asked about before it is waited for; and whether it is taken for a cached one, so that
  /// it is opened and closed by plain calls.
  private var asksCache = false
  private var isTakenForCached = false
  /// Whether something of this job's was the ring's to wait for.
  var hasWaited = false
  var inquiry = CacheInquiry()
  private var device: UInt64 = 0
  var large: LargeFile?
  var chunk = 0..<0

  init(_ work: LoadWork, in room: LoadRoom, of source: LoadSource) {
    self.work = work
    self.room = room
    self.source = source
    switch work {
    case .name(let name), .left(let name): self.name = name
    case .parked(let file): name = file.name
    case .chunk(let file, _): name = file.open.name
    }
  }

  package func next(after completions: Completions, buffer: BufferSlice) -> Step {
    if source.isCancelled { return giveUp(completions.first) }
    switch state {
    case .starting: return begin(work)
    case .loadingSmall: return didLoadSmall(completions.first)
    case .loadingMany: return didLoadMany()
    case .opening: return opened(completions.first!)
    case .examining: return examined(completions.first!)
    case .askingCache: return didAskCache(completions.first!)
    case .reading: return didRead(completions.first!)
    case .readingChunk: return didReadChunk(completions.first!)
    case .closing: return closed()
    case .transforming: return complete()
    case .givingUp: return giveUp(completions.first)
    }
  }

  // MARK: From one file to the next

  func takeNext() -> Step {
    guard !room.endsJob(source, hasWaited: hasWaited), let work = room.takeWork(source) else {
      return endMany() ?? .finish(.success(0))
    }
    return begin(work)
  }

  func begin(_ work: LoadWork) -> Step {
    switch work {
    case .name(let name):
      self.name = name
      takeTemperature()
      let isSmall = isTakenForCached && source.settings.loadsSmallFiles
      if isSmall, let step = beginMany() { return step }
      if let step = endMany(before: work) { return step }
      return isSmall ? beginSmall() : open()
    case .left(let name):
      if let step = endMany(before: work) { return step }
      self.name = name
      takeTemperature()
      return open()
    case .parked(let open):
      if let step = endMany(before: work) { return step }
      name = open.name
      descriptor = open.descriptor
      takeTemperature()
      return start(open)
    case .chunk(let large, let chunk):
      if let step = endMany(before: work) { return step }
      name = large.open.name
      self.large = large
      return begin(chunk)
    }
  }

  private func takeTemperature() {
    asksCache = source.temperature.asksNext()
    isTakenForCached = !source.temperature.isCold
  }

  func open() -> Step {
    state = .opening
    let open = Operation.openFile(.workingDirectory, name.name, .read(followsLink: true))
    if isTakenForCached { return .performInline(open) }
    hasWaited = true
    return .perform(open)
  }

  private func opened(_ completion: Completion) -> Step {
    switch completion {
    case .count(let number):
      descriptor = FileDescriptor(rawValue: CInt(number))
      return examine()
    case .failed(let errno):
      let note = errno == .noSuchAddressOrDevice ? "it may be a socket, which cannot be read" : nil
      fail(FileIOError(errno, during: .open, path: name.name.bytes, note: note))
      return complete()
    }
  }

  func examine() -> Step {
    state = .examining
    return .perform(.status(descriptor!, into: box))
  }

  private func examined(_ completion: Completion) -> Step {
    if case .failed(let errno) = completion {
      fail(FileIOError(errno, during: .status, path: name.name.bytes))
      return close()
    }
    let status = box.status
    switch status.type {
    case .regular: break
    case .directory:
      fail(FileIOError(.isDirectory, during: .load, path: name.name.bytes))
      return close()
    default:
      fail(
        FileIOError(
          .notSupported, during: .load, path: name.name.bytes,
          note: "only regular files are loaded: nobody knows when a FIFO or a device ends"))
      return close()
    }
    return load(size: status.size, on: status.device)
  }

  /// Loads the open file, a regular one.
  func load(size: Int64, on device: UInt64) -> Step {
    guard size <= Self.sizeMax else {
      fail(FileIOError(.noMemory, during: .allocateMemory, path: name.name.bytes))
      return close()
    }
    let size = Int(max(0, size))
    let open = OpenFile(
      name: name, descriptor: descriptor!, device: device, size: size,
      capacity: size > 0 ? size + 1 : Self.unknownCapacity)
    guard source.claim(open) else {
      descriptor = nil
      return takeNext()
    }
    return start(open)
  }

  /// Starts reading a file whose bytes are claimed.
  private func start(_ open: OpenFile) -> Step {
    size = open.size
    device = open.device
    room.expect(open.claimedByteCount)
    do throws(FileIOError) {
      let file = try room.makeFile(name, capacity: open.capacity, source)
      file.claimedByteCount = open.claimedByteCount
      file.byteCount = 0
      self.file = file
    } catch {
      var error = error
      error.path = name.name.bytes
      fail(error, claimed: open.claimedByteCount)
      return close()
    }
    filled = 0
    inquiry = CacheInquiry(
      asks: asksCache || source.settings.isRing && size >= Self.cachedFirstByteCount)
    if source.settings.sharesLargeFiles, size >= LoadSource.largeByteCount {
      let large = LargeFile(open, file!, file!.region!)
      self.large = large
      file = nil
      descriptor = nil
      // What is there already should not wait for it.
      room.handOn(source)
      return begin(source.share(large))
    }
    return inquiry.needsKernel(size: Int64(size), on: device, source.temperature) ? askKernel() : read()
  }

  // MARK: Whether it is cached

  private func askKernel() -> Step {
    guard let question = inquiry.question(descriptor!, size: Int64(size), on: device, source.temperature)
    else { return read() }
    state = .askingCache
    return question
  }

  private func didAskCache(_ completion: Completion) -> Step {
    if !inquiry.answered(completion, size: Int64(size), source.temperature) { source.foundUncached() }
    return read()
  }

  // MARK: Reading

  func read() -> Step {
    state = .reading
    if inquiry.waits { hasWaited = true }
    let slice = file!.region!.slice
    askedByteCount = min(slice.count - filled, Operation.transferByteCountMax)
    return inquiry.read(descriptor!, into: slice[filled..<slice.count], at: Int64(filled))
  }

  private func didRead(_ completion: Completion) -> Step {
    switch completion {
    case .count(0):
      return isWhole()
    case .count(let count):
      filled += count
      if inquiry.asks {
        inquiry.stop()
        source.temperature.foundCached()
      }
      if size > 0, filled == size, count < askedByteCount { return isWhole() }
      if filled == file!.region!.slice.count {
        do throws(FileIOError) {
          try grow()
        } catch {
          return readingFailed(error)
        }
      }
      return read()
    case .failed(let errno):
      switch inquiry.refused(errno, size: Int64(size)) {
      case .unknown: return askKernel()
      case .waits(let isUncached):
        if isUncached { source.foundUncached() }
        return read()
      case .error:
        return readingFailed(FileIOError(errno, during: .read, path: nil, offset: Int64(filled)))
      }
    }
  }

  /// The file is longer than it said: it goes on in memory twice as large.
  private func grow() throws(FileIOError) {
    let old = file!.region!.slice
    let capacity = LoadMemory.sizeClass(old.count * 2).byteCount
    let region = try room.makeRegion(capacity)
    region.slice.withMutableBytes { new in
      old.withBytes { new.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<filled])) }
    }
    source.claimMore(capacity - old.count)
    file!.claimedByteCount += capacity - old.count
    file!.region = region
  }

  func isWhole() -> Step {
    file!.byteCount = filled
    return close()
  }

  private func readingFailed(_ error: FileIOError) -> Step {
    var error = error
    error.path = name.name.bytes
    file!.error = error
    return close()
  }

  /// The file has an error instead of bytes.
  private func fail(_ error: FileIOError, claimed: Int = 0) {
    let file = LoadedFile(name, room: room.index, region: nil)
    file.error = error
    file.claimedByteCount = claimed
    self.file = file
  }

  // MARK: The end of a file

  /// Closes the file. What was only read has nothing to lose by that, so that an error means nothing.
  func close() -> Step {
    state = .closing
    // Delivered before it is closed, unless there is something to do with it still.
    if source.transform == nil || file!.error != nil { handOver() }
    return closeDescriptor()
  }

  private func closeDescriptor() -> Step {
    closing = descriptor
    descriptor = nil
    return isTakenForCached ? .performInline(.closeFile(closing!)) : .perform(.closeFile(closing!))
  }

  func closed() -> Step {
    guard let file, let transform = source.transform else { return takeNext() }
    state = .transforming
    return .compute {
      file.outcome = transform(file)
      return .count(0)
    }
  }

  func complete() -> Step {
    handOver()
    return takeNext()
  }

  private func handOver() {
    guard let file else { return }
    self.file = nil
    if file.error != nil { file.byteCount = 0 }
    room.complete(file, source)
  }

  // MARK: Cancellation

  /// The load is over: closes what is open, and ends.
  private func giveUp(_ completion: Completion?) -> Step {
    switch state {
    case .closing, .givingUp:
      // A ring may have let a worker thread close it, and cancelled that: it is open still.
      if case .failed(.canceled)? = completion { descriptor = closing }
    case .starting: giveUp(work)
    case .loadingMany:
      giveUpMany()
      if let work = workAfterMany.take() { giveUp(work) }
    case .loadingSmall: descriptor = small.descriptor
    case .opening:
      if case .count(let number)? = completion { descriptor = FileDescriptor(rawValue: CInt(number)) }
    default: break
    }
    if let large {
      self.large = nil
      if case .whole = source.chunkEnded(of: large, end: nil, error: nil) {
        descriptor = large.open.descriptor
      }
    }
    state = .givingUp
    file = nil
    return descriptor == nil ? endMany() ?? gaveUp() : closeDescriptor()
  }

  /// Takes over what was left to do.
  private func giveUp(_ work: LoadWork) {
    switch work {
    case .parked(let open): descriptor = open.descriptor
    case .chunk(let large, _): self.large = large
    case .name, .left: break
    }
  }

  private func gaveUp() -> Step { .finish(.failure(FileIOError(.canceled, during: .load))) }
}
