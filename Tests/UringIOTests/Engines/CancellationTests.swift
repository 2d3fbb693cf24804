import Foundation
import Testing

@testable import UringIO

@Suite struct CancellationTests {
  private func isReadable(_ descriptor: CInt) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 0) == 1 && polled.revents & Int16(POLLIN) != 0
  }

  @Test func `once made a cancellation stays`() {
    let cancellation = Cancellation()
    #expect(!cancellation.isCancelled)
    cancellation.cancel()
    cancellation.cancel()
    #expect(cancellation.isCancelled)
  }

  @Test func `each handler is called once, however often it is cancelled`() {
    let cancellation = Cancellation()
    let counts = [Shared(0), Shared(0)]
    for count in counts { _ = cancellation.addHandler { count.update { $0 += 1 } } }
    #expect(counts.map(\.value) == [0, 0])
    cancellation.cancel()
    cancellation.cancel()
    #expect(counts.map(\.value) == [1, 1])
  }

  @Test func `a handler that comes too late is called at once`() {
    let cancellation = Cancellation()
    cancellation.cancel()
    let count = Shared(0)
    let token = cancellation.addHandler { count.update { $0 += 1 } }
    #expect(count.value == 1)
    cancellation.removeHandler(token)
    cancellation.cancel()
    #expect(count.value == 1)
  }

  @Test func `a handler that was removed is not called`() {
    let cancellation = Cancellation()
    let counts = [Shared(0), Shared(0)]
    let tokens = counts.map { count in cancellation.addHandler { count.update { $0 += 1 } } }
    cancellation.removeHandler(tokens[0])
    cancellation.cancel()
    #expect(counts.map(\.value) == [0, 1])
  }

  @Test func `a handler may use the cancellation`() throws {
    let cancellation = Cancellation()
    let count = Shared(0)
    _ = cancellation.addHandler { [weak cancellation] in
      guard let cancellation else { return }
      _ = cancellation.addHandler { count.update { $0 += 1 } }
      cancellation.cancel()
    }
    try withoutHanging { cancellation.cancel() }
    #expect(count.value == 1)
  }

  @Test func `the wake-up descriptor becomes readable, and stays so`() throws {
    let cancellation = Cancellation()
    let descriptor = try #require(cancellation.wakeUpDescriptor())
    #expect(cancellation.wakeUpDescriptor() == descriptor)
    #expect(!isReadable(descriptor))
    cancellation.cancel()
    #expect(isReadable(descriptor))
    #expect(isReadable(descriptor))
  }

  @Test func `a wake-up descriptor that is asked for afterwards is readable`() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(isReadable(try #require(cancellation.wakeUpDescriptor())))
  }

  @Test func `the wake-up descriptor is not inherited by programs`() throws {
    let cancellation = Cancellation()
    let descriptor = try #require(cancellation.wakeUpDescriptor())
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    withExtendedLifetime(cancellation) {}
  }

  @Test func `cancelling more often than a pipe has room never blocks`() throws {
    let cancellation = Cancellation()
    _ = cancellation.wakeUpDescriptor()
    try withoutHanging { for _ in 0..<100_000 { cancellation.cancel() } }
  }

  @Test func `handlers that are added while it is cancelled are each called once`() {
    for _ in 0..<300 {
      let cancellation = Cancellation()
      let count = Shared(0)
      DispatchQueue.concurrentPerform(iterations: 3) { iteration in
        if iteration == 1 {
          cancellation.cancel()
        } else {
          for _ in 0..<10 { _ = cancellation.addHandler { count.update { $0 += 1 } } }
        }
      }
      #expect(count.value == 20)
    }
  }
}
