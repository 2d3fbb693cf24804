// swift-tools-version: 6.2
import PackageDescription

// One compilation condition says "Linux's own calls may be used here". Sources test LINUX and never
// os(Linux), so that the portable part can be compiled on Linux with the Linux parts switched off
// (`make check-portable`) and keeps compiling elsewhere.
//
// CI builds with URINGIO_STRICT=1: our own warnings are errors, those of a package that depends on this
// one are its own business.
let isStrict = Context.environment["URINGIO_STRICT"] == "1"
let swiftSettings: [SwiftSetting] =
  [.define("LINUX", .when(platforms: [.linux]))] + (isStrict ? [.treatAllWarnings(as: .error)] : [])
let cSettings: [CSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []

let package = Package(
  name: "swift-uring-io",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "UringIO", targets: ["UringIO"]),
    .executable(name: "uringcp", targets: ["uringcp"]),
    .executable(name: "uringtool", targets: ["uringtool"]),
  ],
  traits: [
    .trait(
      name: "IOUring",
      description: "The io_uring engine. Needs liburing's headers and liburing.a at build time."),
    .default(enabledTraits: ["IOUring"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CLiburing", path: "CModules/CLiburing"),
    .target(name: "CLinux", path: "CModules/CLinux", cSettings: cSettings),
    .target(name: "CCommandLine", path: "CModules/CCommandLine", cSettings: cSettings),
    .target(
      name: "UringIO",
      dependencies: [
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .target(name: "CLinux", condition: .when(platforms: [.linux])),
        .target(
          name: "CLiburing", condition: .when(platforms: [.linux], traits: ["IOUring"])),
      ],
      swiftSettings: swiftSettings,
      linkerSettings: [
        // By file name, so that the archive is taken and the programs need no shared liburing.
        .linkedLibrary(":liburing.a", .when(platforms: [.linux], traits: ["IOUring"]))
      ]),
    .executableTarget(
      name: "uringcp",
      dependencies: [
        "UringIO", "CCommandLine",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "uringtool",
      dependencies: [
        "UringIO", "CCommandLine",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .target(name: "CTestSupport", path: "Tests/CTestSupport"),
    .target(name: "TestFixtures", dependencies: ["CTestSupport"], path: "Tests/TestFixtures"),
    .testTarget(
      name: "UringIOTests",
      dependencies: [
        "UringIO", "CTestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "UringToolTests", dependencies: ["UringIO", "uringtool"], swiftSettings: swiftSettings),
    .testTarget(name: "CommandTests", dependencies: ["TestFixtures", "uringcp", "uringtool"]),
    .testTarget(name: "FaultTests", dependencies: ["TestFixtures", "uringcp"]),
    .testTarget(name: "ConformanceTests", dependencies: ["CTestSupport", "TestFixtures", "uringcp"]),
  ],
  swiftLanguageModes: [.v6]
)
