import Synchronization
import UringIO

/// Copies one operand after the other, and tells of it.
struct OperandCopy {
  let arguments: Arguments
  let output: Output
  let interruption: Interruption
  let engine: FileEngine
  let options: TreeOptions
  /// What all operands of this run share.
  let links = CopyHistory()

  enum Outcome { case copied, notCopied, kept }

  /// - Parameter refusal: why the file that exists must not be overwritten after all, to be told only if the user
  ///   agreed that it is.
  func copy(_ pair: OperandPair, refusal: String?) -> Outcome {
    guard let target = pair.parentsTarget else { return copyEntry(pair, refusal) }
    let parents: ParentDirectories
    do throws(FileIOError) {
      parents = try ParentDirectories.make(
        in: target, for: pair.source, options: options, observe: tellMadeDirectory)
    } catch {
      output.failed(error, ErrorWords.describeParent(error, pair), pair)
      return .notCopied
    }
    // cp takes it for granted that what it made directories for is not there; and makes "d/." again.
    if parents.areNew, arguments.isRecursive, pair.source.lastComponent == PathBytes([UInt8(ascii: ".")]) {
      let error = FileIOError(.fileExists, during: .createDirectory, path: pair.destination)
      output.failed(error, ErrorWords.describe(error, pair), pair)
      return .notCopied
    }
    let outcome = copyEntry(pair, refusal)
    let failures = parents.finish()
    for error in failures { output.failed(error, ErrorWords.describeParent(error, pair), pair) }
    return failures.isEmpty ? outcome : .notCopied
  }

  /// Here cp does not quote.
  private func tellMadeDirectory(_ event: TreeEvent) {
    guard output.tellsCopied, case .copied(let source, let destination, _, _) = event else { return }
    Messages.pair(source, destination)
  }

  private func copyEntry(_ pair: OperandPair, _ refusal: String?) -> Outcome {
    let bar = ProgressBar(arguments.progress)
    let question = arguments.asks ? Question(prompt, refusal) : nil
    var asks: (@Sendable (OverwriteQuestion) -> Bool)?
    if let question { asks = { question.ask($0) } }
    let output = output
    do throws(FileIOError) {
      let report = try engine.copyEntryBlocking(
        from: pair.source, to: pair.destination, options: options, recursive: arguments.isRecursive,
        history: links, cancellation: interruption.cancellation,
        followsDanglingDestination: Environment.isPosixlyCorrect, tells: output.tells,
        progress: bar?.update, asks: asks, observe: { output.tell($0, pair) })
      bar?.end()
      output.copied(report, pair)
      if report.tree.failureCount > 0 || question?.isRefused == true { return .notCopied }
      return report.file?.strategy == .kept || report.tree.keptCount > 0 ? .kept : .copied
    } catch {
      bar?.end()
      output.failed(error, ErrorWords.describe(error, pair), pair)
      return .notCopied
    }
  }

  private var prompt: OverwritePrompt {
    OverwritePrompt(
      replaces: arguments.isForced || options.removesExisting, cancellation: interruption.cancellation)
  }

  /// The prompt, where an answer of yes may still be refused.
  private final class Question: Sendable {
    private let prompt: OverwritePrompt
    private let refusal: String?
    private let refused = Atomic<Bool>(false)

    init(_ prompt: OverwritePrompt, _ refusal: String?) {
      self.prompt = prompt
      self.refusal = refusal
    }

    var isRefused: Bool { refused.load(ordering: .relaxed) }

    func ask(_ question: OverwriteQuestion) -> Bool {
      guard prompt.ask(question) else { return false }
      guard let refusal else { return true }
      Messages.error(refusal)
      refused.store(true, ordering: .relaxed)
      return false
    }
  }
}
