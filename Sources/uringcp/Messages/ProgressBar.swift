import CCommandLine
import Dispatch
import Synchronization
import UringIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A line on the terminal that says how far a copy is: bar, percent, bytes, rate and time left.
///
/// It is drawn by a thread of its own from two numbers the copy leaves behind, so the copy never waits for
/// a terminal. The width is asked for each time: a resized window is right at the next drawing.
final class ProgressBar: @unchecked Sendable {
  private struct State {
    var progress = CopyProgress(copiedByteCount: 0, totalByteCount: nil)
    var isOver = false
  }

  private static let drawingInterval = DispatchTimeInterval.milliseconds(100)
  /// What takes less is over before a person could read it.
  private static let delay = DispatchTimeInterval.milliseconds(500)

  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)
  private let erased = DispatchSemaphore(value: 0)
  private let start = ContinuousClock.now
  private let startsAtOnce: Bool

  /// `nil` where no progress is to be shown.
  init?(_ when: Arguments.When) {
    switch when {
    case .never: return nil
    case .auto where isatty(STDERR_FILENO) == 0: return nil
    case .auto: startsAtOnce = false
    case .always: startsAtOnce = true
    }
    DispatchQueue(label: "progress").async { self.run() }
  }

  var update: @Sendable (CopyProgress) -> Void {
    { progress in self.state.withLock { $0.progress = progress } }
  }

  /// Takes the line away.
  func end() {
    ended.signal()
    erased.wait()
  }

  private func run() {
    var isDrawn = false
    defer {
      if isDrawn { Messages.write("\r\u{1b}[K", to: STDERR_FILENO) }
      erased.signal()
    }
    if !startsAtOnce, ended.wait(timeout: .now() + Self.delay) == .success { return }
    repeat {
      let columns = Int(commandTerminalColumns(STDERR_FILENO))
      let line = Self.line(
        state.withLock { $0.progress }, seconds: (ContinuousClock.now - start) / .seconds(1),
        columns: columns > 0 ? columns : 80)
      Messages.write("\r" + line + "\u{1b}[K", to: STDERR_FILENO)
      isDrawn = true
    } while ended.wait(timeout: .now() + Self.drawingInterval) == .timedOut
  }

  /// The line for a terminal of that many columns; never longer than one column less, or it would wrap.
  static func line(_ progress: CopyProgress, seconds: Double, columns: Int) -> String {
    let rate = seconds > 0 ? Double(progress.copiedByteCount) / seconds : 0
    var parts = ["\(ByteSize.format(progress.copiedByteCount))", "\(ByteSize.format(Int64(rate)))/s"]
    guard let total = progress.totalByteCount, total > 0 else {
      return String(parts.joined(separator: "  ").prefix(max(0, columns - 1)))
    }
    let part = min(1, Double(progress.copiedByteCount) / Double(total))
    parts[0] += " of \(ByteSize.format(total))"
    if rate > 0 {
      parts.append("ETA " + time(Double(max(0, total - progress.copiedByteCount)) / rate))
    }
    let percent = "\(Int(part * 100))%"
    let text =
      String(repeating: " ", count: 4 - percent.count) + percent + "  " + parts.joined(separator: "  ")
    let room = columns - 1 - text.count - 3
    guard room >= 10 else { return String(text.prefix(max(0, columns - 1))) }
    let width = min(room, 40)
    let filled = Int(part * Double(width))
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] "
      + text
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 359_999))
    func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
    let hours = whole / 3600
    return (hours > 0 ? "\(hours):" + two(whole / 60 % 60) : "\(whole / 60 % 60)") + ":" + two(whole % 60)
  }
}
