import ArgumentParser
import UringIO

/// "uring:depth=32,workers=1,threads": engines in the order given. The same one twice is compared with itself.
struct EngineList: ExpressibleByArgument {
  var specs: [EngineSpec]

  init(_ specs: [EngineSpec]) { self.specs = specs }

  init?(argument: String) {
    // A setting goes with the engine before it.
    var texts: [String] = []
    for piece in argument.split(separator: ",", omittingEmptySubsequences: false) {
      if piece.contains("="), !piece.contains(":"), let last = texts.indices.last {
        texts[last] += "," + piece
      } else {
        texts.append(String(piece))
      }
    }
    specs = []
    for text in texts {
      guard let spec = EngineSpec(argument: text) else { return nil }
      specs.append(spec)
    }
  }

  var defaultValueDescription: String { specs.map(\.name).joined(separator: ",") }
}
