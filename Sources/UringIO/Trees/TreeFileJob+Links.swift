import SystemPackage

/// Symbolic links, FIFOs, devices and sockets, which are made anew.
extension TreeFileJob {
  func didReadLink(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count(let count):
      // A target that fills the buffer may be cut off; none is as long as that.
      guard count < buffer.count else { return fail(.fileNameTooLong, during: .readLink, path: sourcePath) }
      linkTarget = FileName(PathBytes(buffer[0..<count].withBytes { Array($0) }))
      return makeLink()
    case .failed(let errno): return fail(errno, during: .readLink, path: sourcePath)
    }
  }

  func makeLink() -> Step {
    state = .makingLink
    return .perform(.makeLink(target: linkTarget!, directories.destination, destinationName))
  }

  func makeNode() -> Step {
    state = .makingNode
    return .perform(
      .makeNode(
        directories.destination, destinationName,
        mode: UInt32(status!.type.modeBits) | UInt32(status!.mode & 0o777),
        device: status!.rawDevice))
  }

  func madeEntry(_ completion: Completion, _ buffer: BufferSlice) -> Step {
    switch completion {
    case .count: return .finish(.success(0))
    case .failed(.fileExists):
      if route.options.existing == .keep {
        kind = .kept
        return .finish(.success(0))
      }
      return examineExisting()
    case .failed(let errno):
      let activity: FileIOError.Activity = if case .link = kind { .createLink } else { .createSpecial }
      return fail(errno, during: activity, path: destinationPath)
    }
  }
}
