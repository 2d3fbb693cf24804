#if os(Linux)
  import TestFixtures

  /// One thing that cp does or refuses, as a line of a table.
  struct Case: Sendable {
    enum Actor: Sendable { case anyone, root, ordinary }
    enum Place: Sendable {
      /// On one file system as root and on the next one as an ordinary user: what it shows has little to do with
      /// the file system, and a table's cases meet all of them.
      case inTurn
      case everywhere
      case only(Set<FileSystem>)
    }

    var name: String
    /// Run with `sh -e` in an empty directory. Exit status 77 says that this cannot be made here.
    var setUp: String
    /// Run with `sh` in the same directory; whatever it calls `cp` is compared.
    var command: String
    var actor: Actor
    var place: Place
    /// Whether a copy of what was once set up does: not where it matters where a file's blocks are.
    var mayBeCopied = true
    /// What uringcp does here, where that is not what the system's cp does.
    var own: OwnOutcome?

    init(
      _ name: String, _ setUp: String, _ command: String, as actor: Actor = .anyone,
      on place: Place = .inTurn
    ) {
      self.name = name
      self.setUp = setUp
      self.command = command
      self.actor = actor
      self.place = place
    }

    /// What is `nil` is compared with what the system's cp did.
    func departing(
      _ departure: Departure, status: Int32? = nil, errors: [String]? = nil, output: [String]? = nil,
      leaving check: String? = nil
    ) -> Case {
      var changed = self
      changed.own = OwnOutcome(
        departure: departure, status: status, errors: errors, output: output, check: check)
      return changed
    }

    func runs(on ground: Ground) -> Bool {
      switch actor {
      case .anyone: break
      case .root: guard ground.isRoot else { return false }
      case .ordinary: guard !ground.isRoot else { return false }
      }
      switch place {
      case .everywhere: return true
      case .only(let fileSystems): return ground.fileSystem.map { fileSystems.contains($0) } ?? false
      case .inTurn: return Ground.comparesEverywhere || ground.isInTurn(number)
      }
    }

    /// The same in every run; neighbours in a table have numbers far from each other.
    private var number: UInt64 { name.utf8.reduce(5381) { ($0 &* 33) ^ UInt64($1) } >> 3 }

    /// Whether it copies a tree, the order of which is free.
    var isRecursive: Bool {
      command.split(whereSeparator: \.isWhitespace).contains { word in
        if word.hasPrefix("--") { return word.hasPrefix("--rec") || word.hasPrefix("--arch") }
        return word.hasPrefix("-") && word.contains { "rRa".contains($0) }
      }
    }
  }

  extension Case {
    /// The same with something set up before.
    func after(_ first: String) -> Case {
      var changed = self
      changed.setUp = first + "\n" + setUp
      return changed
    }
  }

  extension [Case] {
    /// All of them, with something set up before each.
    func after(_ first: String) -> [Case] { map { $0.after(first) } }

    /// All of them on every file system as root, and on one as an ordinary user.
    func everywhere() -> [Case] {
      flatMap { test -> [Case] in
        guard case .inTurn = test.place, test.actor != .ordinary else { return [test] }
        var everywhere = test
        everywhere.place = .everywhere
        everywhere.actor = .root
        return test.actor == .root ? [everywhere] : [everywhere] + [test].by(.ordinary)
      }
    }

    /// All of them set up anew for each run.
    func afresh() -> [Case] {
      map {
        var changed = $0
        changed.mayBeCopied = false
        return changed
      }
    }

    /// All of them as this user.
    func by(_ actor: Case.Actor) -> [Case] {
      map {
        var changed = $0
        changed.actor = actor
        return changed
      }
    }
  }

  /// Where uringcp means to differ from cp.
  struct OwnOutcome: Sendable {
    let departure: Departure
    let status: Int32?
    /// The lines of standard error.
    let errors: [String]?
    let output: [String]?
    /// Run with `sh -e` afterwards: what must hold, instead of the same tree.
    let check: String?

    /// Whether nothing is left to be compared.
    var isWhole: Bool { status != nil && errors != nil && output != nil && check != nil }
  }
#endif
