import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Operands that no copy can be made of: refused before anything is touched.
@Suite struct CopyRefusalTests {
  @Test func `a file is not copied onto itself, by whatever name`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10_000)
      try FileManager.default.createSymbolicLink(
        atPath: scratch.path("symlink"), withDestinationPath: scratch.path("source"))
      try FileManager.default.linkItem(atPath: scratch.path("source"), toPath: scratch.path("hardlink"))
      for name in ["source", "hardlink", "symlink"] {
        for (from, to) in [("source", name), (name, "source")] {
          let error = try copyError(in: scratch, .sequential, from: from, to: to)
          #expect(error.cause == .sameFile)
          #expect(error.path == scratch.bytes(to))
        }
      }
      #expect(try scratch.firstDifferenceFromPattern("source", 0..<10_000) == nil)
      #expect(try scratch.size("source") == 10_000)
    }
  }

  @Test func `a destination that is a symbolic link to nothing is refused and not followed`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      try FileManager.default.createSymbolicLink(
        atPath: scratch.path("destination"), withDestinationPath: scratch.path("target"))
      let error = try copyError(in: scratch, .sequential)
      #expect(error.cause == .danglingSymlink)
      #expect(!scratch.exists("target"))
    }
  }

  @Test func `symbolic links to files are followed on both sides`() throws {
    try withScratch { scratch in
      try scratch.makePattern("real-source", size: 5_000)
      try scratch.write("real-destination", [1])
      for (link, target) in [("source", "real-source"), ("destination", "real-destination")] {
        try FileManager.default.createSymbolicLink(
          atPath: scratch.path(link), withDestinationPath: scratch.path(target))
      }
      try copy(in: scratch, .sequential)
      #expect(try scratch.firstDifference("real-source", "real-destination") == nil)
    }
  }

  @Test func `directories are refused on both sides`() throws {
    try withScratch { scratch in
      try FileManager.default.createDirectory(
        atPath: scratch.path("directory"), withIntermediateDirectories: false)
      try scratch.makePattern("file", size: 10)
      let source = try copyError(in: scratch, .sequential, from: "directory", to: "destination")
      #expect(source.errno == .isDirectory)
      #expect(source.activity == .open)
      #expect(source.path == scratch.bytes("directory"))
      #expect(!scratch.exists("destination"))
      let destination = try copyError(in: scratch, .sequential, from: "file", to: "directory")
      #expect(destination.errno == .isDirectory)
      #expect(destination.path == scratch.bytes("directory"))
    }
  }

  @Test func `a missing source creates no destination`() throws {
    try withScratch { scratch in
      let error = try copyError(in: scratch, .sequential, from: "missing")
      #expect(error.errno == .noSuchFileOrDirectory)
      #expect(error.activity == .status)
      #expect(error.path == scratch.bytes("missing"))
      #expect(try scratch.names().isEmpty)
    }
  }

  @Test func `a missing directory of the destination is reported with the destination's name`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      let error = try copyError(in: scratch, .sequential, to: "missing/destination")
      #expect(error.errno == .noSuchFileOrDirectory)
      #expect(error.activity == .create)
      #expect(error.path == scratch.bytes("missing/destination"))
    }
  }

  @Test func `a destination that is to be kept is not touched`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      try scratch.write("destination", [1, 2, 3])
      var options = CopyOptions.inChunks
      options.existing = .keep
      let report = try copy(in: scratch, .sequential, options)
      #expect(report.strategy == .kept)
      #expect(try scratch.read("destination") == [1, 2, 3])
    }
  }

  @Test func `a destination that is in the way of writing is replaced where that is asked for`() throws {
    try withScratch { scratch in
      // A program that runs cannot be written to (ETXTBSY), by root neither.
      try scratch.makePattern("source", size: 5_000)
      try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: scratch.path("destination"))
      let process = try startSleeping(scratch.path("destination"))
      defer {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      #expect(try copyError(in: scratch, .sequential).errno == .textFileBusy)
      var options = CopyOptions.inChunks
      options.existing = .replaceIfNeeded
      try copy(in: scratch, .sequential, options)
      #expect(try scratch.firstDifference("source", "destination") == nil)
    }
  }

  /// Starts a copy of sleep(1). A child that another test is just starting may still have the file open for
  /// writing, which makes this one's start fail: then it is tried again.
  private func startSleeping(_ path: String) throws -> Process {
    var attempts = 0
    while true {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = ["100"]
      do {
        try process.run()
        return process
      } catch {
        attempts += 1
        if attempts == 1_000 { throw error }
        usleep(1_000)
      }
    }
  }

  @Test(arguments: [0, -1, 4095, (1 << 30) + 1])
  func `a chunk size out of range is refused`(chunk: Int) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      var options = CopyOptions.inChunks
      options.chunkByteCount = chunk
      let error = try copyError(in: scratch, .sequential, options)
      #expect(error.errno == .invalidArgument)
      #expect(error.note == "chunk size out of range")
      #expect(!scratch.exists("destination"))
    }
  }

  @Test(arguments: [0, -1, 4097])
  func `a depth out of range is refused`(depth: Int) throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 10)
      var options = CopyOptions.inChunks
      options.depth = depth
      let error = try copyError(in: scratch, .sequential, options)
      #expect(error.errno == .invalidArgument)
      #expect(error.note == "depth out of range")
    }
  }

  /// Whether the kernel promises any amount of memory.
  private static let promisesEverything =
    (try? String(contentsOfFile: "/proc/sys/vm/overcommit_memory", encoding: .utf8)) == "1\n"

  @Test(.enabled(if: EngineUnderTest.hasRing && !promisesEverything))
  func `more memory than there is, is an error that leaves nothing behind`() throws {
    try withScratch { scratch in
      try scratch.makePattern("source", size: 2 << 20)
      var options = CopyOptions.inChunks
      options.chunkByteCount = 1 << 30
      options.depth = 4096
      let error = try copyError(in: scratch, .ring, options)
      #expect(error.activity == .allocateMemory)
      #expect(error.errno == .noMemory)
      #expect(!scratch.exists("destination"))
    }
  }
}
