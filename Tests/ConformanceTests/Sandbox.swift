#if os(Linux)
  import TestFixtures

  /// Makes the directories in which cases are run. There is one at a time, and all have the same name, so that absolute
  /// names are the same, too.
  final class Sandboxes {
    private let ground: Ground
    private let place: Workplace
    private let sandbox: Workplace
    /// What has been set up once, to be copied from then on: most tables set up the same for each case.
    private var templates: [String: RawString] = [:]
    private let reused: Set<String>

    init(on ground: Ground, in place: Workplace, for cases: [Case]) {
      self.ground = ground
      self.place = place
      sandbox = place.subdirectory("sandbox")
      var counts: [String: Int] = [:]
      for test in cases where test.mayBeCopied { counts[test.setUp, default: 0] += 1 }
      reused = Set(counts.filter { $0.value > 2 }.keys)
    }

    /// Runs the body in a new directory in which the case is set up; `files` tells what is there.
    func with<R>(
      _ test: Case, _ body: (_ sandbox: Workplace, _ files: Snapshot.Identities) throws -> R
    ) throws -> R {
      defer { try? place.removeTree("sandbox") }
      if !reused.contains(test.setUp) {
        try setUp(test)
      } else if let template = templates[test.setUp] {
        try copy(template, "sandbox")
      } else {
        try setUp(test)
        _ = Snapshot.age(sandbox.outside)
        let template = RawString("template-\(templates.count)")
        try copy("sandbox", template)
        templates[test.setUp] = template
        // This case, too, gets a copy: whoever runs it first has no other sandbox than whoever runs it next.
        try place.removeTree("sandbox")
        try copy(template, "sandbox")
      }
      return try body(sandbox, Snapshot.age(sandbox.outside))
    }

    /// Runs a script as the ground's user, with a directory before all others in PATH.
    func shell(_ options: RawString, _ script: String, programs: RawString? = nil) throws -> Outcome {
      var command = sandbox.command("/bin/sh", [options, RawString(script)])
      command.user = ground.user
      command.timeoutSeconds = 30
      command.environment["PATH"] =
        (programs.map { "\($0):" } ?? "") + "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
      command.environment["TMPDIR"] = nil
      return try command.run()
    }

    private func setUp(_ test: Case) throws {
      try place.makeDirectory("sandbox")
      if let user = ground.user { try place.changeOwner("sandbox", user) }
      if test.setUp.isEmpty { return }
      let outcome = try shell("-ec", test.setUp)
      if outcome.status == .exited(77) { throw CannotBeSetUp(name: test.name) }
      guard outcome.succeeded else { throw FixtureFailure("no set-up: \(test.setUp)\n\(outcome)") }
    }

    private func copy(_ source: RawString, _ destination: RawString) throws {
      let outcome = try place.command(ReferenceCopy.executable, ["-aT", source, destination]).run()
      guard outcome.succeeded else { throw FixtureFailure("no copy of what was set up: \(outcome)") }
    }
  }

  /// A set-up needs what is not here: extended attributes, a tool.
  struct CannotBeSetUp: Error { let name: String }
#endif
