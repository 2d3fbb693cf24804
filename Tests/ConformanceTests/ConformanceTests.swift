#if os(Linux)
  import TestFixtures
  import Testing

  /// Runs tables of cases with the system's cp and with uringcp, both called as `cp`, in sandboxes that are alike.
  ///
  /// Most cases are run on one file system as root and on another one as an ordinary user; with COMPARE_EVERYWHERE=1 in
  /// the environment all are run on each, which takes three times as long. With URINGCP=/bin/cp, cp is compared with
  /// itself: only cases with a departure may fail then.
  @Suite(
    "uringcp is cp", .volumes, .enabled(if: ReferenceCopy.isKnown, "\(ReferenceCopy.reason)"))
  struct ConformanceTests {
    /// Fails for each case in which uringcp differs from cp.
    func agrees(
      _ cases: [Case], on ground: Ground, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      try withScratch { scratch in
        let comparison = Comparison(
          reference: try CopyProgram("reference", ReferenceCopy.executable, in: scratch),
          tested: try CopyProgram("tested", Executables.uringcp, in: scratch))
        try comparison.run(cases, on: ground) {
          Issue.record("\($0)", sourceLocation: sourceLocation)
        }
      }
    }
  }
#endif
