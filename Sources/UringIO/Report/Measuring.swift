/// How much an engine notes of what it asks of the kernel. Reports have it in their ``OperationTally``.
public enum Measuring: Sendable {
  /// How many operations, how many bytes, what was refused. Costs next to nothing.
  case counts
  /// Also how long operations took, how many were in flight, how long the engine's threads waited. Costs less than
  /// 2 % (bench/README.md, "statistics").
  case statistics
  /// Also every operation with its time, up to a million of them: 32 bytes each, and two looks at the clock.
  case trace
}
