#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("Interrupts") struct InterruptTests {
    /// Signals and the exit status each gives.
    static let signals: [(Int32, Int32)] = [(SIGINT, 130), (SIGTERM, 143)]

    @Test(
      "of an endless source remove the destination that was created", arguments: Engine.available, signals)
    func endless(_ engine: Engine, _ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        var command = place.uringcp("/dev/zero", "copy", engine: engine)
        // A millisecond per call keeps the file small, however long the signal takes.
        command.supervision = .init(SystemCall.transfers, .delay(milliseconds: 1))
        try command.running { (running) throws in
          #expect(running.waitUntil { place.size("copy") ?? 0 > 0 })
          running.send(signal.number)
          #expect(try running.wait().status == .exited(signal.status))
        }
        #expect(!place.exists("copy"))
      }
    }

    @Test("of a FIFO that nobody writes to end the copy", arguments: Engine.available, signals)
    func silentFIFO(_ engine: Engine, _ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        try place.uringcp("fifo", "copy", engine: engine).running {
          (running) throws in
          #expect(running.waitUntil { place.isOpen("fifo", in: running.process) })
          running.send(signal.number)
          #expect(try running.wait().status == .exited(signal.status))
        }
        #expect(!place.exists("copy"))
      }
    }

    @Test("of a FIFO whose writer fell silent end the copy", arguments: Engine.available)
    func stalledFIFO(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        let writer = place.command("/bin/sh", ["-c", "exec >fifo; head -c 300000 /dev/zero; read _ || :"])
          .with { $0.input = .pipe }
        try writer.running { _ in
          try place.uringcp("fifo", "copy", engine: engine).running {
            (running) throws in
            #expect(running.waitUntil { place.size("copy") ?? 0 > 0 })
            running.send(SIGINT)
            #expect(try running.wait().status == .exited(130))
          }
        }
        #expect(!place.exists("copy"))
      }
    }

    @Test("of a FIFO that nobody reads from end the copy, and the FIFO stays", arguments: Engine.available)
    func unreadFIFO(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFIFO("fifo")
        try place.makeFile("source", size: 3 << 20)
        // Opened for reading and never read.
        let reader = place.command("/bin/sh", ["-c", "exec 3<fifo; read _ || :"]).with { $0.input = .pipe }
        try reader.running { _ in
          try place.uringcp("source", "fifo", engine: engine).running {
            (running) throws in
            #expect(running.waitUntil { place.isOpen("source", in: running.process) })
            running.send(SIGINT)
            #expect(try running.wait().status == .exited(130))
          }
        }
        #expect(place.status("fifo")?.isFIFO == true)
      }
    }

    /// Holds the copy at a transfer in its middle, interrupts it there and lets it go on.
    private func interruptHalfway(_ place: Workplace, _ way: Way, _ signal: Int32) throws -> Outcome {
      try place.makeFile("source", size: 24 << 20)
      var command = place.uringcp(
        "--reflink=never", "--chunk-size=64K", "--depth=2", "--workers=1", "source", "copy", way: way)
      command.supervision = .init(SystemCall.positionedTransfers, skipped: 60, affected: 1, .hold)
      return try command.running { running in
        #expect(running.waitForHold())
        running.send(signal)
        // Taken by the thread that waits for it, on a machine that may have other things to do.
        #expect(running.waitUntil { !Self.isPending(signal, in: running.process) })
        usleep(50_000)
        running.release()
        return try running.wait()
      }
    }

    private static func isPending(_ signal: Int32, in process: pid_t) -> Bool {
      let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
      let mask = line.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" }, radix: 16) } ?? 0
      return mask & 1 << UInt64(signal - 1) != 0
    }

    @Test("halfway remove the destination that was created", arguments: Way.all, signals)
    func halfway(_ way: Way, _ signal: (number: Int32, status: Int32)) throws {
      try withScratch { place in
        let outcome = try interruptHalfway(place, way, signal.number)
        #expect(outcome.status == .exited(signal.status), "\(outcome)")
        #expect(!place.exists("copy"))
        #expect(try place.firstDifferenceFromPattern("source", 0..<24 << 20) == nil)
      }
    }

    @Test("leave a destination that existed", arguments: Way.all)
    func existing(_ way: Way) throws {
      try withScratch { place in
        try place.makeFile("copy", size: 1000, seed: 5)
        let inode = place.status("copy")?.inode
        let outcome = try interruptHalfway(place, way, SIGINT)
        #expect(outcome.status == .exited(130), "\(outcome)")
        #expect(place.status("copy")?.inode == inode)
        #expect(place.size("copy") != 24 << 20)
      }
    }

    @Test("end a copy of several files: those done stay, those not begun do not appear")
    func severalFiles() throws {
      try withScratch { place in
        try place.makeDirectory("d")
        try place.makeFile("one", size: 100_000)
        try place.makeFile("three", size: 100_000)
        try place.makeFIFO("fifo")
        try place.uringcp("one", "fifo", "three", "d").running { (running) throws in
          #expect(running.waitUntil { place.isOpen("fifo", in: running.process) })
          running.send(SIGINT)
          #expect(try running.wait().status == .exited(130))
        }
        #expect(try place.firstDifference("one", "d/one") == nil)
        #expect(!place.exists("d/fifo"))
        #expect(!place.exists("d/three"))
      }
    }
  }
#endif
