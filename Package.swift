// swift-tools-version: 6.1
import PackageDescription

// One compilation condition says "Linux's own calls may be used here". Sources test LINUX and never
// os(Linux), so that the portable part can be compiled on Linux with the Linux parts switched off
// (`make check-portable`) and keeps compiling elsewhere.
let linuxSettings: [SwiftSetting] = [
  .define("LINUX", .when(platforms: [.linux]))
]

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
  ],
  targets: [
    .systemLibrary(name: "CLiburing", path: "CModules/CLiburing"),
    .target(name: "CLinux", path: "CModules/CLinux"),
    .target(name: "CCommandLine", path: "CModules/CCommandLine"),
    .target(
      name: "UringIO",
      dependencies: [
        .product(name: "SystemPackage", package: "swift-system"),
        .target(name: "CLinux", condition: .when(platforms: [.linux])),
        .target(
          name: "CLiburing", condition: .when(platforms: [.linux], traits: ["IOUring"])),
      ],
      swiftSettings: linuxSettings,
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
      swiftSettings: linuxSettings),
    .executableTarget(
      name: "uringtool",
      dependencies: [
        "UringIO",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: linuxSettings),
    .target(name: "CTestSupport", path: "Tests/CTestSupport"),
    .testTarget(
      name: "UringIOTests",
      dependencies: [
        "UringIO", "CTestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: linuxSettings),
    .testTarget(name: "CommandTests", dependencies: ["CTestSupport", "uringcp", "uringtool"]),
    .testTarget(name: "FaultTests", dependencies: ["CTestSupport", "uringcp"]),
  ],
  swiftLanguageModes: [.v6]
)
