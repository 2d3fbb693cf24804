import UringIO

extension ProbeFindings {
  private static let labelWidth = 20

  /// The findings for a person, in sections of aligned lines of at most `width` characters.
  func lines(width: Int) -> [String] {
    let sections: [(title: String, rows: [(String, String)])] = [
      ("Machine", machineRows), ("io_uring", ringRows),
      ("File system of \(fileSystem.directory.displayed)", fileSystemRows),
      ("What is made of it", choiceRows),
    ]
    return sections.enumerated().flatMap { index, section in
      (index == 0 ? [] : [""]) + [section.title]
        + section.rows.map {
          Console.labelled("  " + $0.0, $0.1, labelWidth: Self.labelWidth, width: width - 1)
        }
    }
  }

  private var machineRows: [(String, String)] {
    [
      ("kernel", "\(machine.kernel) \(machine.architecture)"),
      ("cores", "\(machine.coreCount)"),
      ("memory", ByteSize.format(machine.memoryByteCount)),
      ("page size", ByteSize.format(Int64(machine.pageByteCount))),
      ("locked memory", text(machine.lockedMemory, asBytes: true) + " (ulimit -l)"),
      ("open files", text(machine.openFiles, asBytes: false) + " (ulimit -n)"),
    ]
  }

  private var ringRows: [(String, String)] {
    var rows: [(String, String)] = []
    switch ring {
    case .failure(let refusal): rows.append(("available", "no: \(refusal.reason)"))
    case .success(let probe):
      rows += [
        ("available", "yes"), ("set up with", probe.setup.joined(separator: ", ")),
        ("features", probe.features.joined(separator: ", ")),
        (
          "operations used",
          probe.operations.map { $0.isSupported ? $0.name : "\($0.name) (missing)" }.joined(separator: ", ")
        ),
      ]
    }
    if let ringLimits {
      rows += [
        ("operations known", "\(ringLimits.knownOperationCount)"),
        (
          "kernel workers",
          "at most \(ringLimits.boundedWorkerCountMax) for files, \(ringLimits.unboundedWorkerCountMax) for "
            + "what may wait for ever"
        ),
      ]
    }
    if let disabled = machine.ringsDisabled {
      let meaning = ["everybody may", "only privileged processes and the io_uring group", "nobody may"]
      rows.append(
        (
          "io_uring_disabled",
          "\(disabled)" + (meaning.indices.contains(disabled) ? " (\(meaning[disabled]))" : "")
        ))
    }
    rows.append(("liburing", Self.liburing ?? "not in this build"))
    return rows
  }

  private var fileSystemRows: [(String, String)] {
    var rows = [("type", fileSystem.mount?.type ?? fileSystem.kind.rawValue)]
    if let mount = fileSystem.mount {
      rows.append(("mounted from", "\(mount.source) at \(mount.mountPoint)"))
      rows.append(("options", mount.options.joined(separator: ", ")))
    }
    var direct = text(fileSystem.directWrite)
    if let byteCount = fileSystem.directWriteByteCount { direct += ", from \(byteCount) bytes" }
    rows += [
      ("free", "\(ByteSize.format(fileSystem.freeByteCount)) of \(ByteSize.format(fileSystem.byteCount))"),
      ("clone", text(fileSystem.clone)),
      ("copies by itself", fileSystem.copiesByItself ? "yes" : "no"),
      ("direct writes", direct),
      (
        "direct alignment",
        fileSystem.directAlignment.map { "memory \($0.memory) bytes, offset \($0.offset) bytes" }
          ?? "the kernel does not tell"
      ),
      ("DONTCACHE writes", text(fileSystem.dontCache)),
      ("holes", text(fileSystem.holes)),
      ("preallocation", text(fileSystem.preallocation)),
    ]
    return rows
  }

  private var choiceRows: [(String, String)] {
    [
      ("engine", "\(engine.kind.rawValue): \(engine.reason)"),
      ("large, cached", "\(cachedCopy.strategy.rawValue): \(cachedCopy.reason)"),
      ("large, uncached", "\(uncachedCopy.strategy.rawValue): \(uncachedCopy.reason)"),
    ]
  }

  private func text(_ answer: ProbeAnswer) -> String {
    switch answer {
    case .yes: "yes"
    case .no(let reason): "no (\(reason))"
    case .unknown(let reason): "unknown: \(reason)"
    }
  }

  private func text(_ limit: MachineProbe.Limit?, asBytes: Bool) -> String {
    guard let limit else { return "no limit known" }
    func value(_ number: UInt64?) -> String {
      number.map { asBytes ? ByteSize.format(Int64($0)) : "\($0)" } ?? "unlimited"
    }
    return limit.soft == limit.hard ? value(limit.soft) : "\(value(limit.soft)), up to \(value(limit.hard))"
  }
}
