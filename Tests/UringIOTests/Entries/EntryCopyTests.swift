#if LINUX
  import Foundation
  import SystemPackage
  import Testing

  @testable import UringIO

  /// What cp's rules do beyond what a comparison with cp shows: races, failures, and what is cleaned up after them.
  @Suite struct EntryCopyTests {
    private func entry(_ scratch: Scratch, _ rules: EntryRules, from: String, to: String) -> EntryCopy {
      EntryCopy(
        rules: rules, from: EntryPlace(directory: .workingDirectory, name: FileName(scratch.bytes(from))),
        to: EntryPlace(directory: .workingDirectory, name: FileName(scratch.bytes(to))), isOperand: false,
        sourcePath: { scratch.bytes(from) }, destinationPath: { scratch.bytes(to) })
    }

    private func close(_ entry: EntryCopy) {
      for descriptor in [entry.sourceDescriptor, entry.destinationDescriptor] { try? descriptor?.close() }
      entry.handOver()
    }

    @Test func `a file that replaced the one that was looked at is not copied`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 10)
        let looked = try FileStatus.of(scratch.bytes("file")).get()
        rename(scratch.path("file"), scratch.path("kept"))
        try scratch.makePattern("file", size: 10, seed: 2)
        let entry = entry(scratch, EntryRules(), from: "file", to: "copy")
        guard case .failed(let error) = entry.begin(looked) else { throw TestFailure("copied") }
        #expect(error.cause == .replacedMeanwhile && !scratch.exists("copy"))
      }
    }

    @Test func `a backup comes back when the copy fails`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 10)
        try scratch.makePattern("copy", size: 20, seed: 2)
        var rules = EntryRules()
        rules.options.backup = Backup(.simple)
        let entry = entry(scratch, rules, from: "file", to: "copy")
        guard case .opened = entry.begin() else { throw TestFailure("opened") }
        #expect(try scratch.size("copy~") == 20 && scratch.size("copy") == 0)
        close(entry)
        entry.giveUp()
        #expect(try scratch.size("copy") == 20 && !scratch.exists("copy~"))
        #expect(try scratch.firstDifferenceFromPattern("copy", 0..<20, seed: 2) == nil)
      }
    }

    @Test
    func `names linked to a copy that fails afterwards are taken away, and the next name is copied anew`()
      throws
    {
      try withScratch { scratch in
        try scratch.makePattern("one", size: 10)
        for name in ["two", "three"] { link(scratch.path("one"), scratch.path(name)) }
        var rules = EntryRules()
        rules.options.preserved = .links
        let first = entry(scratch, rules, from: "one", to: "copy one")
        guard case .opened = first.begin() else { throw TestFailure("opened") }
        let second = entry(scratch, rules, from: "two", to: "copy two")
        guard case .made(.hardLink) = second.begin() else { throw TestFailure("linked") }
        #expect(try scratch.status("copy one").st_ino == scratch.status("copy two").st_ino)
        close(first)
        first.giveUp()
        #expect(!scratch.exists("copy two"))
        #expect(first.failures.map(\.cause) == [.firstLinkFailed])
        let third = entry(scratch, rules, from: "three", to: "copy three")
        guard case .opened = third.begin() else { throw TestFailure("copied") }
        close(third)
      }
    }

    @Test func `a copy whose name somebody has taken gets no further names`() throws {
      try withScratch { scratch in
        try scratch.makePattern("one", size: 10)
        link(scratch.path("one"), scratch.path("two"))
        var rules = EntryRules()
        rules.options.preserved = .links
        let first = entry(scratch, rules, from: "one", to: "copy one")
        guard case .opened = first.begin() else { throw TestFailure("opened") }
        close(first)
        rename(scratch.path("copy one"), scratch.path("moved"))
        try scratch.makePattern("copy one", size: 3)
        let second = entry(scratch, rules, from: "two", to: "copy two")
        guard case .failed(let error) = second.begin() else { throw TestFailure("linked") }
        #expect(error.errno == .staleNFSFileHandle && !scratch.exists("copy two"))
      }
    }

    @Test func `nothing is written through a link unless that is asked for`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 10)
        try scratch.makePattern("outside", size: 20, seed: 2)
        symlink("outside", scratch.path("copy"))
        var rules = EntryRules()
        let refused = entry(scratch, rules, from: "file", to: "copy")
        guard case .failed(let error) = refused.begin() else { throw TestFailure("written") }
        #expect(error.cause == .notRegular)
        #expect(try scratch.firstDifferenceFromPattern("outside", 0..<20, seed: 2) == nil)
        rules.writesThroughLinks = true
        let followed = entry(scratch, rules, from: "file", to: "copy")
        guard case .opened = followed.begin() else { throw TestFailure("refused") }
        #expect(try scratch.size("outside") == 0)
        close(followed)
      }
    }

    @Test func `a private file's copy is nobody else's to read before its metadata is complete`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 10)
        chmod(scratch.path("file"), 0o755)
        var rules = EntryRules()
        rules.options.preserved = [.ownership, .permissions]
        let entry = entry(scratch, rules, from: "file", to: "copy")
        guard case .opened = entry.begin() else { throw TestFailure("opened") }
        #expect(try scratch.status("copy").st_mode & 0o777 == 0o700)
        entry.applyMetadata()
        #expect(entry.failures.isEmpty)
        #expect(try scratch.status("copy").st_mode & 0o777 == 0o755)
        close(entry)
      }
    }

    @Test func `metadata that cannot be set is a failure for each kind`() throws {
      try withScratch { scratch in
        try scratch.makePattern("file", size: 10)
        let place = EntryPlace(directory: .workingDirectory, name: FileName(scratch.bytes("file")))
        let status = try FileStatus.of(scratch.bytes("file")).get()
        for (preserved, activity) in [
          (.timestamps, .preserveTimes), (.ownership, .preserveOwnership),
          (.permissions, .preservePermissions),
        ] as [(PreservedMetadata, FileIOError.Activity)] {
          let copy = MetadataCopy(
            preserved: preserved, ignoresPermissions: false, kind: .file, source: FileMetadata(place),
            status: status,
            destination: FileMetadata(FileDescriptor(rawValue: 9_999), at: place), destinationStatus: nil,
            isNew: true,
            sourcePath: { scratch.bytes("file") }, path: { scratch.bytes("copy") })
          let failures = copy.apply()
          #expect(failures.map(\.activity) == [activity])
          #expect(failures.allSatisfy { $0.errno == .badFileDescriptor && $0.path == scratch.bytes("copy") })
        }
      }
    }
  }
#endif
