#if os(Linux)
  import Foundation

  /// The file system of FuseFixture.c, compiled once beside the tests.
  enum FuseProgram {
    static let executable = RawString("\(Executables.directory)/fuse-fixture")

    /// Why there is none; `nil` where it has been built.
    static let problem: String? = {
      guard FileManager.default.fileExists(atPath: "/dev/fuse") else { return "no /dev/fuse" }
      let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../FuseFixture/FuseFixture.c").standardized.path
      let build = Command(
        "/bin/sh",
        [
          "-c", "cc -O1 -o \"$1\" \"$2\" $(pkg-config fuse3 --cflags --libs)", "sh", executable,
          RawString(source),
        ])
      do {
        let outcome = try build.run()
        return outcome.succeeded ? nil : outcome.errorText
      } catch {
        return "\(error)"
      }
    }()
  }

  /// A mounted ``FuseProgram``.
  public struct FuseVolume {
    /// Through the file system.
    public let mounted: Workplace
    /// The directory on the disk in which it is mounted, as "volume".
    public let mountedParent: Workplace
    /// Around it: the directory it shows.
    public let backing: Workplace
    private let scratch: Workplace

    /// One thing that the file system was asked, and its answer.
    public struct Request: Sendable {
      public let name: String
      public let numbers: [Int64]
      public var result: Int64 { numbers.last ?? 0 }
    }

    /// What it was asked so far, in order. Names: copy, read, write, allocate, open.
    public func log(_ name: String) throws -> [Request] {
      try String(decoding: scratch.read("log"), as: UTF8.self).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard words.first.map(String.init) == name else { return nil }
        return Request(name: name, numbers: words.dropFirst().compactMap { Int64($0) })
      }
    }

    init(scratch: Workplace, inside: Workplace) {
      self.scratch = scratch
      mountedParent = inside
      mounted = inside.subdirectory("volume")
      backing = scratch.subdirectory("backing")
    }
  }

  /// Runs a test on a file system with these options of FuseFixture.c's.
  public func withFuse<R>(_ options: [String], _ body: (FuseVolume) throws -> R) throws -> R {
    try withScratch { scratch in
      try scratch.makeDirectory("backing")
      try scratch.makeDirectory("volume")
      let all = ["backing=\(scratch.directory)/backing", "log=\(scratch.directory)/log"] + options
      let script = """
        "\(FuseProgram.executable)" -f -s -o '\(all.joined(separator: ","))' "$S/volume" &
        until mountpoint -q "$S/volume"; do kill -0 $! || exit 1; sleep 0.01; done
        """
      return try withMounts(script, in: scratch) { try body(FuseVolume(scratch: scratch, inside: $0)) }
    }
  }
#endif
