#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// Copies are made slow by a supervisor that delays their system calls until the test has seen enough:
  /// however fast the machine, they last long enough to show progress.
  @Suite("Progress") struct ProgressTests {
    private func slowCopy(_ place: Workplace, _ options: RawString..., terminalColumns: UInt16?) throws
      -> Command
    {
      if !place.exists("source") { try place.makeFile("source", size: 32 << 20) }
      var command = place.uringcp(
        options + ["--reflink=never", "--chunk-size=64K", "--depth=1", "--workers=1", "source", "copy"])
      command.supervision = .init(SystemCall.positionedTransfers, .delay(milliseconds: 25))
      if let terminalColumns { command.input = .terminal(columns: terminalColumns, rows: 24) }
      return command
    }

    /// What a terminal would show as lines: without control sequences, split where the cursor returns.
    private func lines(_ text: String) -> [Substring] {
      let plain = text.replacing(try! Regex("\u{1b}\\[[0-9;?]*[A-Za-z]"), with: "")
      return plain.split(whereSeparator: \.isNewline)
    }

    private func bars(_ text: String) -> [Substring] { lines(text).filter { $0.contains("%") } }

    @Test(
      "is on a terminal, with percent, bytes, rate and time left",
      arguments: ["--workers=1", "--progress", "--progress=auto", "--progress=always"])
    func onTerminal(_ option: String) throws {
      try withScratch { place in
        let command = try slowCopy(place, RawString(option), terminalColumns: 100)
        try command.running { running in
          let seen = try running.readOutput { bars($0).count >= 3 }
          running.release()
          _ = try running.readOutput { _ in false }
          #expect(try running.wait().succeeded)
          let bar = String(try #require(bars(seen).last))
          #expect(bar.contains(/\d ?%/), "\(bar)")
          #expect(bar.contains(/\d ?[KMGk]?i?B/), "\(bar)")
          #expect(bar.contains(/\/s/), "\(bar)")
          #expect(bar.contains(/\d:\d\d|\d ?s\b|ETA/), "\(bar)")
        }
        #expect(try place.firstDifference("source", "copy") == nil)
      }
    }

    @Test("is never in a pipe", arguments: ["--workers=1", "--progress=auto", "--progress=never"])
    func inPipe(_ option: String) throws {
      try withScratch { place in
        // 60 delayed calls: over a second.
        let command = try slowCopy(place, RawString(option), terminalColumns: nil).with {
          $0.supervision?.affected = 60
        }
        let outcome = try place.copyAndCompare("source", "copy", command)
        #expect(outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
      }
    }

    @Test("is not on a terminal with --progress=never")
    func never() throws {
      try withScratch { (place) throws in
        let command = try slowCopy(place, "--progress=never", terminalColumns: 80).with {
          $0.supervision?.affected = 60
        }
        try command.running { (running) throws in
          #expect(try running.readOutput { _ in false } == "")
          #expect(try running.wait().succeeded)
        }
      }
    }

    @Test("fits the terminal, also after that has become narrower")
    func resizing() throws {
      try withScratch { place in
        let command = try slowCopy(place, "--progress=always", terminalColumns: 100)
        try command.running { running in
          let wide = try running.readOutput { bars($0).count >= 2 }
          #expect(bars(wide).allSatisfy { $0.count <= 100 })
          try running.resizeTerminal(columns: 40, rows: 24)
          let narrow = try running.readOutput { bars($0).count >= 5 }
          // The first two may have been on their way when the size changed.
          #expect(bars(narrow).count >= 5)
          #expect(bars(narrow).dropFirst(2).allSatisfy { $0.count <= 40 }, "\(narrow.debugDescription)")
          running.release()
          _ = try running.readOutput { _ in false }
          #expect(try running.wait().succeeded)
        }
      }
    }

    @Test("of a FIFO has bytes and rate but no percent")
    func ofFIFO() throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        var command = place.uringcp("--progress=always", "fifo", "copy")
        command.input = .terminal(columns: 80, rows: 24)
        try command.running { running in
          #expect(running.waitUntil { place.isOpen("fifo", in: running.process) })
          // A writer that sends something and then just stays: the copy lasts until it goes.
          try place.command(
            "/bin/sh", ["-c", "exec >fifo; head -c 300000 /dev/zero; echo sent >&2; read _ || :"]
          )
          .with { $0.input = .pipe }
          .running { writer in
            let seen = try running.readOutput { $0.contains("/s") }
            #expect(!seen.contains("%"), "\(seen)")
            _ = try writer.wait()
          }
          _ = try running.readOutput { _ in false }
          #expect(try running.wait().succeeded)
        }
        #expect(place.size("copy") == 300_000)
      }
    }
  }
#endif
