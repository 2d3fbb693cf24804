#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

// What is copied here, by its status: the rest has other ways.
static bool isSmall(const struct linuxSmallFileCopy *copy, const struct stat *status) {
  if (!S_ISREG(status->st_mode) || (uint64_t)status->st_size >= copy->bufferByteCount) return false;
  if (copy->leavesLinked && status->st_nlink > 1) return false;
  return status->st_size < copy->sparseByteCountMin || (int64_t)status->st_blocks * 512 >= status->st_size;
}

static bool hasAttributes(int descriptor) { return flistxattr(descriptor, NULL, 0) > 0; }

// Before the contents are there, and while nobody but the owner may open the copy.
static bool preserveOwner(int destination, const struct stat *source) {
  struct stat status;
  if (fstat(destination, &status) != 0) return false;
  if (status.st_uid == source->st_uid && status.st_gid == source->st_gid) return true;
  return fchown(destination, source->st_uid, source->st_gid) == 0;
}

static bool preserveRest(const struct linuxSmallFileCopy *copy, const struct stat *source) {
  if (copy->preservesTimes) {
    struct timespec times[2] = {source->st_atim, source->st_mtim};
    if (futimens(copy->destination, times) != 0) return false;
  }
  return !copy->preservesMode || fchmod(copy->destination, source->st_mode & 07777) == 0;
}

// Closes what is never asked for again: EINTR is no error, for it is closed all the same.
static int closeError(int descriptor) { return close(descriptor) == 0 || errno == EINTR ? 0 : errno; }

void linuxCopySmallFile(struct linuxSmallFileCopy *copy) {
  copy->isDone = false;
  copy->source = copy->destination = -1;
  copy->closeError = 0;
  copy->byteCount = -1;

  copy->callCount = 1;
  copy->source = openat(copy->sourceDirectory, copy->sourceName, copy->sourceFlags);
  if (copy->source < 0) return;

  copy->callCount++;
  struct stat status;
  if (fstat(copy->source, &status) != 0 || !isSmall(copy, &status)) return;
  if (copy->leavesAttributed && hasAttributes(copy->source)) return;

  copy->callCount++;
  copy->destination = openat(
      copy->destinationDirectory, copy->destinationName, copy->destinationFlags,
      status.st_mode & (copy->preservesOwner ? 0700 : 0777));
  if (copy->destination < 0) return;
  if (copy->preservesOwner && !preserveOwner(copy->destination, &status)) return;

  // The buffer is larger than the file: what fills the file's size exactly is the whole file.
  copy->callCount++;
  struct iovec vector = {copy->buffer, copy->bufferByteCount};
  ssize_t count = preadv2(copy->source, &vector, 1, 0, RWF_NOWAIT);
  if (count != status.st_size) return;
  copy->byteCount = count;
  if (count > 0) {
    copy->callCount++;
    if (pwrite(copy->destination, copy->buffer, count, 0) != count) return;
  }
  if (!preserveRest(copy, &status)) return;

  copy->callCount++;
  copy->closeError = closeError(copy->destination);
  copy->destination = -1;
  if (copy->closeError != 0) return;

  copy->callCount++;
  close(copy->source);
  copy->source = -1;
  copy->isDone = true;
}

#endif
