import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Copies into what is there already.
@Suite struct TreeMergeTests {
  private func makeSource(_ scratch: Scratch) throws {
    try scratch.makeDirectory("source")
    try scratch.makeDirectory("source/both")
    for name in ["file", "both/file", "large"] {
      try scratch.makePattern("source/\(name)", size: name == "large" ? 9 << 20 : 1000)
    }
  }

  private func text(_ scratch: Scratch, _ name: String) throws -> String {
    String(decoding: try scratch.read(name), as: UTF8.self)
  }

  @Test(arguments: EngineUnderTest.available)
  func `directories are gone on in, files overwritten, others left alone`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try scratch.makeDirectory("destination")
      try scratch.makeDirectory("destination/both", mode: 0o700)
      for name in ["file", "both/file", "large", "other", "both/other"] {
        try scratch.makePattern("destination/\(name)", size: 12 << 20, seed: 5)
      }
      try scratch.changeMode("destination/file", 0o600)
      let inode = try scratch.status("destination/file").st_ino
      let report = try copyTree(in: scratch, kind, .inChunks)
      #expect(report.failureCount == 0 && report.fileCount == 3 && report.keptCount == 0)
      for name in ["file", "both/file", "large"] {
        #expect(try scratch.firstDifference("source/\(name)", "destination/\(name)") == nil)
      }
      for name in ["other", "both/other"] {
        #expect(try scratch.firstDifferenceFromPattern("destination/\(name)", 0..<12 << 20, seed: 5) == nil)
      }
      // As cp does, what existed keeps its permissions.
      let file = try scratch.status("destination/file")
      #expect(file.st_ino == inode && file.st_mode & 0o777 == 0o600)
      #expect(try scratch.status("destination/both").st_mode & 0o777 == 0o700)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what exists is kept where that is asked for`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try scratch.makeLink("source/link", to: "new")
      try scratch.makeFIFO("source/fifo")
      try scratch.makeDirectory("destination")
      for name in ["file", "large", "fifo"] { try scratch.write("destination/\(name)", Array("old".utf8)) }
      try scratch.makeLink("destination/link", to: "old")
      var options = TreeOptions()
      options.existing = .keep
      let report = try copyTree(in: scratch, kind, options)
      #expect(report.keptCount == 4 && report.fileCount == 1 && report.failureCount == 0)
      for name in ["file", "large", "fifo"] { #expect(try text(scratch, "destination/\(name)") == "old") }
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("destination/link")) == "old")
      #expect(try scratch.firstDifference("source/both/file", "destination/both/file") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `links and special files replace what is there`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeDirectory("source")
      try scratch.makeLink("source/link", to: "new")
      try scratch.makeFIFO("source/fifo")
      try scratch.makeDirectory("destination")
      try scratch.write("destination/link", Array("old".utf8))
      try scratch.makeLink("destination/fifo", to: "elsewhere")
      let report = try copyTree(in: scratch, kind)
      #expect(report.failureCount == 0)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a link that has the name of a file, or of a directory, is not followed`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try scratch.makeDirectory("target")
      try scratch.write("target/file", Array("untouched".utf8))
      try scratch.makeDirectory("destination")
      try scratch.makeLink("destination/file", to: "../target/file")
      try scratch.makeLink("destination/both", to: "../target")
      try scratch.makeLink("destination/large", to: "../created")
      for existing in [CopyOptions.Existing.overwrite, .replaceIfNeeded] {
        var options = TreeOptions()
        options.existing = existing
        let report = try copyTree(in: scratch, kind, options)
        #expect(report.failureCount == 3 && report.fileCount == 0)
        #expect(report.failures.filter { $0.cause == .notRegular }.count == 2)
        #expect(report.failures.filter { $0.cause == .directoryOverOther }.count == 1)
        #expect(try text(scratch, "target/file") == "untouched")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("target")) == ["file"])
        #expect(!scratch.exists("created"))
      }
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a file over a directory and a directory over a file are refused, the rest goes on`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try scratch.makeLink("source/link", to: "x")
      try scratch.makeDirectory("destination")
      try scratch.makeDirectory("destination/file")
      try scratch.makeDirectory("destination/link")
      try scratch.write("destination/both", Array("old".utf8))
      let report = try copyTree(in: scratch, kind)
      #expect(report.failureCount == 3)
      let causes = Dictionary(
        uniqueKeysWithValues: report.failures.map { ($0.path?.lastComponent.text ?? "", $0.cause) })
      #expect(
        causes == ["file": .otherOverDirectory, "link": .otherOverDirectory, "both": .directoryOverOther])
      #expect(try text(scratch, "destination/both") == "old")
      #expect(try scratch.firstDifference("source/large", "destination/large") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a tree is not copied into itself for ever`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      let report = try copyTree(in: scratch, kind, to: "source/both/copy")
      #expect(report.failures.map(\.cause) == [.intoItself])
      #expect(report.fileCount == 3)
      #expect(try scratch.names() == ["source"])
      #expect(try scratch.firstDifference("source/large", "source/both/copy/large") == nil)
      #expect(!scratch.exists("source/both/copy/both/copy"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a tree is not copied onto itself, by any name`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try scratch.makeLink("link", to: "source")
      for name in ["source", "source/both/..", "link", "link/", "source/"] {
        let error = try copyTreeError(in: scratch, kind, to: name)
        #expect(error.cause == .sameFile)
      }
      #expect(try scratch.firstDifferenceFromPattern("source/file", 0..<1000) == nil)
      // A file inside that is the same one, by a hard link.
      try scratch.makeDirectory("destination")
      #expect(Foundation.link(scratch.path("source/file"), scratch.path("destination/file")) == 0)
      let report = try copyTree(in: scratch, kind)
      #expect(report.failures.map(\.cause) == [.sameFile])
      #expect(try scratch.firstDifferenceFromPattern("source/file", 0..<1000) == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `an upper directory is copied over, not into, one below it`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      let report = try copyTree(in: scratch, kind, from: "source/both", to: "source")
      #expect(report.failureCount == 0 && report.fileCount == 1)
      #expect(try scratch.firstDifference("source/both/file", "source/file") == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what is no tree, or has nowhere to go, is thrown`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try makeSource(scratch)
      try scratch.write("file", [])
      #expect(try copyTreeError(in: scratch, kind, from: "missing").errno == .noSuchFileOrDirectory)
      #expect(try copyTreeError(in: scratch, kind, to: "missing/copy").errno == .noSuchFileOrDirectory)
      #expect(try copyTreeError(in: scratch, kind, to: "file").cause == .directoryOverOther)
      #expect(try copyTreeError(in: scratch, kind, to: "file/copy").errno == .notDirectory)
      var options = TreeOptions()
      options.depth = 0
      #expect(try copyTreeError(in: scratch, kind, options).errno == .invalidArgument)
      #expect(try scratch.names() == ["file", "source"])
    }
  }
}
