import Synchronization

extension LoadSource {
  // MARK: For whoever takes the files

  enum Taken {
    case files([LoadedFile])
    case nothing
    case ended
  }

  /// Gives files back and takes those that are there.
  ///
  /// - Parameters:
  ///   - returned: files nobody holds, by room; left empty.
  ///   - count: how many files are not in flight any more, those that somebody keeps included.
  ///   - byteCount: their bytes.
  func take(returning returned: inout [[LoadedFile]], count: Int, byteCount: Int) -> Taken {
    var outcome = HandingOn()
    claimed.wrappingSubtract(byteCount, ordering: .relaxed)
    let taken = state.withLock { state -> Taken in
      if count > 0 {
        for room in returned.indices where !returned[room].isEmpty {
          if state.returned[room].isEmpty {
            swap(&state.returned[room], &returned[room])
          } else {
            state.returned[room].append(contentsOf: returned[room])
            returned[room].removeAll(keepingCapacity: true)
          }
        }
        state.inFlight -= count
        starvedAreWoken(&state, &outcome)
      }
      guard !state.delivered.isEmpty else { return state.tally == nil ? .nothing : .ended }
      var files: [LoadedFile] = []
      swap(&files, &state.delivered)
      return .files(files)
    }
    act(on: outcome)
    return taken
  }

  /// Waits until there is something to take, or the end.
  func waitForFiles() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.delivered.isEmpty, state.tally == nil else { return true }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      // The engine then gives up what it has, and its end ends the waiting.
      cancellation.cancel()
    }
  }

  /// Waits for the end of a load that was cancelled.
  func waitForEnd() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        state.delivered = []
        guard state.tally == nil else { return true }
        state.ending = continuation
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  /// The engine is done with the run.
  func ended(_ tally: OperationTally) {
    let (waiters, abandoned) = state.withLock { state in
      state.tally = tally
      defer {
        state.waiter = nil
        state.ending = nil
        state.parked = []
        state.large = []
      }
      return ([state.waiter, state.ending], state.parked.map(\.descriptor))
    }
    // Only a cancelled run leaves any.
    for descriptor in abandoned { _ = SystemCall.close(descriptor) }
    for waiter in waiters { waiter?.resume() }
  }

  /// What the rooms did, once the run has ended.
  var tally: OperationTally? { state.withLock { $0.tally } }
}
