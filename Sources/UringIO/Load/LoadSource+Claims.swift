import Synchronization

extension LoadSource {
  // MARK: The bytes in flight

  /// Claims a file's bytes; false, with the file kept for later, where there is no room for them.
  func claim(_ file: OpenFile) -> Bool {
    let byteCount = file.claimedByteCount
    if claimAtOnce(byteCount) { return true }
    return state.withLock { state in
      // Who came first goes first, or a large file would wait for ever.
      if settings.isInOrder || state.parked.isEmpty, mayGo(file, state) {
        claimed.wrappingAdd(byteCount, ordering: .relaxed)
        return true
      }
      let position =
        settings.isInOrder
        ? state.parked.firstIndex { $0.name.index > file.name.index } ?? state.parked.count
        : state.parked.count
      state.parked.insert(file, at: position)
      noteShared(state)
      return false
    }
  }

  /// Claims bytes if there is room for them and nobody waits for some.
  func claimAtOnce(_ byteCount: Int) -> Bool {
    guard !mustAsk else { return false }
    let limit = settings.isInOrder ? settings.maxBytesInFlight / 2 : settings.maxBytesInFlight
    if claimed.wrappingAdd(byteCount, ordering: .relaxed).newValue <= limit { return true }
    unclaim(byteCount)
    return false
  }

  /// Gives up a claim of somebody who goes on to claim, or to ask for work: so whoever was refused in between, and has
  /// a file parked, is not forgotten.
  func unclaim(_ byteCount: Int) { claimed.wrappingSubtract(byteCount, ordering: .relaxed) }

  func mayGo(_ file: OpenFile, _ state: State) -> Bool {
    let others = claimed.load(ordering: .relaxed)
    let limit = settings.maxBytesInFlight
    guard settings.isInOrder else { return others + file.claimedByteCount <= limit || others == 0 }
    let hasTurn = file.name.index == state.window.nextIndex
    return others + file.claimedByteCount <= (hasTurn ? limit : limit / 2) || hasTurn && others <= limit / 2
  }

  /// Claims more for a file that turns out to be longer than its size said: it cannot wait half loaded.
  func claimMore(_ byteCount: Int) { claimed.wrappingAdd(byteCount, ordering: .relaxed) }

  // MARK: Large files

  /// Offers a file's chunks to all jobs, but for the first, which is the caller's.
  func share(_ file: LargeFile) -> Range<Int> {
    var outcome = HandingOn()
    let chunk = state.withLock { state in
      let chunk = file.takeChunk()
      state.large.append(file)
      noteShared(state)
      starvedAreWoken(&state, &outcome)
      return chunk
    }
    act(on: outcome)
    return chunk
  }

  enum AfterChunk {
    case chunk(Range<Int>)
    /// That was the file's last: the file is now the caller's alone.
    case whole
    case othersGoOn
  }

  /// A chunk is over.
  ///
  /// - Parameters:
  ///   - end: where the file was found to end, if that was within the chunk.
  ///   - error: why the chunk could not be read.
  ///   - goesOn: whether the caller would take another chunk; what it leaves is dealt out again.
  func chunkEnded(
    of file: LargeFile, end: Int?, error: FileIOError?, goesOn: Bool = true
  ) -> AfterChunk {
    state.withLock { state in
      file.chunkEnded(end: end, error: error)
      if file.hasChunk, !isCancelled { return goesOn ? .chunk(file.takeChunk()) : .othersGoOn }
      guard file.chunksInFlight == 0 else { return .othersGoOn }
      state.large.removeAll { $0 === file }
      noteShared(state)
      return .whole
    }
  }
}
