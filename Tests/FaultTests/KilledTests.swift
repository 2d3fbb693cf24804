#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// Kills the copy at each of its system calls in turn. The calls are held by a supervisor, so the kill
  /// lands exactly there.
  @Suite("A copy killed at any moment") struct KilledTests {
    static let size: Int64 = 3 << 20 + 123
    static let calls = SystemCall.transfers + [.fallocate, .ftruncate, .copyFileRange, .ioctl, .exitGroup]

    private func command(_ place: Workplace, _ way: Way, _ supervision: Command.Supervision) -> Command {
      place.uringcp(
        "--reflink=never", "--chunk-size=256K", "--depth=3", "--workers=2", "source", "copy", way: way
      )
      .with { $0.supervision = supervision }
    }

    @Test("leaves no destination of the full size that is not complete", arguments: Way.all, [false, true])
    func killed(_ way: Way, _ destinationExists: Bool) throws {
      try withScratch { place in
        try place.makeFile("source", size: Self.size)
        func prepare() throws {
          try place.removeIfThere("copy")
          // Of the full size from the start: every way there leads over another size.
          if destinationExists { try place.makeFile("copy", size: Self.size, seed: 50) }
        }
        try prepare()
        let total = try command(place, way, .init(Self.calls, .pass)).running { running in
          let outcome = try running.wait()
          #expect(outcome.succeeded, "\(outcome)")
          return running.supervisedCallCount
        }
        var unfinished = 0
        // The number of calls varies a little from run to run.
        for index in 0..<total + 4 {
          try prepare()
          let wasHeld = try command(place, way, .init(Self.calls, skipped: index, affected: 1, .hold)).running
          { running in
            let wasHeld = running.waitForHold()
            running.send(SIGKILL)
            _ = try running.wait()
            return wasHeld
          }
          if !wasHeld { continue }
          unfinished += 1
          guard place.size("copy") == Self.size else { continue }
          let isOld =
            try destinationExists && place.firstDifferenceFromPattern("copy", 0..<Self.size, seed: 50) == nil
          let isComplete = try place.firstDifference("source", "copy") == nil
          #expect(isOld || isComplete, "killed at call \(index) of \(total)")
        }
        #expect(unfinished >= 10)
      }
    }

    @Test("and repeated afterwards is right", arguments: Engine.available)
    func repeated(_ engine: Engine) throws {
      let way = Way(engine: engine, cache: .auto)
      try withScratch { place in
        try place.makeFile("source", size: 24 << 20)
        var killed = place.uringcp(
          "--reflink=never", "--chunk-size=256K", "--depth=3", "source", "copy", way: way)
        killed.supervision = .init(SystemCall.positionedTransfers, skipped: 20, affected: 1, .hold)
        try killed.running { (running) throws in
          #expect(running.waitForHold())
          running.send(SIGKILL)
          #expect(try running.wait().status == .killed(signal: SIGKILL))
        }
        #expect(place.size("copy") != 24 << 20)
        try place.copyAndCompare("source", "copy", place.uringcp("source", "copy", way: way))
      }
    }
  }
#endif
