#if os(Linux)
  import CTestSupport
  import Foundation

  /// Large contents, made and compared by C helpers so that debug builds are fast enough.
  extension Workplace {
    /// Makes a file full of bytes that are never 0 and depend on their offset.
    public func makeFile(_ name: RawString, size: Int64, seed: UInt64 = 1) throws {
      try check(path(name).withCString { patternWrite($0, 0, size, seed) }, "cannot make \(name)")
    }

    /// Makes a file of that size which is a hole but for these ranges.
    public func makeSparseFile(_ name: RawString, size: Int64, islands: [Range<Int64>], seed: UInt64 = 1)
      throws
    {
      try write(name, [])
      try resize(name, to: size)
      try fill(name, islands, seed: seed)
    }

    /// Writes the pattern over these ranges of a file.
    public func fill(_ name: RawString, _ ranges: [Range<Int64>], seed: UInt64 = 1) throws {
      for range in ranges {
        try check(
          path(name).withCString { patternWrite($0, range.lowerBound, Int64(range.count), seed) },
          "cannot fill \(name)")
      }
    }

    /// The first offset at which two files differ, in bytes or length; `nil` where they are equal.
    public func firstDifference(_ name: RawString, _ other: RawString, limit: Int64 = -1) throws -> Int64? {
      try found(
        path(name).withCString { name in path(other).withCString { fileDifference(name, $0, limit) } },
        "cannot compare \(name) and \(other)")
    }

    /// The first offset in the range at which a file is not what ``makeFile(_:size:seed:)`` puts there.
    public func firstDifferenceFromPattern(
      _ name: RawString, _ range: Range<Int64>, seed: UInt64 = 1
    ) throws -> Int64? {
      try found(
        path(name).withCString { patternDifference($0, range.lowerBound, Int64(range.count), seed) },
        "cannot check \(name)")
    }

    private func found(_ answer: Int64, _ what: String) throws -> Int64? {
      if answer < -1 { try check(Int32(-1 - answer), what) }
      return answer < 0 ? nil : answer
    }

    /// The ranges that hold data, as the file system tells.
    public func dataRanges(_ name: RawString) throws -> [Range<Int64>] {
      var ranges = [dataRange](repeating: dataRange(), count: 4096)
      let count = path(name).withCString { fileDataRanges($0, &ranges, ranges.count) }
      if count < 0 { try check(Int32(-count), "no data ranges of \(name)") }
      return ranges[..<Int(count)].map { $0.start..<$0.end }
    }

    public func extents(_ name: RawString) throws -> (count: Int, shared: Int) {
      var count: UInt32 = 0
      var shared: UInt32 = 0
      try check(path(name).withCString { fileExtents($0, &count, &shared) }, "no extents of \(name)")
      return (Int(count), Int(shared))
    }

    /// Bytes of the file in the page cache.
    public func cachedBytes(_ name: RawString) throws -> Int64 {
      let answer = path(name).withCString { fileCachedBytes($0) }
      if answer < 0 { try check(Int32(-answer), "cannot tell what of \(name) is cached") }
      return answer
    }

    public func dropFromCache(_ name: RawString) throws {
      try check(path(name).withCString { fileDropFromCache($0) }, "cannot drop \(name) from the cache")
    }

    public func firstUnreadable(_ name: RawString) -> Int64? {
      let answer = path(name).withCString { fileFirstUnreadable($0) }
      return answer < 0 ? nil : answer
    }

    /// Whether files here can be written with `RWF_DONTCACHE`.
    public var takesDropBehindWrites: Bool {
      path("drop-behind probe").withCString { dropBehindRefusal($0) } == 0
    }

    public func isOpen(_ name: RawString, in process: pid_t) -> Bool {
      path(name).withCString { processHasOpen(process, $0) }
    }
  }
#endif
