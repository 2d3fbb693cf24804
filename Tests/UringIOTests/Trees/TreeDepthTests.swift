import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Deep trees with few descriptors: directories are closed and opened again through `..`.
@Suite struct TreeDepthTests {
  @Test(arguments: EngineUnderTest.available, [2, 3, 10])
  func `a chain with siblings on every level`(_ kind: EngineUnderTest, openDirectoriesMax: Int) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDeep("source", levels: 100, siblingEvery: 1)
      let report = try walkTree(in: scratch, kind, openDirectoriesMax: openDirectoriesMax)
      #expect(report.failures.isEmpty, "\(report.failures.first.map { "\($0)" } ?? "")")
      #expect(report.directoryCount == 301 && report.fileCount == 300)
      #expect(try scratch.treeDifference() == nil)
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a chain with siblings far apart: what is between them needs nothing itself`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDeep("source", levels: 300, siblingEvery: 100)
      let report = try walkTree(in: scratch, kind, openDirectoriesMax: 4)
      #expect(report.failures.isEmpty, "\(report.failures.first.map { "\($0)" } ?? "")")
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `read-only directories above deep ones get their permissions at the end`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDeep("source", levels: 60, siblingEvery: 20)
      var name = "source"
      for level in 0..<60 {
        if level % 20 == 10 { try scratch.changeMode(name, 0o555) }
        name += "/d"
      }
      let report = try walkTree(in: scratch, kind, openDirectoriesMax: 3)
      #expect(report.failures.isEmpty)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `5,000 levels, far beyond the longest path`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDeep("source", levels: 5000, of: "a-longer-name", siblingEvery: 1000)
      let report = try copyTree(in: scratch, kind)
      #expect(report.failures.isEmpty)
      #expect(report.directoryCount == 5011 && report.fileCount == 5010)
      #expect(try scratch.treeDifference() == nil)
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `5,000 levels that end in an error say where, and a cancelled copy of them ends`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDeep("source", levels: 5000, of: "a-longer-name")
      let failing = try copyTree(
        in: scratch, kind, intercept: Intercepting.number(4900, of: .makeDirectory, failsWith: .ioError))
      #expect(failing.failureCount == 1)
      let path = try #require(failing.failures.first?.path)
      #expect(path.bytes.count == scratch.bytes("destination").bytes.count + 4900 * 14)
      let cancellation = Cancellation()
      let error = try copyTreeError(
        in: scratch, kind, cancellation: cancellation,
        intercept: Intercepting.before(4500, of: .makeDirectory, do: cancellation.cancel), to: "second")
      #expect(error.isCancellation)
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a directory that is moved while its subtree is copied is noticed`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDirectory("elsewhere")
      try scratch.makeDeep("source", levels: 40, siblingEvery: 1)
      let report = try walkTree(
        in: scratch, kind, openDirectoriesMax: 2, roomCount: 1, depth: 1,
        intercept: Intercepting.before(30, of: .listDirectory) {
          scratch.rename("source/d/d/d", to: "elsewhere/moved")
        })
      // Nothing of "elsewhere" is taken for the directory that was around it.
      let failure = try #require(report.failures.first)
      #expect(failure.errno == .staleNFSFileHandle && failure.activity == .openDirectory)
      #expect(failure.note?.contains("moved") == true)
      #expect(try scratch.names() == ["destination", "elsewhere", "source"])
      #expect(scratch.exists("elsewhere/moved") && !scratch.exists("destination/moved"))
      #expect(try scratch.treeDifference("elsewhere/moved", "destination/d/d/d", isPart: true) == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a destination that is moved meanwhile is noticed, and nothing is written around it`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDirectory("elsewhere")
      try scratch.makeDeep("source", levels: 40, siblingEvery: 1)
      let report = try walkTree(
        in: scratch, kind, openDirectoriesMax: 2, roomCount: 1, depth: 1,
        intercept: Intercepting.before(30, of: .listDirectory) {
          scratch.rename("destination/d/d/d", to: "elsewhere/moved")
        })
      #expect(report.failures.first?.errno == .staleNFSFileHandle)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("elsewhere")) == ["moved"])
      #expect(try scratch.treeDifference("source/d/d/d", "elsewhere/moved") == nil)
      #expect(try scratch.treeDifference("destination", "source", isPart: true) == nil)
    }
  }
}
