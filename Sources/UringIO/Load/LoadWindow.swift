/// Puts files that are ready in any order back into theirs.
struct LoadWindow {
  /// The place of the file to be delivered next.
  private(set) var nextIndex = 0
  /// Files from that one on, where they are ready; what lies before `head` is gone.
  private var files: [LoadedFile?] = []
  private var head = 0

  mutating func insert(_ file: LoadedFile) {
    let position = head + file.index - nextIndex
    while files.count <= position { files.append(nil) }
    files[position] = file
  }

  /// Appends the files whose turn it is.
  mutating func takeReady(into ready: inout [LoadedFile]) {
    while head < files.count, let file = files[head] {
      ready.append(file)
      files[head] = nil
      head += 1
      nextIndex += 1
    }
    // Each place is moved at most once for each time it was filled.
    guard head > files.count / 2 else { return }
    files.removeFirst(head)
    head = 0
  }
}
