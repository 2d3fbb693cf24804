#if os(Linux)
  import CTestSupport
  import Foundation
  import TestFixtures

  /// What is below a directory, as text: a line for each entry with everything a copy is judged by.
  enum Snapshot {
    /// Which file each entry is, by what the file system calls it.
    typealias Identities = [String: RawString]

    /// The lines, sorted by name; the directory itself is ".".
    ///
    /// - Parameters:
    ///   - earlier: the files that were there before; each entry then tells which of them it is.
    ///   - isAccessCompared: whether nothing but the command can have changed times of access.
    static func lines(
      of directory: RawString, earlier: Identities, isAccessCompared: Bool
    ) -> [String] {
      var entries: [(name: RawString, path: RawString, facts: entryFacts?)] = []
      walk(directory, ".") { path, name in
        var facts = entryFacts()
        // Below what cannot be searched there are only names.
        let isExamined = path.withCString { entryExamine($0, &facts) } == 0
        entries.append((name, path, isExamined ? facts : nil))
        return isExamined && facts.isDirectory
      }
      entries.sort { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
      var names: Identities = [:]
      for entry in entries {
        guard let identity = entry.facts?.identityText, names[identity] == nil else { continue }
        names[identity] = entry.name
      }
      return entries.map { entry in
        guard let facts = entry.facts else { return "\(entry.name.readable)  cannot be examined" }
        var words = [entry.name.readable]
        words += facts.kindWords(of: entry.path)
        words += facts.timeWords(isAccessCompared: isAccessCompared)
        let identity = facts.identityText
        if facts.linkCount > 1, !facts.isDirectory {
          words.append("\(facts.linkCount) names, as \(names[identity]!.readable)")
        }
        words.append(earlier[identity].map { "was \($0.readable)" } ?? "new")
        words += attributeWords(of: entry.path)
        return words.joined(separator: "  ")
      }
    }

    /// Gives what a set-up made old times, each entry others, so that times that were preserved can be told from
    /// those of the run. Returns what is there.
    static func age(_ directory: RawString) -> Identities {
      var names: Identities = [:]
      walk(directory, ".") { path, name in
        var facts = entryFacts()
        guard path.withCString({ entryExamine($0, &facts) }) == 0 else { return false }
        facts.age(of: path, name)
        if names[facts.identityText] == nil { names[facts.identityText] = name }
        return facts.isDirectory
      }
      return names
    }
  }

  /// Calls the body with every entry, outer ones first; it says whether to go on inside. What cannot be listed
  /// has nothing in it.
  private func walk(
    _ path: RawString, _ name: RawString, _ body: (_ path: RawString, _ name: RawString) -> Bool
  ) {
    guard body(path, name) else { return }
    for inside in namesInside(path) {
      walk(path / inside, name == "." ? inside : name / inside, body)
    }
  }

  private func namesInside(_ directory: RawString) -> [RawString] {
    var names: UnsafeMutablePointer<CChar>?
    var count = 0
    defer { free(names) }
    guard directory.withCString({ directoryNames($0, &names, &count) }) == 0 else { return [] }
    return UnsafeBufferPointer(start: names, count: count).split(separator: 0)
      .map { RawString($0.map(UInt8.init(bitPattern:))) }
  }

  extension entryFacts {
    fileprivate func kindWords(of path: RawString) -> [String] {
      let permissions = String(0o10000 | mode & 0o7777, radix: 8).dropFirst()
      let owner = "\(permissions) \(user):\(group)"
      switch mode & S_IFMT {
      case S_IFREG: return ["file \(owner) \(size)"] + contentWords(of: path)
      case S_IFDIR: return ["directory \(owner)"]
      case S_IFLNK:
        let target = bytes { output in path.withCString { entryTarget($0, &output) } }
        return ["link \(user):\(group) -> \(RawString(target ?? []).readable)"]
      case S_IFIFO: return ["FIFO \(owner)"]
      case S_IFSOCK: return ["socket \(owner)"]
      case S_IFCHR: return ["character device \(owner) \(deviceMajor),\(deviceMinor)"]
      case S_IFBLK: return ["block device \(owner) \(deviceMajor),\(deviceMinor)"]
      default: return ["unknown kind \(owner)"]
      }
    }

    private func contentWords(of path: RawString) -> [String] {
      guard size > 0 else { return [] }
      var words: [String] = []
      if size <= 64, let bytes = try? Workplace(directory: "", outside: "").read(path.fromRoot) {
        words.append("\"\(RawString(bytes).readable)\"")
      } else {
        var digest: UInt64 = 0
        let error = path.withCString { fileDigest($0, &digest) }
        words.append(error == 0 ? "#\(String(digest, radix: 16))" : "unreadable")
      }
      let holes = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { text in
        path.withCString { _ = fileHoles($0, size, text.baseAddress, text.count) }
        return String(cString: text.baseAddress!)
      }
      if !holes.isEmpty { words.append("holes \(holes)") }
      return words
    }

    /// Times that a set-up gave are told exactly, those of the run only as recent.
    fileprivate func timeWords(isAccessCompared: Bool) -> [String] {
      func word(_ seconds: Int64, _ nanoseconds: UInt32) -> String {
        let isRecent = seconds >= Snapshot.recentSeconds && seconds < Snapshot.futureSeconds
        return isRecent ? "recent" : "\(seconds).\(String(1_000_000_000 + Int(nanoseconds)).dropFirst())"
      }
      let modified = "modified \(word(modifiedSeconds, modifiedNanoseconds))"
      return isAccessCompared
        ? [modified, "read \(word(accessedSeconds, accessedNanoseconds))"] : [modified]
    }
  }

  /// Calls a C helper that gives bytes; `nil` where it fails.
  private func bytes(_ body: (inout childOutput) -> Int32) -> [UInt8]? {
    var output = childOutput()
    defer { free(output.bytes) }
    guard body(&output) == 0 else { return nil }
    return Array(UnsafeBufferPointer(start: output.bytes, count: output.count))
  }

  private func attributeWords(of path: RawString) -> [String] {
    guard var rest = bytes({ output in path.withCString { entryAttributes($0, &output) } })?[...] else {
      return ["unreadable attributes"]
    }
    var words: [String] = []
    while let end = rest.firstIndex(of: 0) {
      let name = RawString(Array(rest[..<end]))
      let length = rest[(end + 1)...].prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      let value = Array(rest[(end + 5)...].prefix(length))
      rest = rest[(end + 5 + length)...]
      words.append(
        AccessList(attribute: name, value: value)?.text ?? "\(name.readable)=\"\(RawString(value).readable)\""
      )
    }
    return words.sorted()
  }

  extension Snapshot {
    /// Times from here on, in seconds, are the run's; a set-up gives older ones.
    fileprivate static let recentSeconds: Int64 = 1_500_000_000
    /// Times from here on are a set-up's again.
    fileprivate static let futureSeconds: Int64 = 4_000_000_000
  }

  extension entryFacts {
    fileprivate var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

    fileprivate var identityText: String {
      withUnsafeBytes(of: identity) { String(cString: $0.assumingMemoryBound(to: CChar.self).baseAddress!) }
    }

    fileprivate func age(of path: RawString, _ name: RawString) {
      let recent = Snapshot.recentSeconds..<Snapshot.futureSeconds
      let number = name.bytes.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) }
      let seconds = 1_000_000_000 + Int64(number % 100_000_000)
      let nanoseconds = UInt32(number / 7 % 999_999_998 + 1)
      let (isModified, isRead) = (recent.contains(modifiedSeconds), recent.contains(accessedSeconds))
      // What belongs to others keeps its times.
      _ = path.withCString {
        entrySetTimes(
          $0, isRead ? seconds + 200_000_000 : accessedSeconds,
          isRead ? nanoseconds + 1 : accessedNanoseconds,
          isModified ? seconds : modifiedSeconds, isModified ? nanoseconds : modifiedNanoseconds)
      }
    }
  }

  extension RawString {
    fileprivate var fromRoot: RawString { RawString(Array(bytes.drop { $0 == UInt8(ascii: "/") })) }
  }
#endif
