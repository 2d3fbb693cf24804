import SystemPackage

/// A small cached file by one operation, into memory such as the file before it took. What does not fit there, or
/// is otherwise not as expected, is open then, and is read step by step.
extension LoadJob {
  func beginSmall() -> Step {
    state = .loadingSmall
    file = expectedFile()
    small.prepare(
      name.name, in: .workingDirectory, into: file?.region?.slice,
      memoryDevice: source.temperature.memoryDevice)
    return .performInline(.loadSmallFile(small))
  }

  /// Memory for a file like the one before; `nil` where that one was not small, or there is no room now.
  private func expectedFile() -> LoadedFile? {
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
      source.unclaim(unused.claimedByteCount)
      room.giveBack(unused)
    }
    descriptor = small.descriptor
    if descriptor == nil { return open() }
    guard let size = small.byteCount else { return examine() }
    return load(size: size, on: small.device)
  }
}
