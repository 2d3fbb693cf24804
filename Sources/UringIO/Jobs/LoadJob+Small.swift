import SystemPackage

/// Small cached files by one operation: one, into memory such as the file before it took, or many. What is not as
/// expected is read step by step; of one that was tried alone the file is open then.
extension LoadJob {
  func beginSmall() -> Step {
    state = .loadingSmall
    file = expectedFile(name)
    small.prepare(
      name.name, in: .workingDirectory, into: file?.region?.slice,
      memoryDevice: source.temperature.memoryDevice)
    return .performInline(.loadSmallFile(small))
  }

  /// Memory for a file like the one before; `nil` where that one was not small, or there is no room now.
  private func expectedFile(_ name: NumberedName) -> LoadedFile? {
    let byteCount = room.expectedByteCount
    guard byteCount > 0, !source.temperature.hasMute, source.claimAtOnce(byteCount) else { return nil }
    // Where there is no memory, the file's own attempt says so.
    guard let file = try? room.makeFile(name, capacity: byteCount, source) else {
      source.unclaim(byteCount)
      return nil
    }
    file.claimedByteCount = byteCount
    return file
  }

  func didLoadSmall(_ completion: Completion?) -> Step {
    if case .count(1)? = completion {
      source.temperature.foundCached()
      file!.byteCount = small.transferredByteCount
      return source.transform == nil ? complete() : closed()
    }
    if let unused = file {
      file = nil
      giveBack(unused)
    }
    descriptor = small.descriptor
    if descriptor == nil { return open() }
    guard let size = small.byteCount else { return examine() }
    return load(size: size, on: small.device)
  }

  // MARK: Many at once

  /// Adds the file, and those after it, to those that are loaded together; `nil` where there are not enough, or nobody to
  /// do that.
  func beginMany() -> Step? {
    guard let descriptors = room.descriptorsForMany(source) else { return nil }
    let many = self.many ?? SmallFileLoads(descriptors)
    self.many = many
    let countMax = room.manyMax
    var next: NumberedName? = name
    while let name = next {
      many.add(name, room.isMixed ? nil : expectedFile(name), memoryDevice: source.temperature.memoryDevice)
      next = many.addedCount < countMax ? room.takeNameForMany() : nil
    }
    return perform(many)
  }

  /// Goes on with what was begun, before anything else that takes its time; `nil` where nothing was.
  ///
  /// - Parameter work: to be done afterwards.
  func endMany(before work: LoadWork? = nil) -> Step? {
    guard let many, many.hasBegun else { return nil }
    workAfterMany = work
    return perform(many)
  }

  private func perform(_ many: SmallFileLoads) -> Step {
    state = .loadingMany
    return .performInline(.loadSmallFiles(many))
  }

  func didLoadMany() -> Step {
    var left: [NumberedName] = []
    var count = 0
    let openedCount = many!.openedCount
    many!.takeCompleted(
      fit: { name, size, unused in
        if let unused { giveBack(unused) }
        let file = room.makeFileOfMany(name, size, source)
        if file == nil { left.append(name) }
        return file
      },
      each: { outcome in
        count += 1
        switch outcome {
        case .loaded(let file, let byteCount):
          source.temperature.foundCached()
          file.byteCount = byteCount
          room.complete(file, source)
        case .left(let name, let unused):
          if let unused { giveBack(unused) }
          left.append(name)
        }
      })
    room.noteOpened(openedCount)
    if !left.isEmpty { room.leave(left, of: count) }
    if let work = workAfterMany.take() { return begin(work) }
    return takeNext()
  }

  private func giveBack(_ unused: LoadedFile) {
    source.unclaim(unused.claimedByteCount)
    room.giveBack(unused)
  }

  /// The load is over: what is open is closed by the next operation.
  func giveUpMany() {
    many?.takeCompleted(fit: { _, _, _ in nil }, each: { _ in })
  }
}
