extension FileEngine {
  /// Starts work that goes on beside the caller.
  ///
  ///     let saving = engine.background { try await $0.copyFile(from: "a", to: "b") }
  ///     // go on
  ///     let report = try await saving.value
  ///
  /// The work runs whether or not its handle is kept, in a task of its own that inherits no priority, actor or
  /// task-local value. An error that nobody awaits goes to ``Configuration/logger``.
  ///
  /// - Complexity: one task.
  @discardableResult
  public func background<Value: Sendable>(
    _ work: @escaping @Sendable (FileEngine) async throws -> Value
  ) -> BackgroundTask<Value> {
    BackgroundTask(engine: self) { engine, _ in try await work(engine) }
  }

  /// ``background(_:)-((FileEngine)->Value)`` for work that tells how far it is.
  @discardableResult
  public func background<Value: Sendable>(
    _ work: @escaping @Sendable (FileEngine, BackgroundProgress) async throws -> Value
  ) -> BackgroundTask<Value> {
    BackgroundTask(engine: self, work: work)
  }
}
