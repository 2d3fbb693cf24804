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
static bool isSmall(const struct linuxSmallFileCopies *how, const struct stat *status) {
  if (!S_ISREG(status->st_mode) || (uint64_t)status->st_size >= how->bufferByteCount) return false;
  if (how->leavesLinked && status->st_nlink > 1) return false;
  return status->st_size < how->sparseByteCountMin || (int64_t)status->st_blocks * 512 >= status->st_size;
}

static bool hasAttributes(int descriptor) { return flistxattr(descriptor, NULL, 0) > 0; }

static bool ownerIsRight(const struct linuxSmallFileCopies *how, const struct stat *source) {
  return how->ownerIsKnown && how->createdUser == source->st_uid && how->createdGroup == source->st_gid;
}

static bool learn(struct linuxSmallFileCopies *how, int created, mode_t asked) {
  struct stat status;
  if (fstat(created, &status) != 0) return false;
  how->createdUser = status.st_uid;
  how->createdGroup = status.st_gid;
  how->modeIsAsAsked = (status.st_mode & 07777) == (asked & ~how->mask);
  return how->ownerIsKnown = true;
}

// Before the contents are there, and while nobody but the owner may open the copy.
static bool preserveOwner(const struct linuxSmallFileCopies *how, int copy, const struct stat *source) {
  return ownerIsRight(how, source) || fchown(copy, source->st_uid, source->st_gid) == 0;
}

static bool preserveRest(
    const struct linuxSmallFileCopies *how, int copy, const struct stat *source, mode_t asked) {
  if (how->preservesTimes) {
    struct timespec times[2] = {source->st_atim, source->st_mtim};
    if (futimens(copy, times) != 0) return false;
  }
  if (!how->preservesMode) return true;
  mode_t mode = source->st_mode & 07777;
  return (how->modeIsAsAsked && mode == (asked & ~how->mask)) || fchmod(copy, mode) == 0;
}

// Closes what is never asked for again: EINTR is no error, for it is closed all the same.
static int closeError(int descriptor) { return close(descriptor) == 0 || errno == EINTR ? 0 : errno; }

// --- The steps of one file; `false` where its copy stops.

static bool openSource(const struct linuxSmallFileCopies *how, struct linuxSmallFileCopy *copy, struct stat *status) {
  copy->callCount = 1;
  copy->source = openat(how->sourceDirectory, copy->sourceName, how->sourceFlags);
  if (copy->source < 0) return false;

  copy->callCount++;
  if (fstat(copy->source, status) != 0 || !isSmall(how, status)) return false;
  return !how->leavesAttributed || !hasAttributes(copy->source);
}

static bool create(
    struct linuxSmallFileCopies *how, struct linuxSmallFileCopy *copy, const struct stat *status, mode_t *asked) {
  copy->callCount++;
  // Nobody but its owner may open what is to change its owner.
  *asked = status->st_mode & (how->preservesOwner && !ownerIsRight(how, status) ? 0700 : 0777);
  copy->destination = openat(how->destinationDirectory, copy->destinationName, how->destinationFlags, *asked);
  if (copy->destination < 0) return false;
  bool learns = (how->preservesOwner || how->preservesMode) && !how->ownerIsKnown;
  return !learns || learn(how, copy->destination, *asked);
}

static bool fill(
    const struct linuxSmallFileCopies *how, struct linuxSmallFileCopy *copy, const struct stat *status,
    mode_t asked) {
  if (how->preservesOwner && !preserveOwner(how, copy->destination, status)) return false;

  // The buffer is larger than the file: what fills the file's size exactly is the whole file.
  copy->callCount++;
  struct iovec vector = {how->buffer, how->bufferByteCount};
  ssize_t count = preadv2(copy->source, &vector, 1, 0, status->st_dev == how->memoryDevice ? 0 : RWF_NOWAIT);
  if (count != status->st_size) return false;
  copy->byteCount = count;
  if (count > 0) {
    copy->callCount++;
    if (pwrite(copy->destination, how->buffer, count, 0) != count) return false;
  }
  return preserveRest(how, copy->destination, status, asked);
}

static bool closeBoth(struct linuxSmallFileCopy *copy) {
  copy->callCount++;
  copy->closeError = closeError(copy->destination);
  copy->destination = -1;
  if (copy->closeError != 0) return false;

  copy->callCount++;
  close(copy->source);
  copy->source = -1;
  return true;
}

void linuxCopySmallFiles(
    struct linuxSmallFileCopies *how, struct linuxSmallFileCopy *copies, int count, struct linuxAdaptiveMutex *creation) {
  struct stat statuses[linuxSmallFileCopiesMax];
  mode_t asked[linuxSmallFileCopiesMax];
  bool goesOn[linuxSmallFileCopiesMax];

  for (int index = 0; index < count; index++) {
    struct linuxSmallFileCopy *copy = &copies[index];
    copy->isDone = false;
    copy->source = copy->destination = -1;
    copy->closeError = 0;
    copy->byteCount = -1;
    goesOn[index] = openSource(how, copy, &statuses[index]);
  }
  linuxLock(creation);
  for (int index = 0; index < count; index++)
    if (goesOn[index]) goesOn[index] = create(how, &copies[index], &statuses[index], &asked[index]);
  linuxUnlock(creation);
  for (int index = 0; index < count; index++)
    if (goesOn[index]) goesOn[index] = fill(how, &copies[index], &statuses[index], asked[index]);
  for (int index = 0; index < count; index++)
    if (goesOn[index]) copies[index].isDone = closeBoth(&copies[index]);
}

#endif
