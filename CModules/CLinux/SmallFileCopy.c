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

static bool ownerIsRight(const struct linuxSmallFileCopy *copy, const struct stat *source) {
  return copy->ownerIsKnown && copy->createdUser == source->st_uid && copy->createdGroup == source->st_gid;
}

static bool learn(struct linuxSmallFileCopy *copy, mode_t asked) {
  struct stat status;
  if (fstat(copy->destination, &status) != 0) return false;
  copy->createdUser = status.st_uid;
  copy->createdGroup = status.st_gid;
  copy->modeIsAsAsked = (status.st_mode & 07777) == (asked & ~copy->mask);
  return copy->ownerIsKnown = true;
}

// Before the contents are there, and while nobody but the owner may open the copy.
static bool preserveOwner(struct linuxSmallFileCopy *copy, const struct stat *source) {
  return ownerIsRight(copy, source) || fchown(copy->destination, source->st_uid, source->st_gid) == 0;
}

static bool preserveRest(const struct linuxSmallFileCopy *copy, const struct stat *source, mode_t asked) {
  if (copy->preservesTimes) {
    struct timespec times[2] = {source->st_atim, source->st_mtim};
    if (futimens(copy->destination, times) != 0) return false;
  }
  if (!copy->preservesMode) return true;
  mode_t mode = source->st_mode & 07777;
  return (copy->modeIsAsAsked && mode == (asked & ~copy->mask)) || fchmod(copy->destination, mode) == 0;
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
  // Nobody but its owner may open what is to change its owner.
  mode_t asked = status.st_mode & (copy->preservesOwner && !ownerIsRight(copy, &status) ? 0700 : 0777);
  copy->destination =
      openat(copy->destinationDirectory, copy->destinationName, copy->destinationFlags, asked);
  if (copy->destination < 0) return;
  if ((copy->preservesOwner || copy->preservesMode) && !copy->ownerIsKnown && !learn(copy, asked)) return;
  if (copy->preservesOwner && !preserveOwner(copy, &status)) return;

  // The buffer is larger than the file: what fills the file's size exactly is the whole file.
  copy->callCount++;
  struct iovec vector = {copy->buffer, copy->bufferByteCount};
  ssize_t count = preadv2(copy->source, &vector, 1, 0, status.st_dev == copy->memoryDevice ? 0 : RWF_NOWAIT);
  if (count != status.st_size) return;
  copy->byteCount = count;
  if (count > 0) {
    copy->callCount++;
    if (pwrite(copy->destination, copy->buffer, count, 0) != count) return;
  }
  if (!preserveRest(copy, &status, asked)) return;

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
