import Foundation
import SystemPackage
import Testing

@testable import UringIO

/// Trees at which others work while they are copied, and workers that share a directory.
@Suite struct TreeChangingTests {
  private static let directoryCount = 12
  private static let fileCount = 40

  /// Adds, removes, cuts, replaces and moves, in all directories but those whose names begin with "kept".
  private static func change(_ root: String, secret: String, step: Int) {
    var numbers = SystemRandomNumberGenerator()
    let directory = "\(root)/\(Int.random(in: 0..<directoryCount, using: &numbers))"
    let file = "\(directory)/file-\(Int.random(in: 0..<fileCount, using: &numbers))"
    switch step % 7 {
    case 0: close(Foundation.open("\(directory)/new-\(step % 50)", O_CREAT | O_WRONLY, 0o644))
    case 1:
      mkdir("\(directory)/dir-\(step % 50)", 0o755)
      close(Foundation.open("\(directory)/dir-\(step % 50)/inside", O_CREAT | O_WRONLY, 0o644))
    case 2: unlink(file)
    case 3: truncate(file, off_t.random(in: 0..<3000, using: &numbers))
    case 4:
      unlink(file)
      symlink(secret + "/file", file)
    case 5:
      rename("\(directory)/in", "\(directory)/gone-\(step % 50)")
      symlink(secret, "\(directory)/in")
    default:
      rename(directory, directory + "-moved")
      rename(directory + "-moved", directory)
    }
  }

  @Test(arguments: EngineUnderTest.available)
  func `what changes is copied or reported, what does not is whole, and nothing is followed`(
    _ kind: EngineUnderTest
  ) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeDirectory("source")
      try scratch.makeDirectory("secret")
      try scratch.write("secret/file", Array("secret".utf8))
      for number in 0..<Self.directoryCount {
        try scratch.makeFlat("source/\(number)", count: Self.fileCount, size: 2000)
        try scratch.makeDeep("source/\(number)/in", levels: 4, siblingEvery: 1)
        try scratch.makeFlat("source/kept \(number)", count: Self.fileCount, size: 700)
      }
      let mayEnd = Shared(false)
      let ended = DispatchSemaphore(value: 0)
      let (source, secret) = (scratch.path("source"), scratch.path("secret"))
      for worker in 0..<2 {
        Thread.detachNewThread {
          var step = worker
          while !mayEnd.value {
            Self.change(source, secret: secret, step: step)
            step += 1
          }
          ended.signal()
        }
      }
      defer {
        mayEnd.update { $0 = true }
        for _ in 0..<2 { ended.wait() }
      }
      for round in 0..<5 {
        let report = try copyTree(in: scratch, kind, to: "copy \(round)")
        #expect(report.failureCount == report.failures.count)
        for failure in report.failures {
          let isExpected =
            failure.cause == .changedType
            || [.noSuchFileOrDirectory, .tooManySymbolicLinkLevels, .notDirectory, .staleNFSFileHandle]
              .contains(failure.errno)
          #expect(isExpected && failure.path?.text?.contains("kept") == false, "\(failure)")
        }
        for number in 0..<Self.directoryCount {
          let kept = "kept \(number)"
          #expect(try scratch.treeDifference("source/" + kept, "copy \(round)/" + kept) == nil)
        }
        let found = FileManager.default.enumerator(atPath: scratch.path("copy \(round)"))
        for case let name as String in try #require(found) {
          let status = try scratch.status("copy \(round)/" + name)
          guard status.st_mode & S_IFMT == S_IFREG, status.st_size == 6 else { continue }
          #expect(try scratch.read("copy \(round)/" + name) != Array("secret".utf8), "\(name)")
        }
      }
    }
  }

  @Test(arguments: EngineUnderTest.concurrent)
  func `all workers take part in one flat directory`(_ kind: EngineUnderTest) throws {
    try withScratch(inMemory: true) { scratch in
      try scratch.makeFlat("source", count: 2_000, size: 10)
      let threads = Shared<Set<UInt>>([])
      let bothAreThere = Gate()
      let report = try copyTree(
        in: scratch, kind,
        intercept: { operation in
          guard case .createFile = operation else { return .pass }
          let count = threads.update { threads in
            threads.insert(UInt(bitPattern: pthread_self().hashValue))
            return threads.count
          }
          // The first waits for the second, for ever if there is none: that is noticed.
          if count >= 2 { bothAreThere.open() } else { bothAreThere.wait() }
          return .pass
        })
      #expect(report.fileCount == 2_000 && report.failureCount == 0)
      #expect(threads.value.count >= 2)
    }
  }

  @Test(arguments: EngineUnderTest.available, [true, false])
  func `a file of some megabytes that is written meanwhile is told of`(
    _ kind: EngineUnderTest, inChunks: Bool
  ) throws {
    try withScratch { scratch in
      try scratch.makeFlat("source", count: 3)
      try scratch.makePattern("source/middle", size: 9 << 20)
      let isChanged = Shared(false)
      let report = try copyTree(
        in: scratch, kind, inChunks ? .inChunks : TreeOptions(),
        intercept: { operation in
          if (operation.offset ?? 0) > 0 {
            isChanged.update { isChanged in
              if !isChanged { scratch.resize("source/middle", to: (9 << 20) + 5) }
              isChanged = true
            }
          }
          return .pass
        })
      #expect(isChanged.value && report.failureCount == 1, "\(report.failures)")
      guard case .sourceChanged(9_437_184, 9_437_189, _)? = report.failures.first?.cause else {
        Issue.record("\(report.failures)")
        return
      }
      #expect(scratch.exists("destination/middle"))
    }
  }

  @Test(arguments: EngineUnderTest.concurrent)
  func `a large file does not keep the small ones waiting`(_ kind: EngineUnderTest) throws {
    try withScratch { scratch in
      try scratch.makeFlat("source", count: 500, size: 10)
      try scratch.makePattern("source/large", size: Int(TreeLargeFile.byteCountMin))
      let allSmall = Gate()
      let smallCount = Shared(0)
      let hasWaited = Shared(false)
      let report = try copyTree(
        in: scratch, kind,
        intercept: { operation in
          // The first piece of the large file waits for the last small file, for ever if they wait for it.
          guard let count = operation.transferByteCount, count > 128 << 10 else { return .pass }
          let isFirst = hasWaited.update { hasWaited in
            defer { hasWaited = true }
            return !hasWaited
          }
          if isFirst { allSmall.wait() }
          return .pass
        },
        observe: { event in
          guard case .copied(let from, _, _, _) = event, from.text?.contains("source/file-") == true
          else { return }
          if smallCount.update({
            $0 += 1
            return $0
          }) == 500 {
            allSmall.open()
          }
        })
      #expect(report.fileCount == 501 && report.failureCount == 0 && hasWaited.value)
      #expect(try scratch.read("destination/large") == scratch.read("source/large"))
    }
  }
}
