/// Why a command line cannot be followed.
struct UsageError: Error {
  /// Words of the command line are in it as they were given, whatever their bytes.
  var text: [UInt8]
  /// Whether to point to --help after it, as cp does for most.
  var pointsToHelp = true

  init(text: String, pointsToHelp: Bool = true) {
    self.text = Array(text.utf8)
    self.pointsToHelp = pointsToHelp
  }

  /// - Parameter word: comes between `start` and `end`.
  init(_ start: String, _ word: some Sequence<UInt8>, _ end: String) {
    text = Array(start.utf8) + word + Array(end.utf8)
  }
}
