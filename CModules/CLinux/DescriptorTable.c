#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

int linuxGrowDescriptorTable(int count) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)count) count = (int)limit.rlim_cur;
  int any = linuxEventDescriptor();
  if (any < 0) return -1;
  int highest = fcntl(any, F_DUPFD_CLOEXEC, count - 1);
  int error = errno;
  if (highest >= 0) close(highest);
  close(any);
  errno = error;
  return highest < 0 ? -1 : 0;
}

static void *grow(void *count) {
  // Where it cannot, it grows when it has to.
  linuxGrowDescriptorTable((int)(intptr_t)count);
  return NULL;
}

int linuxGrowDescriptorTableMeanwhile(int count) {
  return linuxStartDetachedThread(grow, (void *)(intptr_t)count);
}

#endif
