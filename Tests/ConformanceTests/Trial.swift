#if os(Linux)
  import Foundation
  import TestFixtures

  /// What came of one case, as text that can be compared.
  struct Trial {
    var status: Int32 = 0
    var errors: [String] = []
    var output: [String] = []
    var tree: [String] = []
    /// What the check after the run said, where there was one and it failed.
    var complaint: String?

    /// Runs the case with a program that is called as `cp`.
    init(
      _ test: Case, by program: CopyProgram, on ground: Ground, in sandboxes: Sandboxes, check: String? = nil
    )
      throws
    {
      try sandboxes.with(test) { sandbox, files in
        let outcome = try sandboxes.shell("-c", test.command, programs: program.directory)
        guard case .exited(let status) = outcome.status else {
          throw FixtureFailure("\(program.name) did not end: \(test.command)\n\(outcome)")
        }
        self.status = status
        errors = readableLines(outcome.errors)
        output = readableLines(outcome.output)
        if test.isRecursive {
          errors.sort()
          output.sort()
        }
        if let check {
          let checked = try sandboxes.shell("-ec", check)
          if !checked.succeeded { complaint = "this does not hold: \(check) (\(checked))" }
        } else {
          // Where the file system keeps times of access, the tests' own reading changes them.
          tree = Snapshot.lines(
            of: sandbox.outside, earlier: files, isAccessCompared: ground.fileSystem != nil)
        }
      }
    }

    /// What is to come of a case where cp did what is in `reference`; `nil`: it was not asked.
    init(of test: Case, reference: Trial?) {
      if let reference { self = reference }
      guard let own = test.own else { return }
      status = own.status ?? status
      errors = own.errors.map { test.isRecursive ? $0.sorted() : $0 } ?? errors
      output = own.output.map { test.isRecursive ? $0.sorted() : $0 } ?? output
      if own.check != nil { tree = [] }
    }

    /// The lines in which this differs from what was to come of it; `nil` where none does.
    func difference(from expected: Trial) -> String? {
      var judged = self
      judged.errors = errors.map { expected.withoutAddition($0) }
      let (lines, expectedLines) = (judged.lines, expected.lines)
      if lines == expectedLines { return nil }
      let changes = lines.difference(from: expectedLines)
      return (changes.removals + changes.insertions).map { change in
        switch change {
        case .remove(_, let line, _): "    - \(line)"
        case .insert(_, let line, _): "    + \(line)"
        }
      }.joined(separator: "\n")
    }

    private var lines: [String] {
      ["status  \(status)"] + errors.map { "error   \($0)" } + output.map { "output  \($0)" }
        + tree.map { "tree    \($0)" } + (complaint.map { [$0] } ?? [])
    }

    /// A message of uringcp may say in parentheses what became of the destination.
    private func withoutAddition(_ line: String) -> String {
      guard !errors.contains(line), line.hasSuffix(")"),
        let start = line.range(of: " (", options: .backwards)
      else { return line }
      return String(line[..<start.lowerBound])
    }
  }

  /// Two programs that are each called as `cp`.
  struct Comparison {
    let reference: CopyProgram
    let tested: CopyProgram

    /// Runs a case with both. Returns what differs; `nil` where nothing does.
    func difference(_ test: Case, on ground: Ground, in sandboxes: Sandboxes) throws -> String? {
      // Where the case says all that is to come of it, there is nothing to ask cp.
      let isAsked = test.own?.isWhole != true
      let expected = Trial(
        of: test, reference: isAsked ? try Trial(test, by: reference, on: ground, in: sandboxes) : nil)
      let actual = try Trial(test, by: tested, on: ground, in: sandboxes, check: test.own?.check)
      guard let difference = actual.difference(from: expected) else { return nil }
      let setUp = test.setUp.split(separator: "\n").map { "    \($0)\n" }.joined()
      let departure = test.own.map { "\n    departs from cp: \($0.departure.reason)" } ?? ""
      return
        "\(test.name), on \(ground.testDescription)\n\(setUp)    $ \(test.command)\(departure)\n\(difference)"
    }

    /// Runs a table. Calls `body` with what differs in each case in which something does, or with the error that kept
    /// it from being run.
    func run(_ cases: [Case], on ground: Ground, body: (String) -> Void) throws {
      var left: [String] = []
      try ground.withPlace { place in
        let sandboxes = Sandboxes(on: ground, in: place, for: cases)
        for test in cases where test.runs(on: ground) {
          do {
            if let difference = try difference(test, on: ground, in: sandboxes) { body(difference) }
          } catch let error as CannotBeSetUp {
            left.append(error.name)
          } catch {
            body("\(test.name), on \(ground.testDescription)\n\(error)")
          }
        }
      }
      if !left.isEmpty {
        print(
          "Not compared on \(ground.testDescription), since it cannot be set up: \(left.joined(separator: "; "))"
        )
      }
    }
  }
#endif
