// The Linux calls and constants that Swift's Glibc module hides (they need _GNU_SOURCE, are macros with
// arguments, or are newer than Debian 12's headers). Each wrapper is one system call and answers as the
// call does: a result, or -1 with errno. Retrying and meaning are the caller's.
#ifndef SWIFT_URING_IO_CLINUX_H
#define SWIFT_URING_IO_CLINUX_H

#ifdef __linux__

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What a copy needs to know about a file, from statx(2).
struct linuxFileStatus {
  uint64_t size;
  uint64_t blocks;  // 512-byte units
  uint64_t inode;
  uint64_t device;
  uint64_t rawDevice;
  int64_t modifiedSeconds;
  int64_t accessedSeconds;
  uint32_t modifiedNanoseconds;
  uint32_t accessedNanoseconds;
  uint32_t mode;
  uint32_t user;
  uint32_t group;
  uint32_t links;
  uint32_t blockSize;             // st_blksize
  uint32_t directMemoryAlignment;  // 0: unknown, or direct I/O unsupported
  uint32_t directOffsetAlignment;
};

// statx(2) of an open descriptor with STATX_BASIC_STATS and STATX_DIOALIGN.
int linuxFileStatus(int descriptor, struct linuxFileStatus *status);

// The same in two halves, for a statx made on a ring: the call's flags and mask, the size of the memory it
// fills (aligned to 8), and that memory's meaning.
extern const int32_t linuxStatusFlagsOfDescriptor;  // AT_EMPTY_PATH
extern const int32_t linuxStatusFlagsOfLink;        // AT_SYMLINK_NOFOLLOW
extern const uint32_t linuxStatusMask;
enum { linuxStatusByteCount = 256 };
int linuxFileStatusAt(int directory, const char *name, int flags, void *memory);
void linuxDecodeFileStatus(const void *memory, struct linuxFileStatus *status);

// getdents64(2): bytes filled with records, 0 at the end.
ssize_t linuxReadDirectory(int descriptor, void *memory, size_t count);

int linuxMakeNode(int directory, const char *name, uint32_t mode, uint64_t device);  // mknodat

int linuxRename(
    int fromDirectory, const char *from, int toDirectory, const char *to, unsigned flags);  // renameat2

// f_type of fstatfs(2), or 0 with errno set.
int64_t linuxFileSystemMagic(int descriptor);
// f_bsize of fstatfs(2), or 0 with errno set.
int64_t linuxFileSystemBlockSize(int descriptor);

int linuxClone(int destination, int source);  // ioctl FICLONE
ssize_t linuxCopyRange(
    int source, int64_t *sourceOffset, int destination, int64_t *destinationOffset, size_t count);
int linuxAllocate(int descriptor, int mode, int64_t offset, int64_t length);
int64_t linuxSeekData(int descriptor, int64_t offset);
int64_t linuxSeekHole(int descriptor, int64_t offset);

// preadv2/pwritev2 with flags; offset -1 uses the file position.
struct iovec;
ssize_t linuxReadVector(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags);
ssize_t linuxWriteVector(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags);

// pwrite(2) as an asynchronous request that this thread waits for (io_submit, io_getevents). A direct write
// made so holds the inode's lock while it is submitted, not until the device is done. Answers as pwrite; where
// the kernel gives no AIO context, it is pwrite.
ssize_t linuxWriteAsynchronously(int descriptor, const void *bytes, size_t count, int64_t offset);

// Pages of the range that are in the page cache, by cachestat(2); -1 with ENOSYS before kernel 6.5.
int64_t linuxCachedPages(int descriptor, int64_t offset, int64_t length);

int linuxDropCache(int descriptor, int64_t offset, int64_t length);       // POSIX_FADV_DONTNEED

// A pipe through which pages of the page cache go from one file to another: the bytes are copied once, from page to page,
// and as many at once as the pipe holds (copy_file_range and sendfile have one of 64 KiB).
struct linuxPagePipe {
  int readEnd, writeEnd;
};

// -1 with errno where there is none of that size: no descriptors, or the user has too many pages in pipes (EPERM).
int linuxMakePagePipe(struct linuxPagePipe *pipe, size_t byteCount);
void linuxClosePagePipe(struct linuxPagePipe *pipe);

// splice(2) from the file into the pipe, which is empty, and from there into the other file. Answers how many bytes came
// to be there, 0 at the source's end, or -1 with errno where not one did. What the destination did not take, interrupted or
// for another reason, is left in the pipe, which is then good for nothing.
ssize_t linuxMovePages(
    const struct linuxPagePipe *pipe, int source, int64_t sourceOffset, int destination, int64_t destinationOffset,
    size_t count, size_t *leftInPipe);

// A lock around work of some tens of microseconds, which is waited for by looking again and again: going to sleep and
// being woken takes longer, on a virtual machine several times as long. After a fifth of a millisecond it sleeps. NULL
// is a lock that nobody waits for.
struct linuxAdaptiveMutex;
struct linuxAdaptiveMutex *linuxMakeAdaptiveMutex(void);  // NULL where there is no memory
void linuxFreeAdaptiveMutex(struct linuxAdaptiveMutex *lock);
void linuxLock(struct linuxAdaptiveMutex *lock);
void linuxUnlock(struct linuxAdaptiveMutex *lock);

// Small files of one directory copied by the calls that nearly every such copy consists of, without going back to the
// caller in between: openat, fstat, openat(O_CREAT), preadv2(RWF_NOWAIT), pwrite, close, close. Several files take each
// step together, and the new ones are created behind a lock: who creates one after another has the directory, and what
// the file system keeps of new files, to itself meanwhile (bench/README.md, "files created together").
//
// Whatever is not as usual is left to the caller: that file's copy stops there, and what it has opened is the caller's
// to go on with. Nothing that failed has changed anything, so the caller makes the same call again and has the answer
// first hand; closing the copy is the exception, whose error comes back. Metadata that is to be preserved is set on the
// way, through the open copy; the calls for it are not counted.
struct linuxSmallFileCopy {
  const char *sourceName, *destinationName;

  // How far it came.
  bool isDone;
  int source, destination;  // open, or -1
  int callCount;            // calls made, in the order above; the write of an empty file is left out
  int closeError;           // errno
  int64_t byteCount;        // the file's; -1 where it was not read
};

// What to copy, and how.
struct linuxSmallFileCopies {
  void *buffer;                // one file's bytes at a time
  size_t bufferByteCount;      // only what is smaller
  int64_t sparseByteCountMin;  // from here on only what has all its blocks
  uint64_t memoryDevice;       // of a tmpfs, which has no RWF_NOWAIT and needs none
  int sourceDirectory, destinationDirectory;
  int sourceFlags, destinationFlags;  // of openat
  bool preservesTimes, preservesOwner, preservesMode;
  uint32_t mask;          // the process's umask
  bool leavesLinked;      // what has more names than one
  bool leavesAttributed;  // what has extended attributes or an access control list

  // Learned from the first file, for the others: false at the start of a directory.
  bool ownerIsKnown;   // of what is created there
  bool modeIsAsAsked;  // new files have the permissions that were asked for, less the mask
  uint32_t createdUser, createdGroup;
};

enum { linuxSmallFileCopiesMax = 32 };  // at once
void linuxCopySmallFiles(
    struct linuxSmallFileCopies *how, struct linuxSmallFileCopy *copies, int count, struct linuxAdaptiveMutex *creation);

// One small file loaded in the same manner: openat, fstat, preadv2(RWF_NOWAIT), close. What is not as usual is left
// after the opening, with the size if it is a regular file.
struct linuxSmallFileLoad {
  // What to load, and where to.
  const char *name;
  void *buffer;
  int64_t byteCountMin, bufferByteCount;  // only from the one on, and what is smaller than the other
  uint64_t memoryDevice;                  // as above
  int directory;
  int flags;  // of openat

  // How far it came.
  bool isDone;
  bool isOver;        // among many: done, or left to others
  int descriptor;     // open, or -1
  int callCount;      // calls made, in the order above
  int64_t byteCount;  // a regular file's size; otherwise, or where nobody knows, -1
  uint64_t device;    // a regular file's
};
void linuxLoadSmallFile(struct linuxSmallFileLoad *load);
// The same in pieces: whether there is a regular file, whether the memory is for files of its size, whether it was read.
bool linuxOpenSmallFile(struct linuxSmallFileLoad *load);
bool linuxFitsSmallFile(const struct linuxSmallFileLoad *load);
bool linuxReadSmallFile(struct linuxSmallFileLoad *load);

// A thread with a table of descriptors of its own, which loads many small files one after another.
//
// All threads of a process share one table, behind one lock, and one credentials object, whose count of users every
// open file changes: two threads that load cached files are 1.6 times as fast as one with them and 2.0 times without
// (bench/README.md, "descriptors of one's own"). Only whole files are asked of the thread, which opens what it closes:
// no descriptor of the process means anything to it, and none of its own to anybody else. It keeps nothing of the
// process's open, and takes no signals. One thread at a time asks.
struct linuxOwnDescriptors;

// NULL where the kernel has no such tables (close_range(2), Linux 5.9), or none is to be had.
struct linuxOwnDescriptors *linuxStartOwnDescriptors(void);
// Waits for what it was asked; the thread then ends by itself.
void linuxEndOwnDescriptors(struct linuxOwnDescriptors *own);

// First reads files that an earlier request left open, if they have memory for them by now, and closes them; then opens
// others, and loads them as linuxLoadSmallFile does. Of those a regular file that does not fit its memory stays open, to
// be read by a later request; nothing else does. Returns at once, unless two requests are under way already; the files
// are the thread's until it is waited for.
uint32_t linuxBeginSmallFiles(
    struct linuxOwnDescriptors *own, struct linuxSmallFileLoad *toRead, int readCount,
    struct linuxSmallFileLoad *toOpen, int openCount);
// Waits for what linuxBeginSmallFiles began.
void linuxAwaitSmallFiles(struct linuxOwnDescriptors *own, uint32_t number);

// How long the thread has worked.
int64_t linuxOwnDescriptorsNanoseconds(const struct linuxOwnDescriptors *own);

// Gives the calling thread a credentials object of its own, with the same contents; 0, or -1 with errno. Opening and
// closing files then changes no count that other threads change, too.
int linuxTakeOwnCredentials(void);

// A file, to set its metadata: open, or a name in a directory that is not followed where it is a symbolic link.
struct linuxEntry {
  int descriptor;  // or -1
  int directory;
  const char *name;
};

struct linuxTimes {
  int64_t accessedSeconds, modifiedSeconds;
  uint32_t accessedNanoseconds, modifiedNanoseconds;
};

// 0, or -1 with errno. A symbolic link has no mode of its own: EOPNOTSUPP.
int linuxSetTimes(const struct linuxEntry *entry, const struct linuxTimes *times);
int linuxSetOwner(const struct linuxEntry *entry, uint32_t user, uint32_t group);  // UINT32_MAX: as it is
int linuxSetMode(const struct linuxEntry *entry, uint32_t mode);

// Extended attributes, as listxattr(2), getxattr(2), setxattr(2) and removexattr(2).
ssize_t linuxListAttributes(const struct linuxEntry *entry, char *names, size_t count);
ssize_t linuxGetAttribute(const struct linuxEntry *entry, const char *name, void *value, size_t count);
int linuxSetAttribute(const struct linuxEntry *entry, const char *name, const void *value, size_t count);
int linuxRemoveAttribute(const struct linuxEntry *entry, const char *name);

int linuxEventDescriptor(void);  // eventfd, close-on-exec, non-blocking

// Has the kernel make the process's table of descriptors large enough for that many (at most RLIMIT_NOFILE). 0, or -1
// with errno.
//
// The table starts with 64 and doubles; where the process has several threads, whoever makes it grow waits until all
// cores have let go of the old one (synchronize_rcu), which took 14 ms in each of the first steps of a copy, and so
// does everybody else who opens a file meanwhile. With one thread nobody waits.
int linuxGrowDescriptorTable(int count);
// The same by a thread of its own, which ends by itself. 0, or an errno.
int linuxGrowDescriptorTableMeanwhile(int count);
void linuxNameThread(const char *name);
// For the other files of this module: a thread that takes no signals and ends by itself. 0, or an errno.
int linuxStartDetachedThread(void *(*body)(void *), void *argument);
int linuxRingWorkerCount(void);  // threads that the kernel has started for the rings of the calling thread

extern const int32_t linuxOpenDirect;            // O_DIRECT
extern const int32_t linuxOpenPath;              // O_PATH
extern const uint32_t linuxRenameNoReplace;      // RENAME_NOREPLACE
extern const int32_t linuxFallocateKeepSize;     // FALLOC_FL_KEEP_SIZE
extern const int32_t linuxReadWriteDontCache;    // RWF_DONTCACHE
extern const int32_t linuxReadWriteNoWait;       // RWF_NOWAIT

// Advises the kernel to back the range with huge pages.
int linuxAdviseHugePages(void *address, size_t length);

// Backs the range, whole pages, with memory (Linux 5.14).
int linuxPopulateForWriting(void *address, size_t length);

#endif
#endif
