import SystemPackage

extension FileEngine {
  /// Loads whole files and delivers each as soon as it is there, or in the order of the paths.
  ///
  ///     for try await file in engine.load(paths) {
  ///       try file.withBytes { use(file.path, $0) }      // lent: the memory is used again
  ///     }
  ///     for try await file in engine.load(paths) {
  ///       contents[file.path] = try file.take()          // handed over, without a copy
  ///     }
  ///
  /// A path that cannot be loaded is delivered too, with its error; the others go on. Only regular files are
  /// loaded, through symbolic links: a directory is the error `EISDIR`, a FIFO, socket or device `ENOTSUP` (a FIFO
  /// is opened to find that out, and closed again). A file's size is not trusted: procfs's files and those that
  /// grow or shrink meanwhile are loaded to their end as it is then. Files from 4 MiB on are read in parallel.
  ///
  /// Where several workers load hundreds of small cached files, each has a thread with a table of descriptors of its own
  /// do that (`close_range` with `CLOSE_RANGE_UNSHARE`, Linux 5.9), which ends with the load: the process's table and its
  /// lock are then not in the way.
  ///
  /// Paths are taken from the sequence as they are needed, on the engine's threads, so its iterator should not
  /// wait long. When nobody asks for more files, no more are loaded.
  ///
  /// - Complexity: memory is bounded by ``LoadOptions/maxBytesInFlight``, however many paths there are; one
  ///   continuation for each batch of files that was waited for. `openat`, `statx`, `pread`, `close`.
  public func load(
    _ paths: some Sequence<FilePath> & Sendable, options: LoadOptions = LoadOptions()
  ) -> LoadedFiles {
    loadedFiles({ LoadFeed(paths) }, options, nil)
  }

  /// ``load(_:options:)`` with paths as raw bytes.
  package func load(
    _ paths: some Sequence<PathBytes> & Sendable, options: LoadOptions = LoadOptions()
  ) -> LoadedFiles {
    loadedFiles({ LoadFeed(paths) }, options, nil)
  }

  /// Loads files and runs a function on each one's bytes, on the engine's workers, several at a time; delivers
  /// what it returns, which may be of any size or kind.
  ///
  ///     for try await sum in engine.load(paths, transform: { try $0.withBytes(checksum) }) {
  ///       print(sum.path, try sum.result.get())
  ///     }
  ///
  /// What the function throws is that file's result. A file's bytes count as in flight until its result was
  /// looked at, and so do as many of the result's.
  ///
  /// - Parameter transform: is only called for files that could be loaded.
  public func load<Value: Sendable>(
    _ paths: some Sequence<FilePath> & Sendable, options: LoadOptions = LoadOptions(),
    transform: @escaping @Sendable (LoadedFile) throws -> Value
  ) -> TransformedFiles<Value> {
    TransformedFiles(
      loadedFiles({ LoadFeed(paths) }, options) { file in
        do {
          return .value(TransformBox(try transform(file)))
        } catch {
          return .failure(error)
        }
      })
  }

  private func loadedFiles(
    _ makeFeed: @escaping @Sendable () -> LoadFeed, _ options: LoadOptions, _ transform: AnyTransform?
  ) -> LoadedFiles {
    LoadedFiles { [selection, intercept, descriptorBudget] in
      LoadRequest(
        feed: makeFeed(), options: options, transform: transform, selection: selection, intercept: intercept,
        descriptorBudget: descriptorBudget)
    }
  }
}
