import Synchronization

/// What is in one directory: all names, in memory of their own, sorted by kind.
///
/// A listing is filled by one job and not changed afterwards. It takes a few bytes more than the names: a million
/// names of 12 bytes are about 35 MB.
final class DirectoryListing: @unchecked Sendable {
  /// A name and what it stands for. `unknown` where the file system does not say while it lists.
  enum Kind: UInt8, Sendable {
    case regular, directory, other, unknown
  }

  private var names: UnsafeMutablePointer<CChar>
  private var capacity: Int
  private var byteCount = 0
  private var entries: [(inode: UInt64, offset: UInt32, kind: Kind)] = []
  /// Where the names of directories, and of everything else, start; the others in the order of their inodes,
  /// which is the order in which they lie on a disk.
  private(set) var directories: [UInt32] = []
  private(set) var files: [UInt32] = []
  /// Of the files, those that are not known to be regular.
  private var oddFiles: [UInt32: Kind] = [:]

  init() {
    capacity = 256
    names = .allocate(capacity: capacity)
  }

  deinit { names.deallocate() }

  func name(at offset: UInt32) -> FileName { FileName(address: names + Int(offset), owner: self) }

  func kind(ofFileAt offset: UInt32) -> Kind { oddFiles.isEmpty ? .regular : oddFiles[offset] ?? .regular }

  // MARK: Filling

  /// Takes the records that one `getdents64` wrote.
  ///
  /// - Returns: false where the names together are more than 4 GiB.
  func add(records: UnsafeRawBufferPointer) -> Bool {
    // struct linux_dirent64: inode (8), offset (8), record length (2), type (1), name.
    var position = 0
    while position + 19 < records.count {
      let length = Int(records.loadUnaligned(fromByteOffset: position + 16, as: UInt16.self))
      guard length > 19, position + length <= records.count else { break }
      let inode = records.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      let type = records[position + 18]
      let name = UnsafeRawBufferPointer(rebasing: records[position + 19..<position + length])
      position += length
      guard add(name, inode: inode, kind: Kind(directoryEntryType: type)) else { return false }
    }
    return true
  }

  private func add(_ name: UnsafeRawBufferPointer, inode: UInt64, kind: Kind) -> Bool {
    let count = name.firstIndex(of: 0) ?? name.count
    let isDots = count <= 2 && name[..<count].allSatisfy { $0 == UInt8(ascii: ".") }
    guard count > 0, !isDots else { return true }
    guard byteCount + count + 1 <= UInt32.max else { return false }
    if byteCount + count + 1 > capacity { grow(toHold: byteCount + count + 1) }
    UnsafeMutableRawPointer(names + byteCount).copyMemory(from: name.baseAddress!, byteCount: count)
    names[byteCount + count] = 0
    entries.append((inode, UInt32(byteCount), kind))
    byteCount += count + 1
    return true
  }

  private func grow(toHold count: Int) {
    capacity = max(count, capacity * 2)
    let larger = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    larger.update(from: names, count: byteCount)
    names.deallocate()
    names = larger
  }

  /// Sorts what was added. Names may be handed out from now on.
  func complete() {
    entries.sort { $0.inode < $1.inode }
    files.reserveCapacity(entries.count)
    for entry in entries {
      switch entry.kind {
      case .directory: directories.append(entry.offset)
      case .regular: files.append(entry.offset)
      case .other, .unknown:
        files.append(entry.offset)
        oddFiles[entry.offset] = entry.kind
      }
    }
    entries = []
  }

  /// A file turned out to be a directory after all.
  func addDirectory(at offset: UInt32) { directories.append(offset) }
}

extension DirectoryListing.Kind {
  /// From `d_type` (DT_UNKNOWN 0, DT_DIR 4, DT_REG 8).
  init(directoryEntryType type: UInt8) {
    switch type {
    case 0: self = .unknown
    case 4: self = .directory
    case 8: self = .regular
    default: self = .other
    }
  }
}
