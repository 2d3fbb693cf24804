import UringIO

extension ProbeFindings {
  /// The findings for a program.
  var json: JSON {
    .object([
      ("type", .string("probe")), ("version", .string(UringIOVersion.current)), ("machine", machineJSON),
      ("ring", ringJSON), ("fileSystem", fileSystemJSON),
      ("auto", .object([("engine", .string(engine.kind.rawValue)), ("reason", .string(engine.reason))])),
      ("largeCopy", .object([("cached", json(cachedCopy)), ("uncached", json(uncachedCopy))])),
    ])
  }

  private var machineJSON: JSON {
    .object([
      ("kernel", .string(machine.kernel)), ("architecture", .string(machine.architecture)),
      ("cores", .integer(Int64(machine.coreCount))), ("memoryBytes", .integer(machine.memoryByteCount)),
      ("pageBytes", .integer(Int64(machine.pageByteCount))),
      ("lockedMemoryBytes", json(machine.lockedMemory)), ("openFiles", json(machine.openFiles)),
    ])
  }

  private var ringJSON: JSON {
    var members: [(String, JSON)] = []
    switch ring {
    case .success(let probe):
      members += [
        ("available", .boolean(true)), ("setup", .array(probe.setup.map(JSON.string))),
        ("features", .array(probe.features.map(JSON.string))),
        ("operations", .object(probe.operations.map { ($0.name, .boolean($0.isSupported)) })),
      ]
    case .failure(let refusal):
      members += [
        ("available", .boolean(false)), ("reason", .string(refusal.reason)),
        ("errno", .integer(Int64(refusal.errno.rawValue))),
      ]
    }
    if let ringLimits {
      members += [
        ("knownOperations", .integer(Int64(ringLimits.knownOperationCount))),
        ("boundedWorkersMax", .integer(Int64(ringLimits.boundedWorkerCountMax))),
        ("unboundedWorkersMax", .integer(Int64(ringLimits.unboundedWorkerCountMax))),
      ]
    }
    members.append(("disabledSetting", machine.ringsDisabled.map { .integer(Int64($0)) } ?? .null))
    members.append(("liburing", Self.liburing.map(JSON.string) ?? .null))
    return .object(members)
  }

  private var fileSystemJSON: JSON {
    var members: [(String, JSON)] = [
      JSON.path("directory", fileSystem.directory), ("kind", .string(fileSystem.kind.rawValue)),
      ("bytes", .integer(fileSystem.byteCount)), ("freeBytes", .integer(fileSystem.freeByteCount)),
    ]
    if let mount = fileSystem.mount {
      members += [
        ("type", .string(mount.type)), ("source", .string(mount.source)),
        ("mountPoint", .string(mount.mountPoint)), ("options", .array(mount.options.map(JSON.string))),
      ]
    }
    members += [
      ("clone", json(fileSystem.clone)), ("copiesByItself", .boolean(fileSystem.copiesByItself)),
      ("directWrite", json(fileSystem.directWrite)),
      ("directWriteBytesMin", fileSystem.directWriteByteCount.map { .integer(Int64($0)) } ?? .null),
      (
        "directAlignment",
        fileSystem.directAlignment.map {
          .object([("memory", .integer(Int64($0.memory))), ("offset", .integer(Int64($0.offset)))])
        } ?? .null
      ),
      ("dontCache", json(fileSystem.dontCache)), ("holes", json(fileSystem.holes)),
      ("preallocation", json(fileSystem.preallocation)),
    ]
    return .object(members)
  }

  /// `supported` is null where it could not be tried.
  private func json(_ answer: ProbeAnswer) -> JSON {
    switch answer {
    case .yes: .object([("supported", .boolean(true))])
    case .no(let reason): .object([("supported", .boolean(false)), ("reason", .string(reason))])
    case .unknown(let reason): .object([("supported", .null), ("reason", .string(reason))])
    }
  }

  private func json(_ copy: (strategy: CopyStrategy, reason: String)) -> JSON {
    .object([("strategy", .string(copy.strategy.rawValue)), ("reason", .string(copy.reason))])
  }

  /// Null is unlimited, or unknown.
  private func json(_ limit: MachineProbe.Limit?) -> JSON {
    func value(_ number: UInt64?) -> JSON { number.map { .integer(Int64($0)) } ?? .null }
    return .object([("soft", value(limit?.soft)), ("hard", value(limit?.hard))])
  }
}
