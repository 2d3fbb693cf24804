#if os(Linux)
  import Foundation
  import TestFixtures

  /// A program that is called as `cp`: a directory for PATH that has it under that name.
  struct CopyProgram: Sendable {
    let name: String
    let directory: RawString

    /// - Parameter place: where the directory is made; every user must get there.
    init(_ name: String, _ executable: RawString, in place: Workplace) throws {
      self.name = name
      try place.makeDirectory(RawString(name))
      try place.makeSymbolicLink(RawString("\(name)/cp"), to: executable)
      directory = place.directory / RawString(name)
    }

    /// A shell script instead.
    init(_ name: String, script: String, in place: Workplace) throws {
      self.name = name
      try place.makeDirectory(RawString(name))
      let program = RawString("\(name)/cp")
      try place.write(program, "#!/bin/sh\n\(script)\n")
      try place.changeMode(program, 0o755)
      directory = place.directory / RawString(name)
    }
  }

  /// What uringcp is compared with.
  enum ReferenceCopy {
    static let executable = RawString("/bin/cp")
    static let version: String =
      (try? Command(executable, ["--version"]).run().outputText.split(separator: "\n").first).map {
        String($0)
      }
      ?? "no cp"
    static let isKnown = version.firstMatch(of: /GNU coreutils\) 9\.[01]$/) != nil
    static let reason = "the tables are about cp of coreutils 9.1, and here is \(version)"
  }
#endif
