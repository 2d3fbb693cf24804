import SystemPackage
import Testing

@testable import UringIO

/// Choosing and configuring an engine.
@Suite struct FileEngineTests {
  @Test(arguments: EngineUnderTest.available)
  func `an engine that is asked for is taken`(_ kind: EngineUnderTest) throws {
    let engine = try kind.makeFileEngine()
    #expect(try engine.selected.engine == kind.kind)
    #expect(try engine.selected.reason == "asked for")
    engine.shutdownBlocking()
  }

  @Test func `auto takes io_uring where it is allowed, threads where it is not, and says why`() throws {
    let engine = try FileEngine()
    let (kind, reason) = try engine.selected
    #expect(kind == (EngineUnderTest.hasRing ? .uring : .threads))
    #expect(reason.contains("io_uring"))
    #expect(!reason.contains("\n"))
    engine.shutdownBlocking()
  }

  @Test(arguments: [(0, nil), (257, nil), (-1, nil), (nil, 0), (nil, 4097)] as [(Int?, Int?)])
  func `workers and depth out of range are refused`(workers: Int?, depth: Int?) {
    var configuration = FileEngine.Configuration()
    configuration.workers = workers
    configuration.depth = depth
    let error = #expect(throws: FileIOError.self) { _ = try FileEngine(configuration) }
    #expect(error?.errno == .invalidArgument)
    #expect(error?.activity == .startEngine)
  }

  @Test(arguments: EngineUnderTest.available, [1, 5])
  func `the number of workers is as asked`(_ kind: EngineUnderTest, workers: Int) throws {
    let engine = try kind.makeFileEngine(workers: workers)
    let count = try engine.selection.forLargeFiles().engine.workerCount
    #expect(count == (kind == .sequential ? 1 : workers))
    engine.shutdownBlocking()
  }

  @Test func `one engine is made, and kept`() throws {
    let engine = try FileEngine()
    let (one, other) = (try engine.selection.forLargeFiles(), try engine.selection.forLargeFiles())
    #expect(one.engine === other.engine)
    engine.shutdownBlocking()
  }

  @Test func `shutdown of an engine that was never needed returns`() async throws {
    await (try FileEngine()).shutdown()
  }

  @Test func `a probe of io_uring names what it found, or says why there is nothing`() {
    switch RingProbe.probe() {
    case .success(let probe):
      #expect(probe.operations.allSatisfy { $0.isSupported })
      #expect(probe.features.contains("no-drop"))
    case .failure(let refusal):
      #expect(!refusal.reason.isEmpty)
    }
  }
}
