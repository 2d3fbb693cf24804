import SystemPackage

/// A piece of work as a state machine: given the last completions it names the next operation.
///
/// A job performs nothing itself, so it is the same code on every engine, and a test drives it by hand
/// with made-up completions. One thread at a time calls it, always the one that runs its slot.
package protocol Job: AnyObject {
  /// The next step.
  ///
  /// - Parameters:
  ///   - completions: what the step before came to; empty at the start.
  ///   - buffer: the slot's memory, the job's own until it finishes.
  func next(after completions: Completions, buffer: BufferSlice) -> Step
}

/// What a job wants done next.
package enum Step: Sendable {
  case perform(Operation)
  /// As `perform`, but a ring makes it as a plain system call whatever the room's table says: the job knows
  /// that it will not wait.
  case performInline(Operation)
  /// Operations carried out one after another. The first that fails, or transfers less than it was asked,
  /// ends the chain: what follows completes with `ECANCELED`.
  case chain([Operation])
  /// Work for the processor, done on a thread where it delays no ring. Its completion is its answer.
  case compute(@Sendable () -> Completion)
  /// The job is over: the bytes it moved, or why it could not.
  case finish(Result<Int, FileIOError>)
}

/// Which kind of room a job is for; how one source feeds two kinds of work.
package enum Lane: Sendable, Hashable, CaseIterable {
  case any
  /// Transfers past the page cache: they wait for a device.
  case direct
  /// Transfers through the page cache: they keep a core busy.
  case buffered
}

/// Where an engine gets its jobs. Called from every engine thread, so it is safe from all of them; it
/// never blocks. Jobs are pulled, so memory stays bounded however many there are.
package protocol JobSource: AnyObject, Sendable {
  func next(for lane: Lane) -> Pull
  /// As ``next(for:)``, for sources to which it matters which of the run's rooms asks: a worker's files lie in
  /// a directory of its own where there are enough.
  ///
  /// - Parameter busyCount: the room's jobs that are not waiting for a ring: they keep its thread.
  func next(for lane: Lane, in room: Int, busyCount: Int) -> Pull
  /// A job has finished; called on the thread that ran it, once for each job.
  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>)
  /// As ``finished(_:_:)``, for sources to which the room matters.
  func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>, in room: Int)
  /// Called once, before the first pull, with what a source that answers `.wait` calls when there may be
  /// something to pull again.
  func attach(_ wake: @escaping @Sendable () -> Void)
  /// Whether the source gathers what its jobs have done before it hands it on, and so wants ``settle(in:)``.
  var gathers: Bool { get }
  /// Nothing more happens in the room until the kernel or another thread has an answer: what was gathered is
  /// handed on now. Called on the room's thread.
  func settle(in room: Int)
}

extension JobSource {
  package func finished(_ job: any Job, _ outcome: Result<Int, FileIOError>, in room: Int) {
    finished(job, outcome)
  }

  package func next(for lane: Lane, in room: Int, busyCount: Int) -> Pull { next(for: lane) }
  package func attach(_ wake: @escaping @Sendable () -> Void) {}
  package var gathers: Bool { false }
  package func settle(in room: Int) {}
}

/// A source's answer.
package enum Pull {
  case job(any Job)
  /// Nothing now; the source wakes the engine when that changes.
  case wait
  /// Nothing while as many of the room's jobs are in flight as now; asked again when one of them has finished, or
  /// all of them wait for a ring. Not to be answered to a room without a job.
  case full
  /// Nothing more for this lane, ever.
  case end
}
