#if LINUX
  import Foundation
  import Testing

  @testable import UringIO

  /// The names that backups get.
  @Suite struct BackupNameTests {
    private func name(_ scratch: Scratch, _ naming: Backup.Naming, suffix: String = "~") -> String? {
      let name = Backup(naming, suffix: PathBytes(Array(suffix.utf8))).name(for: scratch.bytes("f"))
      return name.lastComponent.text
    }

    @Test func `numbers go on from the highest, and only numbers count`() throws {
      try withScratch { scratch in
        for naming in [Backup.Naming.simple, .numberedIfAny] { #expect(name(scratch, naming) == "f~") }
        #expect(name(scratch, .numbered) == "f.~1~")
        for other in ["f.~x~", "f.~01~", "f.~7", "g.~9~", "f.~~", "f.~-3~"] {
          try scratch.makePattern(other, size: 0)
        }
        #expect(name(scratch, .numberedIfAny, suffix: ".old") == "f.old")
        for number in [2, 10, 9] { try scratch.makePattern("f.~\(number)~", size: 0) }
        #expect(name(scratch, .numberedIfAny) == "f.~11~" && name(scratch, .numbered) == "f.~11~")
        #expect(name(scratch, .simple) == "f~")
      }
    }

    @Test func `a tilde takes the end of a name that is too long with its suffix`() throws {
      let base = PathBytes([UInt8](repeating: UInt8(ascii: "n"), count: 254))
      let place = EntryPlace(directory: .workingDirectory, name: .current)
      let name = Backup(.simple, suffix: PathBytes(Array(".old".utf8))).name(for: base, in: place)
      #expect(name.bytes.count == 254 && name.bytes.suffix(2) == Array("n~".utf8)[...])
    }
  }
#endif
