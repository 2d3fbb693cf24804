#if os(Linux)
  import CTestSupport
  import Foundation

  /// Trees, made, compared and removed by directory descriptors: they may be deeper than any path.
  extension Workplace {
    /// A directory with directories (outer ones first) and small files in it.
    public func makeTree(_ name: RawString, directories: [RawString], files: [RawString]) throws {
      for component in name.description.split(separator: "/").indices {
        let part = name.description.split(separator: "/")[...component].joined(separator: "/")
        if !exists(RawString(part)) { try makeDirectory(RawString(part)) }
      }
      for directory in directories { try makeDirectory(name / directory) }
      for file in files { try makeFile(name / file, size: Int64(file.bytes.count) * 1000) }
    }

    /// Files of so many bytes in a directory that is there.
    public func makeFlatTree(_ name: RawString, count: Int, size: Int) throws {
      try check(path(name).withCString { treeMakeFlat($0, CInt(count), size) }, "cannot fill \(name)")
    }

    /// Directories inside each other, in one that is there.
    public func makeDeepTree(_ name: RawString, levels: Int, name component: RawString, siblingEvery: Int = 0)
      throws
    {
      try check(
        path(name).withCString { path in
          component.withCString { treeMakeDeep(path, CInt(levels), $0, CInt(siblingEvery)) }
        }, "cannot make \(name) deep")
    }

    /// How two trees differ; `nil` where they are equal, or the first is a part of the second.
    public func treeDifference(_ name: RawString, _ other: RawString, isPart: Bool = false) throws -> String?
    {
      var message = [CChar](repeating: 0, count: 1024)
      let answer = path(name).withCString { name in
        path(other).withCString { CTestSupport.treeDifference(name, $0, isPart, &message, message.count) }
      }
      if answer > 0 { try check(answer, "cannot compare \(name) and \(other)") }
      return answer == 0
        ? nil : String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public func removeTree(_ name: RawString) throws {
      try check(path(name).withCString { treeRemoveDeep($0) }, "cannot remove \(name)")
    }
  }
#endif
