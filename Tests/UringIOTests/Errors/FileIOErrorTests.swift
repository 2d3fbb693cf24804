import SystemPackage
import Testing

@testable import UringIO

@Suite struct FileIOErrorTests {
  private let path = PathBytes(Array("/a\nb".utf8))

  @Test func `a message says what was done, to which file, where, why and what follows`() {
    let error = FileIOError(.noSpace, during: .write, path: path, offset: 4096, note: "it was removed")
    #expect(
      error.description
        == "error writing '/a\\x0ab' at offset 4096: No space left on device (it was removed)")
  }

  @Test func `what is not known is left out`() {
    #expect(FileIOError(.ioError, during: .read).description == "error reading: Input/output error")
  }

  @Test func `the path is quoted as the caller wants`() {
    let error = FileIOError(.ioError, during: .open, path: path)
    #expect(error.message { "<\($0.bytes.count)>" } == "cannot open <4>: Input/output error")
  }

  @Test func `causes that are no errno have their own words`() {
    #expect(
      FileIOError(.sameFile, during: .copy, path: path).description.hasSuffix(
        "it and the source are the same file"))
    #expect(
      FileIOError(.danglingSymlink, during: .create, path: path).description.hasSuffix(
        "it is a symbolic link to nothing"))
    let changed = FileIOError(
      .sourceChanged(sizeBefore: 10, sizeAfter: 4, copied: 7), during: .copy, path: path)
    #expect(
      changed.description.hasSuffix(
        "it had 10 bytes and has 4; the copy has the 7 bytes that were read"))
    #expect(changed.errno == nil)
  }

  @Test(arguments: FileIOError.Activity.allCases)
  func `every activity has words of its own, and a message is one line`(activity: FileIOError.Activity) {
    let others = FileIOError.Activity.allCases.filter { $0 != activity }
    #expect(!activity.failure.isEmpty)
    #expect(others.allSatisfy { $0.failure != activity.failure })
    #expect(!FileIOError(.ioError, during: activity, path: path).description.contains("\n"))
  }

  @Test func `only ECANCELED is a cancellation`() {
    #expect(FileIOError(.canceled, during: .poll).isCancellation)
    #expect(!FileIOError(.interrupted, during: .poll).isCancellation)
    #expect(!FileIOError(.sameFile, during: .copy).isCancellation)
  }

  @Test func `notes are added behind one another`() {
    let error = FileIOError(.ioError, during: .read).noting("one").noting("two")
    #expect(error.note == "one; two")
  }

  @Test func `a kernel result becomes its errno`() {
    let error = FileIOError(kernelResult: -28, during: .truncate, path: path)
    #expect(error == FileIOError(.noSpace, during: .truncate, path: path))
  }
}
