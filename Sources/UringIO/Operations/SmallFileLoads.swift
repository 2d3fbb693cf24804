import SystemPackage

#if LINUX
  import CLinux
#endif

/// Many small cached files' loading as one operation after another, by a thread with descriptors of its own. What is not
/// as usual is left undone, and nothing of it stays open.
///
/// An operation begins with the files that were added, and completes when those of the operation before it are done: so
/// the thread always has something to do, while others do what is to be done with loaded files. A file that does not fit
/// the memory it was added with stays open, and is read by the next operation, into memory for its size.
public final class SmallFileLoads: @unchecked Sendable {
  static let fileCountMax = 128

  private let descriptors: OwnDescriptors
  /// For the next operation: to be opened, and to be read.
  private var added = Batch()
  private var ready = Batch()
  /// What the last operation began with.
  private var opening = Batch()
  private var reading = Batch()
  /// What to wait for, where it began with any.
  private var number: UInt32?
  /// What it completed.
  private var opened = Batch()
  private var read = Batch()
  /// How long the thread has worked from one operation to the next.
  private var workedNanoseconds: UInt64 = 0

  init(_ descriptors: OwnDescriptors) { self.descriptors = descriptors }

  deinit { awaitBegun() }

  /// Whether there are files that a next operation goes on with.
  var hasBegun: Bool { number != nil || ready.count > 0 }

  var addedCount: Int { added.count }

  /// - Parameters:
  ///   - file: with memory for what it probably takes, if anybody knows.
  ///   - memoryDevice: ``CacheTemperature/memoryDevice``.
  func add(_ name: NumberedName, _ file: LoadedFile?, memoryDevice: UInt64) {
    precondition(addedCount < Self.fileCountMax, "a batch has a bound")
    added.append(name, file, memoryDevice: memoryDevice)
  }

  /// How many of those that the operation completed with it opened.
  var openedCount: Int { opened.count }

  /// What the operation came to for one file.
  enum Outcome {
    case loaded(LoadedFile, byteCount: Int)
    /// It is left to others, with the memory it had.
    case left(NumberedName, LoadedFile?)
  }

  /// Hands out what the operation completed.
  ///
  /// - Parameters:
  ///   - fit: gets an open file's size, and the memory that is too small or too large for it; answers with what it is
  ///     loaded into, or `nil`: it is closed, and nobody tells of it again.
  func takeCompleted(
    fit: (NumberedName, _ byteCount: Int64, LoadedFile?) -> LoadedFile?, each body: (Outcome) -> Void
  ) {
    precondition(ready.count == 0, "what is open is read by the next operation")
    for index in 0..<read.count where read.files[index] != nil { body(read.outcome(at: index)) }
    for index in 0..<opened.count {
      if opened.isOver(at: index) {
        body(opened.outcome(at: index))
      } else {
        let file = fit(opened.names[index], opened.byteCount(of: index), opened.files[index])
        ready.takeOpen(index, of: opened, into: file)
      }
    }
    read.removeAll()
    opened.removeAll()
  }

  private func awaitBegun() {
    #if LINUX
      guard let number else { return }
      descriptors.await(number)
      self.number = nil
    #endif
  }

  /// Files, and what is asked of the kernel for each, in memory that stays where it is.
  private final class Batch {
    private(set) var names: [NumberedName] = []
    private(set) var files: [LoadedFile?] = []

    var count: Int { names.count }

    func outcome(at index: Int) -> Outcome {
      isDone(at: index)
        ? .loaded(files[index]!, byteCount: Int(byteCount(of: index))) : .left(names[index], files[index])
    }

    #if LINUX
      let loads = UnsafeMutablePointer<linuxSmallFileLoad>.allocate(capacity: fileCountMax)

      deinit { loads.deallocate() }

      func append(_ name: NumberedName, _ file: LoadedFile?, memoryDevice: UInt64) {
        var load = linuxSmallFileLoad()
        load.set(name.name, in: .workingDirectory)
        load.set(file?.region?.slice, memoryDevice: memoryDevice)
        append(name, file, load)
      }

      /// Takes over an open file of another batch.
      func takeOpen(_ index: Int, of other: Batch, into file: LoadedFile?) {
        var load = other.loads[index]
        load.set(file?.region?.slice, memoryDevice: load.memoryDevice)
        append(other.names[index], file, load)
      }

      private func append(_ name: NumberedName, _ file: LoadedFile?, _ load: linuxSmallFileLoad) {
        (loads + count).initialize(to: load)
        names.append(name)
        files.append(file)
      }

      func byteCount(of index: Int) -> Int64 { loads[index].byteCount }
      func isDone(at index: Int) -> Bool { loads[index].isDone }
      /// Whether it is closed again.
      func isOver(at index: Int) -> Bool { loads[index].isOver }

      var doneCount: Int { (0..<count).count { isDone(at: $0) } }

      /// Nothing is opened.
      func decline() {
        for index in 0..<count { loads[index].isOver = true }
      }

      /// Counts the calls that were made for files that are over.
      func count(in tally: inout OperationTally, inline: Bool) {
        var byteCount = 0
        var fileCounts = [Int](repeating: 0, count: SmallFileLoad.kinds.count + 1)
        for index in 0..<count where isOver(at: index) {
          fileCounts[Int(loads[index].callCount)] += 1
          if isDone(at: index) { byteCount += Int(loads[index].byteCount) }
        }
        for (callCount, fileCount) in fileCounts.enumerated() where fileCount > 0 {
          tally.count(SmallFileLoad.kinds.prefix(callCount), times: fileCount, inline: inline)
        }
        tally.countBytes(.read, byteCount)
      }
    #else
      func append(_ name: NumberedName, _ file: LoadedFile?, memoryDevice: UInt64) {
        names.append(name)
        files.append(file)
      }
      func takeOpen(_ index: Int, of other: Batch, into file: LoadedFile?) {}
      func byteCount(of index: Int) -> Int64 { 0 }
      func isDone(at index: Int) -> Bool { false }
      func isOver(at index: Int) -> Bool { true }
      func decline() {}
    #endif

    /// The memory and the names may be used otherwise from here on.
    func removeAll() {
      names.removeAll(keepingCapacity: true)
      files.removeAll(keepingCapacity: true)
    }
  }
}

extension SmallFileLoads: SmallFileWork {
  func perform() -> Int {
    #if LINUX
      precondition(opened.count == 0 && read.count == 0, "what the last operation came to was taken")
      let workedBefore = descriptors.nanoseconds
      let next =
        ready.count + added.count > 0
        ? descriptors.begin(reading: ready.loads, ready.count, opening: added.loads, added.count) : nil
      awaitBegun()
      number = next
      workedNanoseconds = descriptors.nanoseconds - workedBefore
      (opened, opening, added) = (opening, added, opened)
      (read, reading, ready) = (reading, ready, read)
      return opened.doneCount + read.doneCount
    #else
      decline()
      return 0
    #endif
  }

  /// Completes with nothing opened. Whoever declines does so always: nothing was begun.
  func decline() {
    swap(&opened, &added)
    opened.decline()
  }

  func count(in tally: inout OperationTally, inline: Bool) {
    #if LINUX
      opened.count(in: &tally, inline: inline)
      read.count(in: &tally, inline: inline)
      tally.noteHelp(nanoseconds: workedNanoseconds)
    #endif
  }
}
