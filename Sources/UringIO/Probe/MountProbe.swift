import SystemPackage

/// The mount a file lies on.
package struct MountProbe: Sendable {
  /// The file system's type as the kernel names it: "ext4", "fuse.sshfs".
  package var type: String
  /// The device or server: "/dev/vda", "host:/export".
  package var source: String
  package var mountPoint: String
  /// The mount's options, then the file system's.
  package var options: [String]

  /// The mount of an open file; `nil` where the kernel does not tell (no `/proc`, not Linux).
  ///
  /// By the mount's number in `/proc/self/fdinfo`, not by device or by path: btrfs gives its subvolumes
  /// devices of their own, and a path may lead through links.
  package static func of(_ descriptor: FileDescriptor) -> MountProbe? {
    guard let information = KernelFile.lines(at: "/proc/self/fdinfo/\(descriptor.rawValue)"),
      let number = information.first(where: { $0.hasPrefix("mnt_id:") })?
        .split(whereSeparator: { $0 == "\t" || $0 == " " }).last,
      let mounts = KernelFile.lines(at: "/proc/self/mountinfo")
    else { return nil }
    return mounts.first { $0.hasPrefix(number + " ") }.flatMap { MountProbe(line: $0) }
  }

  /// Reads a line of mountinfo: number, parent, device, root, mount point, options, optional fields, "-",
  /// type, source, the file system's options (proc(5)).
  init?(line: Substring) {
    let fields = line.split(separator: " ")
    guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-"), dash + 2 < fields.count else {
      return nil
    }
    mountPoint = Self.unescaped(fields[4])
    type = Self.unescaped(fields[dash + 1])
    source = Self.unescaped(fields[dash + 2])
    options = fields[5].split(separator: ",").map(String.init)
    if dash + 3 < fields.count {
      for option in fields[dash + 3].split(separator: ",") where !options.contains(String(option)) {
        options.append(String(option))
      }
    }
  }

  /// Blanks and backslashes are written as `\ooo`.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let first = rest.popFirst() {
      if first == UInt8(ascii: "\\"), rest.count >= 3,
        let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(first)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
