#if os(Linux)
  import Foundation
  import TestFixtures
  import Testing

  @Suite(
    "Trees on new, full and broken file systems",
    .enabled(if: Requirement.mounts, "\(Requirement.mountsReason)"))
  struct TreeFaultTests {
    private func makeTree(_ place: Workplace) throws {
      try place.makeTree("a", directories: ["small", "deep", "deep/deeper"], files: ["x", "deep/deeper/y"])
      try place.makeFlatTree("a/small", count: 300, size: 5000)
      try place.makeFile("a/deep/large", size: 12 << 20 + 5)
      try place.makeFile("a/deep/middle", size: 1 << 20)
      try place.makeSparseFile("a/sparse", size: 10 << 20, islands: [0..<5000, 9 << 20..<(9 << 20) + 5])
      try place.makeSymbolicLink("a/link", to: "x")
      try place.makeFIFO("a/fifo")
      try place.changeMode("a/deep/deeper", 0o555)
    }

    @Test("arrive whole, by chunks and from another one", arguments: FileSystem.available)
    func whole(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { volume, disk in
        try makeTree(volume)
        try makeTree(disk)
        for engine in Engine.forced {
          for options in [["-r", "--chunk-size=1M", "--reflink=never", "a", "copy"], ["-r", "a", "copy"]]
            as [[RawString]]
          {
            let outcome = try volume.uringcp(options, engine: engine).run()
            #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
            #expect(try volume.treeDifference("a", "copy") == nil)
            let blocks = try #require(volume.status("copy/sparse")?.blocks)
            #expect(blocks < 4096)
            try volume.removeTree("copy")
          }
          let across = try disk.uringcp("-r", "a", "volume/across", engine: engine).run()
          #expect(across.succeeded && across.errors.isEmpty, "\(across)")
          #expect(try disk.treeDifference("a", "volume/across") == nil)
          try disk.removeTree("volume/across")
        }
      }
    }

    @Test(
      "share their blocks where that is possible",
      .enabled(if: Requirement.cloning, "\(Requirement.cloningReason)"), arguments: FileSystem.cloning)
    func clones(_ fileSystem: FileSystem) throws {
      try withVolume(fileSystem) { volume, disk in
        try makeTree(volume)
        for engine in Engine.forced {
          for option in ["--reflink=auto", "--reflink=always"] as [RawString] {
            let outcome = try volume.uringcp("-r", option, "a", "copy", engine: engine).run()
            #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
            #expect(try volume.treeDifference("a", "copy") == nil)
            for name in ["x", "small/file-7", "deep/large", "deep/middle"] as [RawString] {
              let extents = try volume.extents("copy" / name)
              // btrfs keeps what is tiny in the inode itself.
              #expect(
                extents.shared == extents.count || fileSystem == .btrfs && name != "deep/large", "\(name)")
            }
            try volume.removeTree("copy")
          }
          let never = try volume.uringcp("-r", "--reflink=never", "a", "copy", engine: engine).run()
          #expect(never.succeeded, "\(never)")
          for name in ["small/file-7", "deep/large", "deep/middle"] as [RawString] {
            #expect(try volume.extents("copy" / name).shared == 0)
          }
          try volume.removeTree("copy")
        }
        // Asked for where it cannot be: each file says so, none is left.
        try disk.makeDirectory("plain")
        try disk.makeFile("plain/file", size: 5000)
        let refused = try disk.uringcp("-r", "--reflink=always", "plain", "volume/plain").run()
        #expect(refused.status == .exited(1) && refused.errorLines.count == 1, "\(refused)")
        #expect(disk.exists("volume/plain") && !disk.exists("volume/plain/file"))
      }
    }

    @Test("that are full: what is there is complete, the rest is reported", arguments: Engine.available)
    func full(_ engine: Engine) throws {
      try withVolume(.tmpfs, mebibytes: 16) { _, disk in
        try disk.makeTree("a", directories: ["in"], files: [])
        try disk.makeFlatTree("a", count: 100, size: 70_000)
        try disk.makeFlatTree("a/in", count: 100, size: 70_000)
        for number in 0..<4 { try disk.makeFile("a/large \(number)", size: 9 << 20) }
        for number in 0..<4 { try disk.makeFile("a/in/middle \(number)", size: 3 << 20) }
        let outcome = try disk.uringcp("-rv", "--chunk-size=1M", "a", "volume/copy", engine: engine).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errorText.contains("No space left on device"))
        // Every file that is there is whole, and is one of those that were begun, as -v tells.
        #expect(try disk.treeDifference("volume/copy", "a", isPart: true) == nil)
        let told = outcome.outputText.split(separator: "\n").map(String.init)
        let found = try disk.command("/usr/bin/find", ["volume/copy"]).run().outputText
          .split(separator: "\n").map(String.init)
        for name in found { #expect(told.contains { $0.hasSuffix(" -> '\(name)'") }, "\(name)") }
        #expect(told.count == 210 && found.count + outcome.errorLines.count == 210)
      }
    }

    @Test(
      "that are full while pages go from file to file: what is there is complete",
      arguments: Engine.available,
      FileSystem.available.filter { $0 == .ext4 || $0 == .tmpfs })
    func fullOfPages(_ engine: Engine, _ fileSystem: FileSystem) throws {
      try withVolume(fileSystem, mebibytes: 32) { _, disk in
        try disk.makeDirectory("a")
        try disk.makeFlatTree("a", count: 100, size: 500_001)
        let outcome = try disk.uringcp("-r", "a", "volume/copy", engine: engine).run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        let errors = outcome.errorLines
        #expect(!errors.isEmpty && errors.allSatisfy { $0.contains("No space left on device") })
        #expect(try disk.treeDifference("volume/copy", "a", isPart: true) == nil)
        let found = try disk.command("/usr/bin/find", ["volume/copy", "-type", "f"]).run().outputText
          .split(separator: "\n")
        #expect(found.count + errors.count == 100 && found.count > 40, "\(found.count)")
      }
    }

    @Test("with devices, which stay what they are", arguments: Engine.available)
    func devices(_ engine: Engine) throws {
      try withScratch { place in
        try place.makeDirectory("a")
        try place.makeDevice("a/null", major: 1, minor: 3)
        try place.makeDevice("a/endless", major: 1, minor: 5)
        for name in ["a/null", "a/endless"] as [RawString] { try place.changeMode(name, 0o644) }
        let outcome = try place.uringcp("-r", "a", "copy", engine: engine).run()
        #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
        #expect(place.status("copy/endless")?.isCharacterDevice == true)
        #expect(try place.treeDifference("a", "copy") == nil)
      }
    }

    @Test("one of which is mounted inside the tree: copied too, and its .. is left alone")
    func mountedInside() throws {
      try withScratch { scratch in
        try scratch.makeTree("a/in", directories: ["volume"], files: ["x"])
        let script = """
          mount -t tmpfs tmpfs "$S/a/in/volume"
          mkdir "$S/a/in/volume/d"; echo inside >"$S/a/in/volume/d/file"
          """
        try withMounts(script, in: scratch) { place in
          let outcome = try place.uringcp("-r", "a", "copy").run()
          #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
          #expect(try place.read("copy/in/volume/d/file") == Array("inside\n".utf8))
          #expect(place.exists("copy/in/x"))
          _ = try place.command("/bin/umount", ["a/in/volume"]).run()
        }
      }
    }

    @Test("that cannot be read in the middle of one file: that one is missing, the rest is there")
    func readError() throws {
      try withScratch { scratch in
        try scratch.makeTree("contents", directories: ["in"], files: ["x"])
        try scratch.makeFlatTree("contents/in", count: 50, size: 3000)
        try scratch.makeFile("contents/zz", size: 40 << 20)
        try scratch.makeDirectory("volume")
        let script = """
          truncate -s 64M "$S/image"
          mkfs.ext4 -q -F -O ^has_journal -d "$S/contents" "$S/image"
          mount -o ro,loop "$S/image" "$S/volume"
          """
        try withMounts(script, in: scratch) { place in
          try scratch.resize("image", to: 30 << 20)
          try place.subdirectory("volume").dropFromCache("zz")
          for engine in Engine.available {
            let outcome = try place.uringcp("-rT", "volume", "copy", engine: engine).run()
            #expect(outcome.status == .exited(1), "\(outcome)")
            #expect(outcome.errorLines.contains { $0.hasPrefix("uringcp: error reading 'volume/zz'") })
            #expect(!place.exists("copy/zz"))
            #expect(place.exists("copy/x") && place.exists("copy/in/file-49"))
            try place.removeTree("copy")
          }
        }
      }
    }
  }
#endif
