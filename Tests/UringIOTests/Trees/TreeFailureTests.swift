import CTestSupport
import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// One entry's failure is reported, leaves nothing that looks complete, and the rest goes on.
@Suite struct TreeFailureTests {
  private func makeSource(_ scratch: Scratch) throws {
    try scratch.makeFlat("source", count: 100)
    try scratch.makeFlat("source/inner", count: 100)
    try scratch.makePattern("source/middle", size: 1 << 20)
    try scratch.makePattern("source/large", size: 9 << 20)
  }

  /// Checks that just this name failed and everything else arrived.
  private func onlyMissing(
    _ name: String, _ scratch: Scratch, _ report: TreeReport, _ errno: Errno, count: Int = 202
  ) throws {
    #expect(report.failureCount == 1 && report.failures.count == 1)
    #expect(report.failures.first?.errno == errno)
    #expect(report.failures.first?.path?.text?.hasSuffix("/" + name) == true, "\(report.failures)")
    #expect(!scratch.exists("destination/\(name)"))
    #expect(report.fileCount == count - 1)
    #expect(try scratch.treeDifference("destination", "source", isPart: true) == nil)
    #expect(scratch.descriptorCount == 0)
  }

  @Test(arguments: EngineUnderTest.available, ["middle", "large"])
  func `a read error halfway removes that file alone`(_ kind: EngineUnderTest, name: String) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let inode = UInt64(try scratch.status("source/\(name)").st_ino)
      let report = try copyTree(
        in: scratch, kind, .inChunks,
        intercept: Intercepting.every(.read, failsWith: .ioError) { operation in
          guard let descriptor = operation.descriptor, operation.offset ?? 0 >= 512 << 10 else {
            return false
          }
          var status = stat()
          return fstat(descriptor.rawValue, &status) == 0 && UInt64(status.st_ino) == inode
        })
      try onlyMissing(name, scratch, report, .ioError)
      #expect(report.failures.first?.activity == .read)
      #expect(report.failures.first?.note?.contains("the unfinished destination was removed") == true)
    }
  }

  @Test(
    arguments: EngineUnderTest.available,
    [
      (UringIO.Operation.Kind.createFile, Errno.noSpace, FileIOError.Activity.create),
      (.openFile, .tooManyOpenFiles, .open),
    ])
  func `a file that cannot be opened or created`(
    _ kind: EngineUnderTest, _ failure: (UringIO.Operation.Kind, Errno, FileIOError.Activity)
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let report = try copyTree(
        in: scratch, kind, .inChunks,
        intercept: Intercepting.every(failure.0, failsWith: failure.1) { $0.name == "middle" })
      try onlyMissing("middle", scratch, report, failure.1)
      #expect(report.failures.first?.activity == failure.2)
    }
  }

  @Test(
    arguments: EngineUnderTest.available,
    [(UringIO.Operation.Kind.write, Errno.noSpace), (.closeFile, .ioError), (.write, .diskQuotaExceeded)])
  func `a write or a close that fails removes the file`(
    _ kind: EngineUnderTest, _ failure: (UringIO.Operation.Kind, Errno)
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: 30)
      // A close is intercepted before it is made, which would leave the descriptor open: made here.
      let failing = Intercepting.number(10, of: failure.0, failsWith: failure.1)
      let report = try copyTree(in: scratch, kind, .inChunks) { operation in
        let answer = failing(operation)
        if case .fail = answer, case .closeFile(let descriptor) = operation { try? descriptor.close() }
        return answer
      }
      // Closing a source loses nothing.
      let count = try FileManager.default.contentsOfDirectory(atPath: scratch.path("destination")).count
      #expect(report.failureCount <= 1 && report.fileCount == 30 - report.failureCount)
      #expect(report.failureCount == 1 || failure.0 == .closeFile)
      #expect(count == report.fileCount)
      #expect(try scratch.treeDifference("destination", "source", isPart: true) == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `short transfers and interruptions are gone on from`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let shortening = Intercepting.transfersAtMost(30_000)
      let interrupting = Intercepting.first(50, of: .write, failWith: .interrupted)
      let report = try copyTree(in: scratch, kind, .inChunks) { operation in
        if case .fail(let errno) = interrupting(operation) { return .fail(errno) }
        return shortening(operation)
      }
      #expect(report.failureCount == 0)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(
    arguments: EngineUnderTest.available,
    [
      (UringIO.Operation.Kind.openFile, FileIOError.Activity.openDirectory),
      (.makeDirectory, .createDirectory),
    ])
  func `a directory that cannot be opened or made is left out`(
    _ kind: EngineUnderTest, _ failure: (UringIO.Operation.Kind, FileIOError.Activity)
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      let report = try copyTree(
        in: scratch, kind, .inChunks,
        intercept: Intercepting.every(failure.0, failsWith: .ioError) { $0.name == "inner" })
      try onlyMissing("inner", scratch, report, .ioError, count: 103)
      #expect(report.failures.first?.activity == failure.1)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a directory whose listing breaks off is reported, and what was listed is copied`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: 300, size: 1)
      let report = try copyTree(
        in: scratch, kind, .inChunks,
        intercept: Intercepting.number(1, of: .listDirectory, failsWith: .ioError))
      #expect(report.failures.map(\.activity) == [.listDirectory])
      #expect(report.fileCount == 300)
      #expect(try scratch.treeDifference() == nil)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `more failures than are kept are still counted`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: TreeReport.failuresMax + 50)
      let report = try copyTree(
        in: scratch, kind, .inChunks, intercept: Intercepting.every(.createFile, failsWith: .noSpace))
      #expect(report.failureCount == TreeReport.failuresMax + 50)
      #expect(report.failures.count == TreeReport.failuresMax)
      #expect(scratch.descriptorCount == 0)
    }
  }

  // MARK: Names that change hands

  enum Change: CaseIterable {
    case vanishes, link, linkToDirectory, fifo, directory, socket
  }

  @Test(arguments: EngineUnderTest.available, Change.allCases)
  func `a file that becomes something else after it was listed is not followed`(
    _ kind: EngineUnderTest, _ change: Change
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      try scratch.write("secret", Array("secret".utf8))
      let report = try copyTree(in: scratch, kind, .inChunks) { operation in
        guard case .openFile(_, let name, .read) = operation, name.text == "middle" else { return .pass }
        unlink(scratch.path("source/middle"))
        switch change {
        case .vanishes: break
        case .link: try? scratch.makeLink("source/middle", to: "../secret")
        case .linkToDirectory: try? scratch.makeLink("source/middle", to: "..")
        case .fifo: try? scratch.makeFIFO("source/middle")
        case .directory: try? scratch.makeDirectory("source/middle")
        case .socket: try? scratch.makeSocket("source/middle")
        }
        return .pass
      }
      #expect(report.failureCount == 1 && report.fileCount == 201)
      let failure = try #require(report.failures.first)
      switch change {
      case .vanishes: #expect(failure.errno == .noSuchFileOrDirectory)
      case .link, .linkToDirectory: #expect(failure.errno == .tooManySymbolicLinkLevels)
      case .fifo, .directory: #expect(failure.cause == .changedType)
      case .socket: #expect(failure.errno == .noSuchAddressOrDevice)
      }
      #expect(!scratch.exists("destination/middle"))
      #expect(scratch.descriptorCount == 0)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a directory that becomes a link after it was listed is not followed`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      try scratch.makeFlat("secret", count: 1)
      let report = try copyTree(in: scratch, kind, .inChunks) { operation in
        guard case .openFile(_, let name, .directory) = operation, name.text == "inner",
          !scratch.exists("moved")
        else { return .pass }
        scratch.rename("source/inner", to: "moved")
        try? scratch.makeLink("source/inner", to: "../secret")
        return .pass
      }
      #expect(report.failureCount == 1 && report.fileCount == 102)
      #expect(report.failures.first?.activity == .openDirectory)
      #expect(!scratch.exists("destination/inner"))
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `a link put into the place of a directory just made is not followed`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try makeSource(scratch)
      try scratch.makeDirectory("target")
      let opens = Shared(0)
      let report = try copyTree(in: scratch, kind, .inChunks) { operation in
        guard case .openFile(_, let name, .directory) = operation, name.text == "inner" else { return .pass }
        // The second is the destination's.
        let number = opens.update { count -> Int in
          count += 1
          return count
        }
        guard number == 2 else { return .pass }
        rmdir(scratch.path("destination/inner"))
        try? scratch.makeLink("destination/inner", to: "../target")
        return .pass
      }
      #expect(report.failures.map(\.cause) == [.directoryOverOther])
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("target")) == [])
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `names that are swapped all the time are never followed`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDirectory("source")
      try scratch.makeDirectory("secret")
      try scratch.write("secret/file", Array("secret".utf8))
      for number in 0..<20 {
        try scratch.makeFlat("source/\(number)", count: 1)
        try scratch.makeLink("link \(number)", to: "../secret")
        try scratch.makeFIFO("fifo \(number)")
      }
      let isOver = Shared(false)
      let ended = Gate()
      Thread.detachNewThread {
        while !isOver.value {
          for number in 0..<20 {
            for other in ["link \(number)", "fifo \(number)"] {
              _ = pathsExchange(scratch.path("source/\(number)"), scratch.path(other))
              _ = pathsExchange(scratch.path("source/\(number)"), scratch.path(other))
            }
          }
        }
        ended.open()
      }
      defer {
        isOver.update { $0 = true }
        ended.wait()
      }
      for round in 0..<30 {
        let report = try copyTree(in: scratch, kind, .inChunks, to: "copy \(round)")
        #expect(report.directoryCount >= 1)
        for number in 0..<20 {
          // A link is copied as a link; the secret is never read.
          #expect(try scratch.status("copy \(round)").st_mode & S_IFMT == S_IFDIR)
          if scratch.exists("copy \(round)/\(number)"),
            try scratch.status("copy \(round)/\(number)").st_mode & S_IFMT == S_IFDIR
          {
            #expect(!scratch.exists("copy \(round)/\(number)/file"))
          }
        }
      }
    }
  }
}
