#ifdef __linux__
#define _GNU_SOURCE
#include "CTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int pipeOpen(int *reading, int *writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  *reading = ends[0];
  *writing = ends[1];
  return 0;
}

int terminalOpen(int *controller, int *terminal, uint16_t columns, uint16_t rows) {
  *controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*controller < 0) return errno;
  char name[64];
  *terminal = -1;
  if (grantpt(*controller) == 0 && unlockpt(*controller) == 0 &&
      ptsname_r(*controller, name, sizeof name) == 0)
    *terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  int error = *terminal < 0 ? errno : terminalResize(*controller, columns, rows);
  if (error != 0) {
    if (*terminal >= 0) close(*terminal);
    close(*controller);
  }
  return error;
}

int terminalResize(int controller, uint16_t columns, uint16_t rows) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return ioctl(controller, TIOCSWINSZ, &size) == 0 ? 0 : errno;
}

ssize_t descriptorReadSome(int descriptor, void *bytes, size_t count, int timeoutMilliseconds) {
  while (true) {
    struct pollfd polled = {descriptor, POLLIN, 0};
    int ready = poll(&polled, 1, timeoutMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return -1;
    if (ready == 0) {
      errno = ETIMEDOUT;
      return -1;
    }
    ssize_t got = read(descriptor, bytes, count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EIO) return 0;  // a terminal whose other side is closed
    return got;
  }
}
#endif
