import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One way of doing the job, as a program that is run: then each pays for its own start and end.
struct Contestant {
  /// Who made it.
  enum Origin: String {
    /// One of our engines.
    case engine
    /// What people use.
    case tool
    /// A command that the user gave.
    case outside
  }

  var name: String
  let origin: Origin
  /// The program and its arguments, with `{destination}` and other words in them.
  let template: [PathBytes]
  /// The same for a run that measures how long operations take; `nil` for a program that cannot.
  var measuringTemplate: [PathBytes]?
  /// Whether the program prints a report of its work as JSON.
  var reports = false
  /// What its `--version` says first.
  var version: String?

  /// The arguments with each `{word}` replaced; a word of which nothing is known stays.
  ///
  /// - Parameter measuring: whether those of ``measuringTemplate``, where there is one.
  func arguments(_ words: [String: PathBytes], measuring: Bool = false) -> [PathBytes] {
    ((measuring ? measuringTemplate : nil) ?? template).map { Self.replaced($0, words) }
  }

  /// In one pass: what a word stands for may have braces of its own.
  private static func replaced(_ argument: PathBytes, _ words: [String: PathBytes]) -> PathBytes {
    var bytes: [UInt8] = []
    var rest = argument.bytes[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")),
        let value = words[String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)]
      {
        bytes += value.bytes
        rest = rest[(end + 1)...]
      } else {
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    return PathBytes(bytes)
  }

  /// The command for a person, who could run it again.
  var commandText: String {
    ([template[0].lastComponent] + template.dropFirst()).map { ShellWords.quoted($0.displayed) }
      .joined(separator: " ")
  }

  // MARK: Ours

  /// This program, or uringcp beside it.
  ///
  /// - Returns: `nil` where there is no uringcp.
  static func ourProgram(_ name: String) -> PathBytes? {
    let ourselves = executable()
    guard name != "uringtool" else { return ourselves }
    let directory = ourselves.bytes.prefix(ourselves.bytes.count - ourselves.lastComponent.bytes.count)
    let program = PathBytes(directory + Array(name.utf8))
    return !directory.isEmpty && program.withCString { access($0, X_OK) } == 0 ? program : nil
  }

  private static func executable() -> PathBytes {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = target.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    if count > 0 { return PathBytes(Array(target[..<count])) }
    return PathBytes(String(cString: CommandLine.unsafeArgv[0]!))
  }

  /// An engine of ours, in one of our programs.
  ///
  /// - Parameter measuring: the options by which the program's report says how long operations take.
  static func engine(
    _ spec: EngineSpec, _ program: PathBytes, _ before: [String], _ after: [String],
    measuring: [String] = ["--stats"]
  ) -> Contestant {
    func template(_ words: [String]) -> [PathBytes] { [program] + words.map(PathBytes.init) }
    return Contestant(
      name: spec.name, origin: .engine, template: template(before + spec.options + after),
      measuringTemplate: template(before + measuring + spec.options + after))
  }

  // MARK: cp

  /// cp, told not to share blocks. One that is not GNU's has no `--version` and does not by itself.
  ///
  /// - Parameter options: before the two names.
  static func cp(_ options: [String] = [], _ interruption: Interruption) throws(ToolError) -> Contestant {
    let program = PathBytes("cp")
    let asked = try ChildProcess.run([program, PathBytes("--version")], interruption: interruption)
    let line = asked.exitStatus == 0 ? asked.output.split(separator: UInt8(ascii: "\n")).first : nil
    let never = line == nil ? [] : ["--reflink=never"]
    return Contestant(
      name: (["cp"] + options).joined(separator: " "), origin: .tool,
      template: [program] + (options + never + ["--", "{source}", "{destination}"]).map(PathBytes.init),
      version: line.map { String(decoding: $0, as: UTF8.self) })
  }
}

/// Reads single members of the JSON line that our programs print.
enum ReportedMember {
  /// The text of `"name":"text"`. No other text can be mistaken for it: inside a string the quotes would be
  /// escaped.
  static func string(_ name: String, in line: [UInt8]) -> String? {
    guard var rest = value(name, in: line), rest.popFirst() == UInt8(ascii: "\"") else { return nil }
    var text: [UInt8] = []
    while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
      text.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The number of `"name":123`.
  static func integer(_ name: String, in line: [UInt8]) -> Int64? {
    value(name, in: line).flatMap { rest in
      Int64(
        String(decoding: rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self))
    }
  }

  /// What is behind the first `"name":`.
  static func value(_ name: String, in line: [UInt8]) -> ArraySlice<UInt8>? {
    let key = Array("\"\(name)\":".utf8)
    guard line.count >= key.count,
      let start = (0...(line.count - key.count)).first(where: {
        line[$0..<($0 + key.count)].elementsEqual(key)
      })
    else { return nil }
    return line[(start + key.count)...]
  }
}
