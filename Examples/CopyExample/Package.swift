// swift-tools-version: 6.2
import PackageDescription

// As a program of yours would: by path here, by address elsewhere. Without io_uring the default trait is
// left out, and liburing is neither needed nor linked.
let isWithoutUring = Context.environment["EXAMPLE_WITHOUT_URING"] == "1"

let package = Package(
  name: "copy-example",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-uring-io", path: "../..", traits: isWithoutUring ? [] : [.defaults]),
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
  ],
  targets: [
    .executableTarget(
      name: "copy-example",
      dependencies: [
        .product(name: "UringIO", package: "swift-uring-io"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .executableTarget(
      name: "tutorial-jobs",
      dependencies: [
        .product(name: "UringIO", package: "swift-uring-io"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
  ]
)
