import SystemPackage
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes an archive's members below a directory.
///
/// Files go through the engine while the archive is read. Links are made at the end: what a hard link leads to
/// is whole by then, and no file is ever written through a symbolic link that the archive brought.
struct TarUnpacking {
  /// A member larger than this is written in pieces while it is read.
  private static let wholeByteCountMax: Int64 = 1 << 20
  private static let pieceByteCount = 256 << 10

  private enum Link {
    case symbolic(target: [UInt8])
    case hard(target: [[UInt8]])
  }

  private let reader: TarReader
  private let options: SaveOptions
  private let cancellation: Cancellation
  private let report: (FileIOError) -> Void
  private var tree: TreeDirectories
  /// Links to be made, by their names; a later member of the same name takes the place of an earlier one.
  private var links: [[[UInt8]]: (order: Int, link: Link)] = [:]
  /// Directories whose permissions would keep us from writing into them.
  private var closedDirectories: [[[UInt8]]: UInt16] = [:]
  /// Directories whose names this thread has changed.
  private var changed: Set<[[UInt8]]> = []
  private var memberCount = 0
  /// Of the last file: its name in the archive up to the last slash, and the directory that leads to.
  private var last: (parent: [UInt8], directory: SaveDirectory)?

  /// - Parameter report: is told of each member that was refused or failed.
  init(
    directory: PathBytes, options: SaveOptions, cancellation: Cancellation,
    report: @escaping (FileIOError) -> Void
  ) throws(FileIOError) {
    self.options = options
    self.cancellation = cancellation
    self.report = report
    reader = TarReader(STDIN_FILENO, cancellation: cancellation)
    tree = try TreeDirectories(root: directory)
  }

  mutating func run(
    _ engine: FileEngine, progress: (@Sendable (SaveProgress) -> Void)?
  ) throws(FileIOError) -> SaveReport {
    var failure: TarFailure?
    // `feed` runs on this thread; it only does not escape.
    var unpacking = self
    let saved = try engine.saveBlocking(
      options: options, cancellation: cancellation, progress: progress,
      feed: { save in
        do throws(TarFailure) {
          while let member = try unpacking.reader.next() {
            guard try unpacking.take(member, save) else { break }
          }
        } catch {
          failure = error
        }
      })
    self = unpacking
    if !cancellation.isCancelled {
      makeLinks()
      closeDirectories()
      if options.isDurable { syncChanged() }
    }
    if let failure, !failure.isCancelled { report(FileIOError(.thrown(failure.message), during: .save)) }
    return saved
  }

  // MARK: Members

  /// - Returns: false once no more files are taken.
  private mutating func take(
    _ member: TarReader.Member, _ save: (FileToSave, Bool) -> Bool
  ) throws(TarFailure) -> Bool {
    memberCount += 1
    if let (name, directory) = besideLast(member) {
      return try self.save(member, name, in: directory, directory.path.appending(PathBytes(name)), save)
    }
    guard let parts = parts(of: member.name) else { return true }
    let path = tree.path(parts[...])
    var file: SaveDirectory?
    do throws(FileIOError) {
      switch Self.kind(of: member) {
      case .sparse:
        refuse(path, "it is a sparse file in a GNU form that is not supported (tar without --sparse)")
      case .directory: try makeDirectory(parts, mode: member.mode)
      case .file: file = try open(parts.dropLast())
      case .symbolicLink:
        guard !member.linkName.isEmpty, !member.linkName.contains(0) else {
          refuse(path, "a symbolic link to nothing")
          return true
        }
        links[parts] = (memberCount, .symbolic(target: member.linkName))
      case .hardLink:
        guard let target = self.parts(of: member.linkName, isTarget: true) else { return true }
        links[parts] = (memberCount, .hard(target: target))
      case .label: break
      case .other: refuse(path, Self.unsupported(member.type))
      }
    } catch {
      report(error)
    }
    guard let file else { return true }
    guard let name = parts.last else {
      refuse(path, "a file has no name")
      return true
    }
    links[parts] = nil
    note(member, name, in: file)
    return try self.save(member, name, in: file, path, save)
  }

  private mutating func note(_ member: TarReader.Member, _ name: [UInt8], in directory: SaveDirectory) {
    let parent = member.name.dropLast(name.count)
    // "a/b/." is a file "b", too, and what leads to that is not "a/b/".
    let endsWithName =
      member.name.suffix(name.count).elementsEqual(name)
      && (parent.isEmpty || parent.last == UInt8(ascii: "/"))
    last = endsWithName ? (Array(parent), directory) : nil
  }

  /// The name and directory of a file that lies beside the last one, as most do; `nil` where more is to be known.
  private func besideLast(_ member: TarReader.Member) -> (name: [UInt8], directory: SaveDirectory)? {
    guard let last, links.isEmpty, Self.kind(of: member) == .file, member.name.starts(with: last.parent)
    else { return nil }
    let name = Array(member.name[last.parent.count...])
    guard !name.isEmpty, name.first != UInt8(ascii: "."), !name.contains(UInt8(ascii: "/")), !name.contains(0)
    else { return nil }
    return (name, last.directory)
  }

  private enum Kind {
    case file, directory, symbolicLink, hardLink, sparse, label, other
  }

  private static func kind(of member: TarReader.Member) -> Kind {
    if member.isSparse { return .sparse }
    switch member.type {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      // Before directories had a type of their own, a slash said it.
      return member.name.last == UInt8(ascii: "/") ? .directory : .file
    case UInt8(ascii: "1"): return .hardLink
    case UInt8(ascii: "2"): return .symbolicLink
    case UInt8(ascii: "5"): return .directory
    case UInt8(ascii: "V"): return .label
    default: return .other
    }
  }

  private static func unsupported(_ type: UInt8) -> String {
    switch type {
    case UInt8(ascii: "3"), UInt8(ascii: "4"): "devices are not made"
    case UInt8(ascii: "6"): "FIFOs are not made"
    default: "members of type \(PathBytes([max(type, 1)]).displayed) are not supported"
    }
  }

  /// The names of a path without what does not matter; `nil`, and a report, where it could lead elsewhere.
  private func parts(of name: [UInt8], isTarget: Bool = false) -> [[UInt8]]? {
    let what = isTarget ? "its link's target is" : "its name is"
    let shown = PathBytes(name.filter { $0 != 0 })
    let parts = name.split(separator: UInt8(ascii: "/")).map { Array($0) }.filter {
      $0 != [UInt8(ascii: ".")]
    }
    if name.isEmpty || name.contains(0) {
      refuse(shown, "\(what) empty or has a zero byte")
    } else if name.first == UInt8(ascii: "/") {
      refuse(shown, "\(what) absolute")
    } else if parts.contains(Array("..".utf8)) {
      refuse(shown, "\(what) outside of the directory, through '..'")
    } else {
      return parts
    }
    return nil
  }

  private func refuse(_ path: PathBytes, _ reason: String) {
    report(FileIOError(.thrown(reason), during: .save, path: path))
  }

  private mutating func open(_ parts: ArraySlice<[UInt8]>) throws(FileIOError) -> SaveDirectory {
    var made: [[[UInt8]]] = []
    defer { changed.formUnion(made) }
    return try tree.open(parts) { made.append(Array($0)) }
  }

  private func save(
    _ member: TarReader.Member, _ name: [UInt8], in directory: SaveDirectory, _ path: PathBytes,
    _ save: (FileToSave, Bool) -> Bool
  ) throws(TarFailure) -> Bool {
    let permissions = FilePermissions(rawValue: CModeT(member.mode & 0o777))
    func file(_ contents: FileToSave.Contents) -> FileToSave {
      FileToSave(PathBytes(name), in: directory, path: path, contents, permissions: permissions)
    }
    guard member.size > Self.wholeByteCountMax else {
      let bytes = try reader.readWhole()
      return save(file(.bytes(bytes)), reader.hasNextHeader)
    }
    let queue = PieceQueue()
    guard save(file(queue.contents), false) else { return false }
    do throws(TarFailure) {
      while let piece = try reader.readPiece(upTo: Self.pieceByteCount) {
        // Whoever does not want them any more has failed and says so; what is left is skipped.
        guard queue.push(Array(piece)) else { break }
      }
    } catch {
      queue.close(error)
      throw error
    }
    queue.close()
    return true
  }

  private mutating func makeDirectory(_ parts: [[UInt8]], mode: UInt16) throws(FileIOError) {
    links[parts] = nil
    _ = try open(parts[...])
    // The one that is written to keeps its own.
    guard !parts.isEmpty else { return }
    closedDirectories[parts] = mode & 0o777
  }

  // MARK: The end

  private mutating func makeLinks() {
    for (parts, entry) in links.sorted(by: { $0.value.order < $1.value.order }) {
      guard !cancellation.isCancelled else { return }
      let path = tree.path(parts[...])
      guard let name = parts.last else {
        refuse(path, "a link has no name")
        continue
      }
      do throws(FileIOError) {
        let directory = try open(parts.dropLast())
        try make(entry.link, PathBytes(name), in: directory, path)
        changed.insert(Array(parts.dropLast()))
      } catch {
        report(error)
      }
    }
  }

  private mutating func make(
    _ link: Link, _ name: PathBytes, in directory: SaveDirectory, _ path: PathBytes
  ) throws(FileIOError) {
    let answer: CInt
    switch link {
    case .symbolic(let target):
      answer = replacing(name, in: directory) {
        PathBytes(target).withCString { target in
          name.withCString { symlinkat(target, directory.descriptor.rawValue, $0) }
        }
      }
    case .hard(let target):
      guard let targetName = target.last.map({ PathBytes($0) }) else {
        throw FileIOError(.thrown("it is a link to the directory itself"), during: .save, path: path)
      }
      let targetDirectory = try open(target.dropLast())
      answer = replacing(name, in: directory) {
        targetName.withCString { target in
          name.withCString {
            linkat(targetDirectory.descriptor.rawValue, target, directory.descriptor.rawValue, $0, 0)
          }
        }
      }
    }
    guard answer == 0 else {
      throw FileIOError(
        Errno(rawValue: answer), during: .create, path: path, note: "it is a link in the archive")
    }
  }

  /// Makes a name; what has it (but a directory) makes room, unless that is to be an error.
  private func replacing(_ name: PathBytes, in directory: SaveDirectory, _ make: () -> CInt) -> CInt {
    if make() == 0 { return 0 }
    guard errno == EEXIST, !options.isExclusive else { return errno }
    guard name.withCString({ unlinkat(directory.descriptor.rawValue, $0, 0) }) == 0 else { return EEXIST }
    return make() == 0 ? 0 : errno
  }

  /// Gives the directories the permissions the archive has, the deepest first.
  private mutating func closeDirectories() {
    let mask = umask(0)
    umask(mask)
    for (parts, mode) in closedDirectories.sorted(by: { $0.key.count > $1.key.count }) {
      do throws(FileIOError) {
        let directory = try open(parts[...])
        guard fchmod(directory.descriptor.rawValue, mode_t(mode) & ~mask) != 0 else { continue }
        throw FileIOError(
          Errno(rawValue: errno), during: .save, path: directory.path,
          note: "its permissions could not be set")
      } catch {
        report(error)
      }
    }
  }

  private mutating func syncChanged() {
    for parts in changed {
      do throws(FileIOError) {
        let directory = try tree.open(parts[...])
        guard fsync(directory.descriptor.rawValue) != 0, errno != EINVAL else { continue }
        throw FileIOError(
          Errno(rawValue: errno), during: .synchronize, path: directory.path,
          note: "the names in it may not have reached the disk")
      } catch {
        report(error)
      }
    }
  }
}
