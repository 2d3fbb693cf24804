import Dispatch
import Synchronization
import SystemPackage

/// A file of a tree that is worth the ways of large files: both files open, by names nobody followed.
struct TreeLargeFile: @unchecked Sendable {
  /// From here on a file is copied in chunks by several at once; below, each worker copies another file, through the
  /// cache (bench/README.md, "files of some megabytes").
  static let byteCountMin: Int64 = 64 << 20
  /// The same where it was said how large files are to be copied, and where no read takes only what is cached.
  static let lowestByteCountMin: Int64 = 8 << 20
  /// From here on holes are looked for.
  static let sparseByteCountMin: Int64 = 32 << 10

  let source: FileDescriptor
  let destination: FileDescriptor
  let node: TreeNode
  let name: FileName
  let status: FileStatus
  let isCreated: Bool
  let surplusPermissions: UInt16
  /// What decided on it, where something had to be decided.
  let entry: EntryCopy?
  /// What is left to give to it when it has its contents.
  let metadata: MetadataCopy?

  func close() {
    _ = SystemCall.close(source)
    _ = SystemCall.close(destination)
  }

  /// Copies it and closes both files. Blocks.
  ///
  /// - Parameters:
  ///   - directories: the open descriptors of `node`.
  ///   - note: called with what could not be done beside the copy itself.
  func copy(
    _ copy: inout FileCopy, route: TreeRoute, directories: TreeNode.Pair,
    note: @escaping ([FileIOError]) -> Void
  ) throws(FileIOError) {
    if let metadata { copy.completed = { note(metadata.apply()) } }
    do throws(FileIOError) {
      try copyContents(&copy, route: route, directories: directories)
    } catch {
      entry?.giveUp()
      note(entry?.failures ?? [])
      throw error
    }
  }

  private func copyContents(
    _ copy: inout FileCopy, route: TreeRoute, directories: TreeNode.Pair
  ) throws(FileIOError) {
    let destinationPath = node.path(below: route.destinationRoot).appending(name.bytes)
    let destinationStatus: FileStatus
    switch FileStatus.of(destination) {
    case .success(let found): destinationStatus = found
    case .failure(let errno):
      close()
      throw FileIOError(errno, during: .status, path: destinationPath)
    }
    if status.type == .regular { SystemCall.clearNonBlocking(source) }
    try copy.run(
      from: OpenedFile(
        descriptor: source, path: node.path(below: route.sourceRoot).appending(name.bytes), status: status,
        fileSystem: .of(source), isCreated: false, surplusMode: 0),
      to: OpenedFile(
        descriptor: destination, path: destinationPath, status: destinationStatus,
        fileSystem: .of(destination),
        isCreated: isCreated, surplusMode: surplusPermissions, entry: (directories.destination, name)))
  }
}
