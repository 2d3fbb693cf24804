// swift-tools-version: 6.1
import PackageDescription

// The state machines have `package` access. What drives them by hand is compiled as a part of the package above,
// which the package manager knows by its folder's name, in small letters and as an identifier.
let folder = Context.packageDirectory.split(separator: "/").dropLast(2).last!
let packageAbove = String(folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })

let package = Package(
  name: "micro",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-uring-io", path: "../.."),
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
    // Without its traits, which replace malloc and the reference counting by slower ones that count.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(
      name: "MicroPieces",
      dependencies: [
        .product(name: "UringIO", package: "swift-uring-io"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      // Without it the compiler would be told of this package too, and believe that.
      packageAccess: false,
      swiftSettings: [.unsafeFlags(["-package-name", packageAbove])]),
    .target(name: "CTickingClock"),
    .executableTarget(
      name: "MicroWork",
      dependencies: ["MicroPieces", "CTickingClock"],
      // Valgrind 3.19 gives up on the compiler's debugging information.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--strip-debug"])]),
    .executableTarget(
      name: "Pieces",
      dependencies: ["MicroPieces", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/Pieces",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
