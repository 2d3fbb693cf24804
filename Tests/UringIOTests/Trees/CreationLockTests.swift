import Foundation
import Testing

@testable import UringIO

#if LINUX
  import CLinux

  @Suite struct CreationLockTests {
    /// Counts without atomicity, so that only the lock keeps it right.
    private final class Tally: @unchecked Sendable {
      var count = 0
      var isInside = false
      var overlaps = 0
    }

    /// Several threads take the lock again and again.
    private func contend(threads: Int, times: Int, _ body: @escaping @Sendable (Tally) -> Void) -> Tally {
      let lock = CreationLock()
      let tally = Tally()
      DispatchQueue.concurrentPerform(iterations: threads) { _ in
        for _ in 0..<times {
          linuxLock(lock.lock)
          if tally.isInside { tally.overlaps += 1 }
          tally.isInside = true
          tally.count += 1
          body(tally)
          tally.isInside = false
          linuxUnlock(lock.lock)
        }
      }
      return tally
    }

    @Test func `one at a time, however many want it`() {
      let tally = contend(threads: 4, times: 300_000) { _ in }
      #expect(tally.count == 1_200_000 && tally.overlaps == 0)
    }

    @Test func `whoever waits longer than it is worth looking sleeps, and is woken`() {
      let tally = contend(threads: 4, times: 20) { _ in usleep(1000) }
      #expect(tally.count == 80 && tally.overlaps == 0)
    }

    @Test func `no lock is one that nobody waits for`() {
      linuxLock(nil)
      linuxLock(nil)
      linuxUnlock(nil)
      linuxFreeAdaptiveMutex(nil)
    }

    private func directories(_ count: UInt64) -> [FileIdentity] {
      (0..<count).map { FileIdentity(device: 1, inode: 4_000_000 + 64 * $0) }
    }

    private func lockCount(_ locks: CreationLocks) -> Int {
      Set(directories(1000).map { ObjectIdentifier(locks[$0]) }).count
    }

    @Test func `a directory has one lock, and directories share few where they are created in one place`() {
      for fileSystem in [FileSystemKind.ext4, .xfs, .tmpfs, .other] {
        let locks = CreationLocks(for: fileSystem, workerCount: 2)
        for directory in directories(100) { #expect(locks[directory] === locks[directory]) }
      }
      #expect(lockCount(CreationLocks(for: .ext4, workerCount: 1)) == 1)
      #expect(lockCount(CreationLocks(for: .ext4, workerCount: 2)) == 1)
      #expect(lockCount(CreationLocks(for: .ext4, workerCount: 8)) == 4)
      #expect(lockCount(CreationLocks(for: .xfs, workerCount: 2)) > 32)
    }
  }
#endif
