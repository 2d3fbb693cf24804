#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int linuxMakePagePipe(struct linuxPagePipe *pipe, size_t byteCount) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  pipe->readEnd = ends[0];
  pipe->writeEnd = ends[1];
  int capacity = fcntl(pipe->writeEnd, F_SETPIPE_SZ, (int)byteCount);
  // A user who has many large pipes gets small ones, which gain nothing.
  if (capacity >= 0 && (size_t)capacity >= byteCount) return 0;
  int error = capacity < 0 ? errno : EPERM;
  linuxClosePagePipe(pipe);
  errno = error;
  return -1;
}

void linuxClosePagePipe(struct linuxPagePipe *pipe) {
  close(pipe->readEnd);
  close(pipe->writeEnd);
  pipe->readEnd = pipe->writeEnd = -1;
}

ssize_t linuxMovePages(
    const struct linuxPagePipe *pipe, int source, int64_t sourceOffset, int destination, int64_t destinationOffset,
    size_t count, size_t *leftInPipe) {
  // What is put in is taken out again at once, so that nothing is ever waited for: the flag is a precaution.
  const unsigned flags = SPLICE_F_NONBLOCK;
  *leftInPipe = 0;
  loff_t from = sourceOffset;
  ssize_t filled = splice(source, &from, pipe->writeEnd, NULL, count, flags);
  if (filled <= 0) return filled;

  loff_t to = destinationOffset;
  size_t left = (size_t)filled;
  while (left > 0) {
    ssize_t moved = splice(pipe->readEnd, NULL, destination, &to, left, flags);
    if (moved <= 0) {
      if (moved == 0) errno = EIO;
      *leftInPipe = left;
      ssize_t done = filled - (ssize_t)left;
      return done > 0 ? done : -1;
    }
    left -= (size_t)moved;
  }
  return filled;
}

#endif
