import SystemPackage

/// Reads one piece of a transform's input: of a file all that fits, of a stream what is there.
final class ReadPieceJob: Job {
  let input: BufferSlice
  private(set) var isAtEnd = false
  private let pipe: TransformPipe
  private let offset: Int
  private var waitsFirst: Bool
  private var isWaiting = false
  private var filled = 0

  init(_ pipe: TransformPipe, into input: BufferSlice, at offset: Int, waitsFirst: Bool) {
    self.pipe = pipe
    self.input = input
    self.offset = offset
    self.waitsFirst = waitsFirst
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    let path = pipe.ends.sourcePath
    if pipe.cancellation.isCancelled {
      return .finish(.failure(FileIOError(.canceled, during: .copy, path: path)))
    }
    guard let completion = completions.first else { return waitsFirst ? wait() : read() }
    switch completion {
    case _ where isWaiting:
      isWaiting = false
      if case .failed(let errno) = completion {
        return .finish(.failure(FileIOError(errno, during: .poll, path: path)))
      }
      return read()
    case .count(0):
      isAtEnd = true
      return .finish(.success(filled))
    case .count(let count):
      filled += count
      return filled < input.count && !pipe.ends.sourceIsStream ? read() : .finish(.success(filled))
    case .failed(.resourceTemporarilyUnavailable) where pipe.ends.sourceIsStream:
      return wait()
    case .failed(let errno):
      return .finish(
        .failure(FileIOError(errno, during: .read, path: path, offset: Int64(offset + filled))))
    }
  }

  private func wait() -> Step {
    isWaiting = true
    return .perform(.poll(pipe.ends.source, .readable))
  }

  private func read() -> Step {
    .perform(
      .read(
        pipe.ends.source, into: input[filled..<input.count],
        at: pipe.ends.sourceIsStream ? nil : Int64(offset + filled)))
  }
}

/// Gives one piece, or the end, to the transform.
final class TransformPieceJob: Job {
  /// `nil` at the input's end.
  let input: BufferSlice?
  let output: ProducedBytes
  private let transform: SentTransform
  private let path: PathBytes

  init(_ input: BufferSlice?, into output: ProducedBytes, _ transform: SentTransform, path: PathBytes) {
    self.input = input
    self.output = output
    self.transform = transform
    self.path = path
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    guard completions.isEmpty else { return .finish(output.error.map { .failure($0) } ?? .success(0)) }
    return .compute { [input, output, transform, path] in
      do {
        if let input {
          try input.withBytes { try transform.transform.transform($0, into: &output.bytes) }
        } else {
          try transform.transform.finish(into: &output.bytes)
        }
        return .count(0)
      } catch let error as FileIOError {
        output.error = error
      } catch {
        output.error = FileIOError(.thrown("\(error)"), during: .transform, path: path)
      }
      return .failed(.canceled)
    }
  }
}

/// Writes what the transform made of one piece.
final class WritePieceJob: Job {
  let output: ProducedBytes
  private(set) var written = 0
  private let pipe: TransformPipe
  private let offset: Int
  private var isWaiting = false

  init(_ pipe: TransformPipe, _ output: ProducedBytes, at offset: Int) {
    self.pipe = pipe
    self.output = output
    self.offset = offset
  }

  func next(after completions: Completions, buffer: BufferSlice) -> Step {
    let path = pipe.ends.destinationPath
    if pipe.cancellation.isCancelled {
      return .finish(.failure(FileIOError(.canceled, during: .copy, path: pipe.ends.sourcePath)))
    }
    guard let completion = completions.first else { return write() }
    switch completion {
    case _ where isWaiting:
      isWaiting = false
      if case .failed(let errno) = completion {
        return .finish(.failure(FileIOError(errno, during: .poll, path: path)))
      }
      return write()
    case .count(0):
      // A write of something that wrote nothing, and no error: asking again could go on for ever.
      return fail(.ioError)
    case .count(let count):
      written += count
      pipe.wrote(count)
      return written < output.bytes.count ? write() : .finish(.success(written))
    case .failed(.resourceTemporarilyUnavailable) where pipe.ends.destinationIsStream:
      isWaiting = true
      return .perform(.poll(pipe.ends.destination, .writable))
    case .failed(let errno):
      return fail(errno)
    }
  }

  private func write() -> Step {
    .perform(
      .write(
        pipe.ends.destination, from: output.bytes.slice![written..<output.bytes.count],
        at: pipe.ends.destinationIsStream ? nil : Int64(offset + written)))
  }

  private func fail(_ errno: Errno) -> Step {
    .finish(
      .failure(
        FileIOError(
          errno, during: .write, path: pipe.ends.destinationPath, offset: Int64(offset + written))))
  }
}
