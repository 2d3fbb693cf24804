import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Operation {
  /// Carries the operation out with one system call on this thread, asking again where the retry policy
  /// says so.
  ///
  /// - Parameters:
  ///   - context: what the call needs of its run: the wake-up descriptor of a poll, the tests' interceptor.
  ///   - retries: counted up for each time the call was made again.
  func performBlocking(in context: OperationContext, retries: inout Int) -> Completion {
    var attempts = 0
    while true {
      let completion: Completion
      switch context.interception(of: self) {
      case .pass: completion = Completion(kernelResult: systemCall(in: context))
      case .shorten(let byteCount):
        completion = Completion(kernelResult: shortened(to: byteCount).systemCall(in: context))
      case .fail(let errno): completion = .failed(errno)
      }
      guard case .failed(let errno) = completion,
        RetryPolicy.asksAgain(self, after: errno, retries: attempts)
      else { return completion }
      attempts += 1
      retries += 1
    }
  }

  private func systemCall(in context: OperationContext) -> Int {
    switch self {
    case .read(let descriptor, let slice, let offset, let options):
      SystemCall.read(descriptor, slice, at: offset, options)
    case .write(let descriptor, let slice, let offset, let options):
      SystemCall.write(descriptor, slice, at: offset, options)
    case .readVector(let descriptor, let slices, let offset):
      SystemCall.readVector(descriptor, slices, at: offset)
    case .writeVector(let descriptor, let slices, let offset):
      SystemCall.writeVector(descriptor, slices, at: offset)
    case .synchronize(let descriptor, let dataOnly):
      SystemCall.synchronize(descriptor, dataOnly: dataOnly)
    case .allocate(let descriptor, let range): SystemCall.allocate(descriptor, range)
    case .truncate(let descriptor, let size): SystemCall.truncate(descriptor, to: size)
    case .poll(let descriptor, let events):
      SystemCall.poll(descriptor, events, wakeUp: context.cancellation.wakeUpDescriptor())
    case .clone(let source, let destination): SystemCall.clone(source, to: destination)
    case .copyRange(let source, let sourceOffset, let destination, let destinationOffset, let byteCount):
      SystemCall.copyRange(
        source, at: sourceOffset, to: destination, at: destinationOffset, byteCount: byteCount)
    case .movePages(
      let source, let sourceOffset, let destination, let destinationOffset, let byteCount, let pipes):
      pipes.move(source, at: sourceOffset, to: destination, at: destinationOffset, byteCount: byteCount)
    case .cacheStatus(let descriptor, let range): SystemCall.cacheStatus(descriptor, range)
    case .dropCache(let descriptor, let range): SystemCall.dropCache(descriptor, range)
    case .openFile(let directory, let name, let mode):
      SystemCall.open(directory, name, flags: mode.flags, permissions: 0)
    case .createFile(let directory, let name, let mode, let permissions):
      SystemCall.open(directory, name, flags: mode.flags, permissions: permissions)
    case .closeFile(let descriptor): SystemCall.closeFile(descriptor)
    case .status(let descriptor, let box): box.fill(descriptor)
    case .statusOfName(let directory, let name, let box): box.fill(directory, name)
    case .makeDirectory(let directory, let name, let permissions):
      SystemCall.makeDirectory(directory, name, permissions: permissions)
    case .listDirectory(let descriptor, let slice): SystemCall.listDirectory(descriptor, slice)
    case .remove(let directory, let name, let isDirectory):
      SystemCall.remove(directory, name, isDirectory: isDirectory)
    case .rename(let directory, let name, let toDirectory, let toName, let replaces):
      SystemCall.rename(directory, name, toDirectory, toName, replaces: replaces)
    case .lock(let descriptor): SystemCall.lock(descriptor, LOCK_EX)
    case .unlock(let descriptor): SystemCall.lock(descriptor, LOCK_UN)
    case .position(let descriptor): SystemCall.position(descriptor)
    case .copySmallFiles(let copies): copies.perform()
    case .loadSmallFile(let load): load.perform()
    case .loadSmallFiles(let loads): loads.perform()
    case .entry(let work): work.perform()
    }
  }

  /// The same transfer of at most `byteCount` bytes; what is not a transfer stays as it is.
  func shortened(to byteCount: Int) -> Operation {
    switch self {
    case .read(let descriptor, let slice, let offset, let options):
      .read(descriptor, into: slice[0..<min(byteCount, slice.count)], at: offset, options)
    case .write(let descriptor, let slice, let offset, let options):
      .write(descriptor, from: slice[0..<min(byteCount, slice.count)], at: offset, options)
    case .copyRange(let source, let from, let destination, let to, let count):
      .copyRange(
        source, at: from, to: destination, destinationOffset: to, byteCount: min(byteCount, count))
    case .movePages(let source, let from, let destination, let to, let count, let pipes):
      .movePages(
        source, at: from, to: destination, destinationOffset: to, byteCount: min(byteCount, count),
        through: pipes)
    default: self
    }
  }
}

/// What an operation needs to know of the run it belongs to.
struct OperationContext: Sendable {
  let cancellation: Cancellation
  /// Tests put answers of the kernel's in here that cannot be had on demand; `nil` otherwise.
  let intercept: Interceptor?

  func interception(of operation: Operation) -> Interception {
    guard let intercept else { return .pass }
    return intercept(operation)
  }
}

/// What a test makes of an operation, before the engine's own retries.
package enum Interception: Sendable {
  case pass
  /// Ask the kernel for at most this many bytes: a true short transfer.
  case shorten(to: Int)
  /// Do not ask the kernel; this is the answer.
  case fail(Errno)
}

package typealias Interceptor = @Sendable (Operation) -> Interception
