import SystemPackage

/// Gets a file open for writing: creates it, its parents where that was asked for, or opens the one that is
/// there and empties it.
///
/// The file is created with O_EXCL first, so that it is known who made it, and a parent is only looked for
/// where the kernel says that it is missing: a new file costs one call.
struct SaveOpening {
  enum Answer {
    case perform(Operation)
    case opened(Opened)
    /// A descriptor that was opened is to be closed.
    case failed(FileIOError, FileDescriptor?)
  }

  struct Opened {
    let descriptor: FileDescriptor
    /// The temporary name of an atomic save.
    var temporary: PathBytes?
    /// It was there before: it is not this job's to remove.
    var existed = false
    /// Not a regular file: a device, a FIFO that somebody reads.
    var isStream = false
  }

  private enum State {
    case creating, makingParent, openingExisting, lookingForLink, examining, truncating
  }

  /// Parents of directories that were created.
  private(set) var changedDirectories: [PathBytes] = []
  private let target: SaveTarget
  private let path: PathBytes
  private let options: SaveOptions
  private let permissions: UInt16
  /// Of a file that exists.
  private var status: StatusBox?
  private var state = State.creating
  private var temporary: PathBytes?
  private var attempts = 0
  private var descriptor: FileDescriptor?
  /// Where the missing parents' names end in the path, and which of them is to be made.
  private var parentEnds: [Int] = []
  private var parent = 0
  private var isGoingDown = false

  /// Names are tried again where others create and remove them meanwhile, but not for ever.
  private static let attemptsMax = 16

  init(_ target: SaveTarget, path: PathBytes, options: SaveOptions, permissions: UInt16) {
    self.target = target
    self.path = path
    self.options = options
    self.permissions = permissions
  }

  /// The next thing to do; `nil` at the start.
  mutating func next(after completion: Completion?) -> Answer {
    guard let completion else { return create() }
    return switch state {
    case .creating: created(completion)
    case .makingParent: madeParent(completion)
    case .openingExisting: openedExisting(completion)
    case .lookingForLink: lookedForLink(completion)
    case .examining: examined(completion)
    case .truncating: truncated(completion)
    }
  }

  // MARK: A new file

  private mutating func create() -> Answer {
    attempts += 1
    guard attempts <= Self.attemptsMax else { return fail(.noSuchFileOrDirectory) }
    temporary = options.isAtomic ? target.temporaryName() : nil
    state = .creating
    return .perform(
      .createFile(target.directory, FileName(temporary ?? target.name), .exclusive, permissions: permissions))
  }

  private mutating func created(_ completion: Completion) -> Answer {
    switch completion {
    case .count(let number):
      return .opened(Opened(descriptor: FileDescriptor(rawValue: CInt(number)), temporary: temporary))
    case .failed(.noSuchFileOrDirectory) where options.createsParents && !target.parentEnds.isEmpty:
      parentEnds = target.parentEnds
      parent = parentEnds.count - 1
      isGoingDown = false
      return makeParent()
    case .failed(.fileExists) where options.isAtomic:
      // Somebody has the temporary name, against all odds.
      return create()
    case .failed(.fileExists) where !options.isExclusive:
      state = .openingExisting
      return .perform(
        .openFile(target.directory, FileName(target.name), .write(followsLink: target.followsLink)))
    case .failed(let errno):
      return fail(errno)
    }
  }

  // MARK: Parents

  /// From the last parent up to one that can be made, and down again. Somebody else may be making the same
  /// ones: that one exists is as good as having made it.
  private mutating func makeParent() -> Answer {
    state = .makingParent
    return .perform(.makeDirectory(target.directory, FileName(parentPath(parent)), permissions: 0o777))
  }

  private mutating func madeParent(_ completion: Completion) -> Answer {
    switch completion {
    case .count:
      changedDirectories.append(parent > 0 ? parentPath(parent - 1) : rootOfPath)
      return goDown()
    case .failed(.fileExists):
      return goDown()
    case .failed(.noSuchFileOrDirectory) where parent > 0 && attempts < Self.attemptsMax:
      // Missing again on the way down: somebody removes directories, or one is a link to nothing.
      if isGoingDown { attempts += 1 }
      parent -= 1
      return makeParent()
    case .failed(let errno):
      return .failed(FileIOError(errno, during: .createDirectory, path: parentPath(parent)), nil)
    }
  }

  private mutating func goDown() -> Answer {
    isGoingDown = true
    guard parent < parentEnds.count - 1 else { return create() }
    parent += 1
    return makeParent()
  }

  private func parentPath(_ index: Int) -> PathBytes {
    PathBytes(Array(target.name.bytes[..<parentEnds[index]]))
  }

  /// What the path's first name lies in.
  private var rootOfPath: PathBytes {
    PathBytes([target.name.bytes.first == UInt8(ascii: "/") ? UInt8(ascii: "/") : UInt8(ascii: ".")])
  }

  // MARK: A file that exists

  private mutating func openedExisting(_ completion: Completion) -> Answer {
    switch completion {
    case .count(let number):
      descriptor = FileDescriptor(rawValue: CInt(number))
      state = .examining
      status = StatusBox()
      return .perform(.status(descriptor!, into: status!))
    case .failed(.noSuchFileOrDirectory):
      // Removed meanwhile, or a symbolic link to nothing.
      state = .lookingForLink
      status = StatusBox()
      return .perform(.statusOfName(target.directory, FileName(target.name), into: status!))
    case .failed(let errno):
      return fail(errno)
    }
  }

  private mutating func lookedForLink(_ completion: Completion) -> Answer {
    switch completion {
    case .count where status!.status.type == .symbolicLink:
      .failed(FileIOError(.danglingSymlink, during: .create, path: path), nil)
    case .count, .failed(.noSuchFileOrDirectory): create()
    case .failed(let errno): fail(errno, .status)
    }
  }

  private mutating func examined(_ completion: Completion) -> Answer {
    if case .failed(let errno) = completion { return fail(errno, .status) }
    let found = status!.status
    guard found.type == .regular, found.size > 0 else {
      return .opened(Opened(descriptor: descriptor!, existed: true, isStream: found.type != .regular))
    }
    state = .truncating
    return .perform(.truncate(descriptor!, to: 0))
  }

  private mutating func truncated(_ completion: Completion) -> Answer {
    if case .failed(let errno) = completion { return fail(errno, .truncate) }
    return .opened(Opened(descriptor: descriptor!, existed: true))
  }

  private func fail(_ errno: Errno, _ activity: FileIOError.Activity = .create) -> Answer {
    .failed(FileIOError(errno, during: activity, path: path), descriptor)
  }
}
