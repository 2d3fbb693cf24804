#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite("Where io_uring is refused") struct RefusedRingTests {
    static let refusals = [EPERM, EACCES, ENOSYS, ENOMEM]

    @Test("auto copies on threads and says why", arguments: refusals, Cache.allCases)
    func auto(_ errno: Int32, _ cache: Cache) throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20 + 123)
        let command = place.uringcp("--json", "source", "copy", engine: .auto, cache: cache)
          .with { $0.refusals = [.init(.ioUringSetup, errno: errno)] }
        let outcome = try command.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try place.firstDifference("source", "copy") == nil)
        let object = try #require(try outcome.jsonObjects().first)
        #expect(object["engine"] as? String == "threads")
        let reason = try #require(object["engineReason"] as? String)
        #expect(reason.contains("io_uring") && reason.contains(String(cString: strerror(errno))), "\(reason)")
      }
    }

    @Test("auto says why in --explain, on one line")
    func explained() throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20)
        let outcome = try place.uringcp("--explain", "source", "copy")
          .with { $0.refusals = [.init(.ioUringSetup, errno: EPERM)] }.run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.outputText.contains(" on threads: "))
        let lines = outcome.outputText.split(separator: "\n").filter { $0.contains("io_uring") }
        #expect(lines.count == 1 && lines[0].contains("Operation not permitted"), "\(outcome)")
      }
    }

    @Test("--engine=uring fails with one clear line", arguments: refusals)
    func forced(_ errno: Int32) throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20)
        try place.write("old", "old")
        for destination in ["copy", "old"] as [RawString] {
          let outcome = try place.uringcp("source", destination, engine: .uring)
            .with { $0.refusals = [.init(.ioUringSetup, errno: errno)] }.run()
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorLines.count == 1, "\(outcome)")
          #expect(outcome.errorText.hasPrefix("uringcp: "))
          #expect(outcome.errorText.contains("io_uring"))
          #expect(outcome.errorText.contains(String(cString: strerror(errno))))
        }
        #expect(!place.exists("copy"))
        #expect(try place.read("old") == Array("old".utf8))
      }
    }

    @Test("the other engines do not care", arguments: [Engine.threads, .sequential])
    func others(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20)
        try place.copyAndCompare(
          "source", "copy",
          place.uringcp("source", "copy", engine: engine).with {
            $0.refusals = [.init(.ioUringSetup, errno: EPERM)]
          })
      }
    }

    @Test(
      "refused registration of buffers or files is no obstacle",
      .enabled(if: Requirement.ioUring, "\(Requirement.ioUringReason)"))
    func registration() throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20 + 5)
        try place.copyAndCompare(
          "source", "copy",
          place.uringcp("source", "copy", engine: .auto).with {
            $0.refusals = [.init(.ioUringRegister, errno: ENOMEM)]
          })
      }
    }

    @Test(
      "An ordinary user with hardly any lockable memory can copy",
      .enabled(if: Requirement.ordinaryUser, "\(Requirement.ordinaryUserReason)"),
      arguments: [0, 16 << 10, 64 << 10], Way.few.filter { $0.engine != .uring })
    func lockedMemory(_ limit: Int64, _ way: Way) throws {
      try withScratch { place in
        try place.makeDirectory("d", mode: 0o777)
        try place.makeFile("source", size: 20 << 20 + 123)
        try place.copyAndCompare(
          "source", "d/copy",
          place.uringcp("--depth=64", "source", "d/copy", way: way).with {
            $0.user = Users.ordinary
            $0.limits.lockedMemory = limit
          })
      }
    }

    @Test(
      "An ordinary user who insists on io_uring copies, or is told which limit to raise",
      .enabled(
        if: Requirement.ordinaryUser && Requirement.ioUring,
        "\(Requirement.ordinaryUserReason), and io_uring"),
      arguments: [0, 16 << 10, 64 << 10])
    func lockedMemoryForRing(_ limit: Int64) throws {
      try withScratch { place in
        try place.makeDirectory("d", mode: 0o777)
        try place.makeFile("source", size: 20 << 20 + 123)
        let outcome = try place.uringcp("--depth=64", "source", "d/copy", engine: .uring).with {
          $0.user = Users.ordinary
          $0.limits.lockedMemory = limit
        }.run()
        if outcome.succeeded {
          #expect(try place.firstDifference("source", "d/copy") == nil)
        } else {
          #expect(outcome.status == .exited(1), "\(outcome)")
          #expect(outcome.errorLines.count == 1 && outcome.errorText.contains("ulimit -l"), "\(outcome)")
          #expect(!place.exists("d/copy"))
        }
      }
    }

    @Test("Few file descriptors are enough", arguments: Engine.available)
    func descriptors(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeFile("source", size: 20 << 20)
        try place.copyAndCompare(
          "source", "copy", place.uringcp("source", "copy", engine: engine).with { $0.limits.openFiles = 32 })
      }
    }
  }
#endif
