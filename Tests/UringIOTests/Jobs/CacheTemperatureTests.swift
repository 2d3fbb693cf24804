import Testing

@testable import UringIO

@Suite struct CacheTemperatureTests {
  @Test func `files are asked about one by one until three of them were not cached`() {
    let temperature = CacheTemperature(waitsOnRing: false)
    #expect((0..<100).allSatisfy { _ in temperature.asksNext() })
    #expect(!temperature.foundUncached() && !temperature.foundUncached() && !temperature.isCold)
    #expect(temperature.foundUncached() && temperature.isCold)
    // Only who turned it cold is told so.
    #expect(!temperature.foundUncached())
    #expect((0..<160).filter { _ in temperature.asksNext() }.count == 10)
  }

  @Test func `a file in a hundred that the kernel gave up does not make all cold`() {
    let temperature = CacheTemperature(waitsOnRing: false)
    for _ in 0..<1_000 {
      #expect(!temperature.foundUncached())
      for _ in 0..<99 { temperature.foundCached() }
    }
    #expect(!temperature.isCold)
  }

  @Test func `where a ring waits, one in four may have been given up`() {
    let temperature = CacheTemperature(waitsOnRing: true)
    for _ in 0..<1_000 {
      #expect(!temperature.foundUncached())
      for _ in 0..<3 { temperature.foundCached() }
    }
    #expect(!temperature.isCold)
    let count = (1...).first { _ in temperature.foundUncached() }
    #expect(count == 12 && temperature.isCold)
  }

  @Test func `a few that are cached among those that are asked about make all warm again`() {
    for waitsOnRing in [false, true] {
      let temperature = CacheTemperature(waitsOnRing: waitsOnRing)
      for _ in 0..<100 { _ = temperature.foundUncached() }
      for _ in 0..<2 {
        temperature.foundCached()
        #expect(temperature.isCold)
      }
      temperature.foundCached()
      #expect(!temperature.isCold)
    }
  }

  @Test func `one file system that cannot tell is remembered`() {
    let temperature = CacheTemperature(waitsOnRing: false)
    #expect(!temperature.isMute(7))
    temperature.foundMute(7)
    #expect(temperature.isMute(7) && !temperature.isMute(8))
    temperature.foundMute(8)
    #expect(temperature.isMute(8))
  }

  @Test func `a file system in memory cannot tell either, and is not asked`() {
    let temperature = CacheTemperature(waitsOnRing: false)
    #expect(!temperature.isSilent(7) && temperature.memoryDevice == .max)
    temperature.foundMemory(7)
    #expect(temperature.isSilent(7) && !temperature.isMute(7) && !temperature.hasMute)
    #expect(temperature.memoryDevice == 7 && !temperature.isSilent(8))
  }

  #if LINUX
    @Test func `the first file in memory is found to be that, and none is asked about`() throws {
      for isInMemory in [true, false] {
        try withScratch(inMemory: isInMemory) { scratch in
          try scratch.makePattern("a", size: 100)
          let file = try scratch.open("a", .readOnly)
          defer { try? file.close() }
          let device = UInt64(try scratch.status("a").st_dev)
          let temperature = CacheTemperature(waitsOnRing: false)
          var inquiry = CacheInquiry(asks: true)
          let question = inquiry.question(file, size: 100, on: device, temperature)
          #expect((question == nil) == isInMemory && !inquiry.asks)
          #expect((temperature.memoryDevice == device) == isInMemory)
          #expect(temperature.isMute(device) == !isInMemory)
        }
      }
    }
  #endif

  @Test func `only what says that nothing is known is no error of the file`() {
    #expect(CacheInquiry.isNoAnswer(.resourceTemporarilyUnavailable))
    #expect(CacheInquiry.isNoAnswer(.notSupported) && CacheInquiry.isNoAnswer(.noFunction))
    #expect(!CacheInquiry.isNoAnswer(.ioError) && !CacheInquiry.isNoAnswer(.canceled))
  }
}
