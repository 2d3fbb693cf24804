#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  /// Where and as whom a table is run.
  struct Ground: Sendable, CustomTestStringConvertible {
    /// `nil`: `$TMPDIR`'s, whatever that is.
    let fileSystem: FileSystem?
    let isRoot: Bool

    var testDescription: String {
      "\(fileSystem.map { "\($0)" } ?? "the temporary directory") as \(isRoot ? "root" : "an ordinary user")"
    }

    /// The user that the commands become; `nil`: whoever runs the tests.
    var user: UInt32? { isRoot ? nil : Users.ordinary }

    private static let fileSystems: [FileSystem?] =
      FileSystem.available.isEmpty ? [nil] : FileSystem.available

    /// Whether each case is to be run on each file system, which takes several times as long.
    static let comparesEverywhere = ProcessInfo.processInfo.environment["COMPARE_EVERYWHERE"] == "1"

    /// Whether a case that is run on one file system is run on this one.
    func isInTurn(_ number: UInt64) -> Bool {
      let index = (isRoot ? number : number + 1) % UInt64(Self.fileSystems.count)
      return Self.fileSystems[Int(index)] == fileSystem
    }

    static let available: [Ground] = {
      for fileSystem in FileSystem.allCases where !fileSystems.contains(fileSystem) {
        let reason = Requirement.mounts ? "needs mkfs.\(fileSystem)" : Requirement.mountsReason
        print("Not compared on \(fileSystem): \(reason)")
      }
      if !Requirement.root { print("Not compared as root: \(Requirement.rootReason)") }
      let asRoot = fileSystems.map { Ground(fileSystem: $0, isRoot: true) }
      let asOrdinaryUser = fileSystems.map { Ground(fileSystem: $0, isRoot: false) }
      if !Requirement.ordinaryUser {
        print("Not compared as an ordinary user: \(Requirement.ordinaryUserReason)")
      }
      return (Requirement.root ? asRoot : []) + (Requirement.ordinaryUser ? asOrdinaryUser : [])
    }()

    /// A new directory on it in which sandboxes are made.
    func withPlace<R>(_ body: (Workplace) throws -> R) throws -> R {
      func within(_ volume: Workplace) throws -> R {
        let name = RawString(UUID().uuidString)
        try volume.makeDirectory(name)
        defer { try? volume.removeTree(name) }
        return try body(volume.subdirectory(name))
      }
      guard let fileSystem else { return try withScratch { try within($0) } }
      guard let volume = VolumesTrait.places[fileSystem] else {
        throw FixtureFailure("no volume with \(fileSystem) around this test")
      }
      return try within(volume)
    }
  }

  /// Gives a suite's tests one new file system of each kind.
  struct VolumesTrait: SuiteTrait, TestScoping {
    @TaskLocal static var places: [FileSystem: Workplace] = [:]

    func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      guard !FileSystem.available.isEmpty else { return try await function() }
      // XFS is not made smaller than 300 MiB.
      let volumes = try Volumes(FileSystem.available, mebibytes: 320)
      do {
        try await Self.$places.withValue(volumes.places) { try await function() }
      } catch {
        try? volumes.end()
        throw error
      }
      try volumes.end()
    }
  }

  extension Trait where Self == VolumesTrait {
    static var volumes: VolumesTrait { VolumesTrait() }
  }
#endif
