// What the tests need of the system and Swift cannot give: a child process with limits, system call
// filters, another user or another mount namespace; a supervisor that stops, delays or fails its system
// calls; terminals; and fast checks of large files.
#ifndef SWIFT_URING_IO_CTESTSUPPORT_H
#define SWIFT_URING_IO_CTESTSUPPORT_H

#ifdef __linux__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Numbers of the system calls that tests refuse or watch; they differ between architectures.
extern const int32_t callRead, callWrite, callPread, callPwrite, callReadv, callWritev;
extern const int32_t callPreadv, callPwritev, callPreadv2, callPwritev2;
extern const int32_t callOpenat, callFcntl, callIoctl, callFallocate, callFtruncate, callCopyFileRange;
extern const int32_t callCachestat;
extern const int32_t callIoUringSetup, callIoUringEnter, callIoUringRegister, callExitGroup, callCloseRange;
extern const uint32_t requestFiclone;  // the ioctl request number
extern const uint32_t flagDirect;      // O_DIRECT

// A system call that the kernel answers with `error` without running it.
struct refusedCall {
  int32_t call;
  int32_t error;
  int32_t argument;  // only calls whose argument of this index (0...5), masked, has the value; -1: all
  uint32_t mask;     // of the low 32 bits
  uint32_t value;
};

enum supervisedAction {
  supervisedPass,    // only count
  supervisedHold,    // stop until supervisorRelease
  supervisedDelay,   // take at least this many milliseconds, until supervisorRelease
  supervisedRefuse,  // answer with `error`
};

// What a supervisor does with the watched calls: the first `skipped` pass, the next `affected` get the
// action, the rest pass.
struct supervision {
  const int32_t *calls;
  size_t callCount;
  uint64_t skipped;
  uint64_t affected;
  enum supervisedAction action;
  int32_t error;
  uint32_t delayMilliseconds;
};

struct childRequest {
  const char *executable;
  char *const *arguments;    // NULL-terminated, argv[0] included
  char *const *environment;  // NULL-terminated
  const char *directory;     // NULL: the caller's
  int standardInput, standardOutput, standardError;
  int64_t fileSizeMax, lockedMemoryMax, openFilesMax;  // bytes, bytes, descriptors; -1: unlimited as is
  int64_t user;                                        // user and group id; -1: unchanged
  bool terminal;             // standardInput is a terminal: lead a session that it controls
  int mountNamespaceOf;      // process id whose mounts to use; 0: the caller's
  uint32_t alarmSeconds;     // the child is killed then even if nobody waits for it; 0: never
  const struct refusedCall *refused;
  size_t refusedCount;
  const struct supervision *supervision;  // NULL: none
};

struct supervisor;

// Starts a program. Returns its process id, or -errno of what failed, an exec that failed included.
// `*supervisor` is set where supervision was asked for; end it with supervisorEnd after the child was
// waited for.
pid_t childStart(const struct childRequest *request, struct supervisor **supervisor);

struct childOutput {
  uint8_t *bytes;
  size_t count;
};

// Reads both descriptors until the child is gone, then reaps it. A negative descriptor is not read.
// Returns 0 and wait(2)'s status, ETIMEDOUT if the child had to be killed, or another errno.
// The caller frees `bytes`.
int childWait(
    pid_t child, int standardOutput, int standardError, int timeoutMilliseconds, struct childOutput *output,
    struct childOutput *error, int *status);

// Whether the child has ended (it is not reaped).
bool childHasEnded(pid_t child);

// Waits until the supervised child is held (true) or has ended or the time is up (false).
bool supervisorWaitForHold(struct supervisor *supervisor, pid_t child, int timeoutMilliseconds);
// From here on every call passes.
void supervisorRelease(struct supervisor *supervisor);
// How many watched calls there have been.
uint64_t supervisorCallCount(struct supervisor *supervisor);
void supervisorEnd(struct supervisor *supervisor);

// A new pipe, close-on-exec. Returns 0 or an errno.
int pipeOpen(int *reading, int *writing);
// A new pseudo-terminal. Returns 0 or an errno.
int terminalOpen(int *controller, int *terminal, uint16_t columns, uint16_t rows);
// Resizing sends SIGWINCH to the terminal's foreground process group.
int terminalResize(int controller, uint16_t columns, uint16_t rows);
// Reads what is there, waiting at most so long. Returns a count, 0 at the end (the other side closed), or
// -1 with errno, ETIMEDOUT included.
ssize_t descriptorReadSome(int descriptor, void *bytes, size_t count, int timeoutMilliseconds);

// Fills a range of a file (made if missing) with bytes that are never 0 and that depend on their offset
// and the seed: a chunk in the wrong place differs. Returns 0 or an errno.
int patternWrite(const char *path, int64_t offset, int64_t length, uint64_t seed);
// The offset of the first byte of the range that is not the pattern's (or is missing); -1 if all are;
// -1 - errno on an error.
int64_t patternDifference(const char *path, int64_t offset, int64_t length, uint64_t seed);
// The offset of the first byte in which two files differ; -1 if they are equal, length included; -1 -
// errno on an error. What is a hole in both is skipped. At most the first `limit` bytes are compared; a
// negative limit compares all.
int64_t fileDifference(const char *path, const char *otherPath, int64_t limit);

struct dataRange {
  int64_t start, end;
};
// The ranges of data that SEEK_DATA finds, at most `capacity`. Returns their number or -errno.
int64_t fileDataRanges(const char *path, struct dataRange *ranges, size_t capacity);
// How many extents a file has and how many of them are shared with another file (FIEMAP). 0 or an errno.
int fileExtents(const char *path, uint32_t *extents, uint32_t *shared);
// Bytes of a file in the page cache; -errno where the kernel cannot tell.
int64_t fileCachedBytes(const char *path);
// Writes a file back and drops it from the page cache. 0 or an errno.
int fileDropFromCache(const char *path);
// The offset of the first byte that cannot be read; -1 if all can.
int64_t fileFirstUnreadable(const char *path);

// f_type of statfs(2); 0 on an error.
int64_t fileSystemMagic(const char *path);
// Removes a file or a whole directory, never crossing into another file system. 0 or an errno.
int treeRemove(const char *path);
// Whether a process has the file open.
bool processHasOpen(pid_t process, const char *path);
// The most resident memory a process has had since its exec, in bytes; -1 where it cannot be read.
int64_t processMemoryMax(pid_t process);

// 0 if this file system takes writes with RWF_DONTCACHE, tried on a new file; else the errno.
int dropBehindRefusal(const char *path);

// 0 if io_uring_setup works here, or its errno.
int ioUringRefusal(void);
// chown of one path; 0 or an errno.
int fileChangeOwner(const char *path, uint32_t user);
// mknod of a character device; 0 or an errno.
int deviceMake(const char *path, uint32_t major, uint32_t minor);
// A socket that nobody listens on; 0 or an errno.
int socketMake(const char *path);

// The first difference between two trees: names, kinds, permissions, contents, where links lead. With `isPart`
// the second may have more. Returns 0 where they are equal, -1 with a message, or an errno.
int treeDifference(const char *path, const char *otherPath, bool isPart, char *message, size_t capacity);
// Fills a directory with files "file-0" and on, of so many bytes. 0 or an errno.
int treeMakeFlat(const char *path, int count, size_t size);
// Makes directories inside each other, each with a "file"; at every so many levels (0: none) "a-sibling" and
// "z-sibling" beside it. 0 or an errno.
int treeMakeDeep(const char *path, int levels, const char *name, int siblingEvery);
// Removes a directory of any depth. 0 or an errno.
int treeRemoveDeep(const char *path);
// Gives two names each the other's file, at once. 0 or an errno.
int pathsExchange(const char *path, const char *otherPath);
// How many of this process's descriptors are of files below a directory; -1 on an error.
int descriptorsBelow(const char *path);

// What lstat tells of a file, and which file it is.
struct entryFacts {
  uint32_t mode, user, group, deviceMajor, deviceMinor;
  uint64_t linkCount;
  int64_t size;
  int64_t accessedSeconds, modifiedSeconds;
  uint32_t accessedNanoseconds, modifiedNanoseconds;
  char identity[300];  // a NUL-terminated text that no other file of the file system has, not even a later one
};
// 0 or an errno. As all of these, not of what a symbolic link leads to.
int entryExamine(const char *path, struct entryFacts *facts);
int entrySetTimes(
    const char *path, int64_t accessedSeconds, uint32_t accessedNanoseconds, int64_t modifiedSeconds,
    uint32_t modifiedNanoseconds);
// Where a symbolic link leads. 0 or an errno; the caller frees the bytes, as of the next.
int entryTarget(const char *path, struct childOutput *target);
// The extended attributes: for each its name, ended by a NUL, the value's length as an uint32_t, and the value.
int entryAttributes(const char *path, struct childOutput *attributes);
// The holes of a file of this size, as "4096-8192,16384-20480"; empty where there are none. 0 or an errno.
int fileHoles(const char *path, int64_t size, char *text, size_t capacity);
// The names in a directory but the two dots, sorted, each ended by a NUL; the caller frees them. 0 or an errno.
int directoryNames(const char *path, char **names, size_t *count);
// A hash of a file's bytes and where they are; zeros count as little as holes. 0 or an errno.
int fileDigest(const char *path, uint64_t *digest);

#endif
#endif
