#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef STATX_DIOALIGN
#define STATX_DIOALIGN 0x2000U
#endif
#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x80
#endif
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

const int32_t linuxOpenDirect = O_DIRECT;
const int32_t linuxOpenPath = O_PATH;
const uint32_t linuxRenameNoReplace = RENAME_NOREPLACE;
const int32_t linuxFallocateKeepSize = FALLOC_FL_KEEP_SIZE;
const int32_t linuxReadWriteDontCache = RWF_DONTCACHE;
const int32_t linuxReadWriteNoWait = RWF_NOWAIT;


// The kernel's struct statx; glibc's, and Debian 12's headers', lack the direct-I/O fields on some
// versions, so the two fields are read at their fixed place in the 256-byte structure (offsets 152, 156).
const int32_t linuxStatusFlagsOfDescriptor = AT_EMPTY_PATH;
const int32_t linuxStatusFlagsOfLink = AT_SYMLINK_NOFOLLOW;
const uint32_t linuxStatusMask = STATX_BASIC_STATS | STATX_DIOALIGN;

int linuxFileStatusAt(int directory, const char *name, int flags, void *memory) {
  return (int)syscall(SYS_statx, directory, name, flags, linuxStatusMask, memory);
}

void linuxDecodeFileStatus(const void *memory, struct linuxFileStatus *status) {
  const struct statx *from = memory;
  status->size = from->stx_size;
  status->blocks = from->stx_blocks;
  status->inode = from->stx_ino;
  status->device = makedev(from->stx_dev_major, from->stx_dev_minor);
  status->rawDevice = makedev(from->stx_rdev_major, from->stx_rdev_minor);
  status->modifiedSeconds = from->stx_mtime.tv_sec;
  status->modifiedNanoseconds = from->stx_mtime.tv_nsec;
  status->accessedSeconds = from->stx_atime.tv_sec;
  status->accessedNanoseconds = from->stx_atime.tv_nsec;
  status->mode = from->stx_mode;
  status->user = from->stx_uid;
  status->group = from->stx_gid;
  status->links = from->stx_nlink;
  status->blockSize = from->stx_blksize;
  status->directMemoryAlignment = 0;
  status->directOffsetAlignment = 0;
  if (from->stx_mask & STATX_DIOALIGN) {
    memcpy(&status->directMemoryAlignment, (const unsigned char *)memory + 152, 4);
    memcpy(&status->directOffsetAlignment, (const unsigned char *)memory + 156, 4);
  }
}

int linuxFileStatus(int descriptor, struct linuxFileStatus *status) {
  _Alignas(8) unsigned char memory[linuxStatusByteCount] = {0};
  if (linuxFileStatusAt(descriptor, "", AT_EMPTY_PATH, memory) != 0) return -1;
  linuxDecodeFileStatus(memory, status);
  return 0;
}

ssize_t linuxReadDirectory(int descriptor, void *memory, size_t count) {
  return syscall(SYS_getdents64, descriptor, memory, count);
}

int linuxMakeNode(int directory, const char *name, uint32_t mode, uint64_t device) {
  return mknodat(directory, name, mode, device);
}

int linuxRename(int fromDirectory, const char *from, int toDirectory, const char *to, unsigned flags) {
  return renameat2(fromDirectory, from, toDirectory, to, flags);
}

int64_t linuxFileSystemMagic(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) == 0 ? (int64_t)(uint32_t)status.f_type : 0;
}

int64_t linuxFileSystemBlockSize(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) == 0 ? (int64_t)status.f_bsize : 0;
}

int linuxClone(int destination, int source) { return ioctl(destination, FICLONE, source); }

ssize_t linuxCopyRange(
    int source, int64_t *sourceOffset, int destination, int64_t *destinationOffset, size_t count) {
  // The system call itself: some versions of glibc's wrapper are wrong above INT_MAX.
  return syscall(SYS_copy_file_range, source, sourceOffset, destination, destinationOffset, count, 0);
}

int linuxAllocate(int descriptor, int mode, int64_t offset, int64_t length) {
  return fallocate(descriptor, mode, offset, length);
}

int64_t linuxSeekData(int descriptor, int64_t offset) { return lseek(descriptor, offset, SEEK_DATA); }
int64_t linuxSeekHole(int descriptor, int64_t offset) { return lseek(descriptor, offset, SEEK_HOLE); }

ssize_t linuxReadVector(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags) {
  return preadv2(descriptor, vectors, count, offset, flags);
}

ssize_t linuxWriteVector(int descriptor, const struct iovec *vectors, int count, int64_t offset, int flags) {
  return pwritev2(descriptor, vectors, count, offset, flags);
}

// One context for each thread that needs one, given back when the thread ends.
static pthread_key_t contextKey;
static pthread_once_t contextKeyOnce = PTHREAD_ONCE_INIT;

static void destroyContext(void *context) { syscall(SYS_io_destroy, (aio_context_t)context); }
static void makeContextKey(void) { pthread_key_create(&contextKey, destroyContext); }

static aio_context_t threadContext(void) {
  pthread_once(&contextKeyOnce, makeContextKey);
  aio_context_t context = (aio_context_t)pthread_getspecific(contextKey);
  if (context == 0 && syscall(SYS_io_setup, 1, &context) == 0)
    pthread_setspecific(contextKey, (void *)context);
  return context;
}

ssize_t linuxWriteAsynchronously(int descriptor, const void *bytes, size_t count, int64_t offset) {
  aio_context_t context = threadContext();
  if (context == 0) return pwrite(descriptor, bytes, count, offset);
  struct iocb request = {
      .aio_fildes = (uint32_t)descriptor,
      .aio_lio_opcode = IOCB_CMD_PWRITE,
      .aio_buf = (uint64_t)(uintptr_t)bytes,
      .aio_nbytes = count,
      .aio_offset = offset,
  };
  struct iocb *requests[] = {&request};
  if (syscall(SYS_io_submit, context, 1, requests) != 1) return -1;
  struct io_event event;
  // Until it is complete the kernel reads the caller's memory: a signal does not end the wait.
  while (syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1) {
  }
  if (event.res >= 0) return (ssize_t)event.res;
  errno = (int)-event.res;
  return -1;
}

int64_t linuxCachedPages(int descriptor, int64_t offset, int64_t length) {
  struct {
    uint64_t offset, length;
  } range = {(uint64_t)offset, (uint64_t)length};
  struct {
    uint64_t cached, dirty, writeback, evicted, recentlyEvicted;
  } answer;
  if (syscall(SYS_cachestat, descriptor, &range, &answer, 0) != 0) return -1;
  return (int64_t)answer.cached;
}

// posix_fadvise answers with the error instead of setting errno.
int linuxDropCache(int descriptor, int64_t offset, int64_t length) {
  int error = posix_fadvise(descriptor, offset, length, POSIX_FADV_DONTNEED);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

int linuxEventDescriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void linuxNameThread(const char *name) { pthread_setname_np(pthread_self(), name); }

// io-wq names its threads after the thread whose ring they serve; they are threads of the process.
int linuxRingWorkerCount(void) {
  char wanted[32], path[64], name[32];
  snprintf(wanted, sizeof wanted, "iou-wrk-%d\n", (int)syscall(SYS_gettid));
  DIR *tasks = opendir("/proc/self/task");
  if (!tasks) return 0;
  int count = 0;
  for (struct dirent *task; (task = readdir(tasks));) {
    if (task->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/self/task/%.20s/comm", task->d_name);
    int comm = open(path, O_RDONLY | O_CLOEXEC);
    if (comm < 0) continue;  // it has ended meanwhile
    ssize_t length = read(comm, name, sizeof name - 1);
    close(comm);
    if (length <= 0) continue;
    name[length] = 0;
    count += strcmp(name, wanted) == 0;
  }
  closedir(tasks);
  return count;
}

int linuxAdviseHugePages(void *address, size_t length) {
  return madvise(address, length, MADV_HUGEPAGE);
}

int linuxPopulateForWriting(void *address, size_t length) {
#ifndef MADV_POPULATE_WRITE
  enum { MADV_POPULATE_WRITE = 23 };
#endif
  return madvise(address, length, MADV_POPULATE_WRITE);
}

#else
// An empty translation unit is not C.
typedef int linuxCallsAreNotUsedHere;
#endif
