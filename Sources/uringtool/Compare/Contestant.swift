import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One way of copying, as a program that is run: then each pays for its own start and end.
struct Contestant {
  let name: String
  /// The program and its options, before the two names.
  let command: [PathBytes]
  /// Whether the program prints a report of its copy as JSON.
  let reports: Bool

  func arguments(from source: PathBytes, to destination: PathBytes) -> [PathBytes] {
    command + [PathBytes(Array("--".utf8)), source, destination]
  }

  /// The command for a person, without the names of files.
  var commandText: String {
    ([command[0].lastComponent] + command.dropFirst()).map(\.displayed).joined(separator: " ")
  }

  // MARK: Ours

  static func engine(_ engine: EngineChoice, _ options: EngineOptions) -> Contestant {
    Contestant(
      name: engine.rawValue,
      command: ourProgram + options.arguments(engine).map { PathBytes(Array($0.utf8)) },
      reports: true)
  }

  /// uringcp where it lies beside this program, or this program itself.
  private static let ourProgram: [PathBytes] = {
    let ourselves = executable()
    let directory = ourselves.bytes.prefix(ourselves.bytes.count - ourselves.lastComponent.bytes.count)
    let uringcp = PathBytes(directory + Array("uringcp".utf8))
    if !directory.isEmpty, uringcp.withCString({ access($0, X_OK) }) == 0 {
      return [uringcp] + ["--json", "-T", "--reflink=never"].map { PathBytes(Array($0.utf8)) }
    }
    return [ourselves, PathBytes(Array("copy-once".utf8))]
  }()

  private static func executable() -> PathBytes {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = target.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    if count > 0 { return PathBytes(Array(target[..<count])) }
    let called = String(cString: CommandLine.unsafeArgv[0]!)
    return PathBytes(Array(called.utf8))
  }

  // MARK: cp

  /// - Returns: `cp`, and the first line of its `--version`, which is `nil` where it has none; then it is
  ///   not GNU's, knows no `--reflink` and shares no blocks by itself.
  static func cp(_ interruption: Interruption) throws(ToolError) -> (Contestant, version: String?) {
    let program = PathBytes(Array("cp".utf8))
    let asked = try ChildProcess.run(
      [program, PathBytes(Array("--version".utf8))], interruption: interruption)
    guard asked.exitStatus == 0, let line = asked.output.split(separator: UInt8(ascii: "\n")).first else {
      return (Contestant(name: "cp", command: [program], reports: false), nil)
    }
    let never = PathBytes(Array("--reflink=never".utf8))
    return (
      Contestant(name: "cp", command: [program, never], reports: false), String(decoding: line, as: UTF8.self)
    )
  }
}

/// Reads single members of the JSON line that our programs print.
enum ReportedMember {
  /// The text of `"name":"text"`. No other text can be mistaken for it: inside a string the quotes would be
  /// escaped.
  static func string(_ name: String, in line: [UInt8]) -> String? {
    let key = Array("\"\(name)\":\"".utf8)
    guard line.count >= key.count,
      let start = (0...(line.count - key.count)).first(where: {
        line[$0..<($0 + key.count)].elementsEqual(key)
      })
    else { return nil }
    var text: [UInt8] = []
    var rest = line[(start + key.count)...]
    while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
      text.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
