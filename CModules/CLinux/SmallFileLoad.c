#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

bool linuxOpenSmallFile(struct linuxSmallFileLoad *load) {
  load->isDone = false;
  load->byteCount = -1;

  load->callCount = 1;
  load->descriptor = openat(load->directory, load->name, load->flags);
  if (load->descriptor < 0) return false;

  load->callCount++;
  struct stat status;
  if (fstat(load->descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  load->byteCount = status.st_size;
  load->device = status.st_dev;
  return true;
}

bool linuxFitsSmallFile(const struct linuxSmallFileLoad *load) {
  return load->byteCount >= load->byteCountMin && load->byteCount < load->bufferByteCount;
}

bool linuxReadSmallFile(struct linuxSmallFileLoad *load) {
  if (load->byteCount >= load->bufferByteCount) return false;
  // More is asked for than the file has: what fills its size exactly is the whole file.
  load->callCount++;
  struct iovec vector = {load->buffer, load->bufferByteCount};
  int flags = load->device == load->memoryDevice ? 0 : RWF_NOWAIT;
  return preadv2(load->descriptor, &vector, 1, 0, flags) == load->byteCount;
}

void linuxLoadSmallFile(struct linuxSmallFileLoad *load) {
  if (!linuxOpenSmallFile(load) || !linuxFitsSmallFile(load) || !linuxReadSmallFile(load)) return;
  load->callCount++;
  close(load->descriptor);
  load->descriptor = -1;
  load->isDone = true;
}

#endif
