// Answers the system calls of a child that its filter hands over (seccomp_unotify(2)). What a test does
// while a call is held happens between two known points of the child, so nothing depends on time.
#ifdef __linux__
#define _GNU_SOURCE
#include "Supervisor.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct supervisor {
  int listener;
  int held;      // eventfd: a call is held
  int released;  // eventfd: stays readable once calls may pass
  uint64_t skipped, affected;
  enum supervisedAction action;
  int32_t error;
  uint32_t delayMilliseconds;
  atomic_ullong callCount;
  atomic_bool ending;
  pthread_t thread;
};

// Whether calls may pass from here on; waits so long for it, or until the child is gone.
static bool isReleased(struct supervisor *supervisor, int timeoutMilliseconds) {
  struct pollfd polled[2] = {{supervisor->released, POLLIN, 0}, {supervisor->listener, 0, 0}};
  poll(polled, 2, timeoutMilliseconds);
  return polled[0].revents & POLLIN;
}

static int act(struct supervisor *supervisor, const struct seccomp_data *call) {
  // The dynamic loader's reads of program headers are none of the program's transfers.
  if (call->nr == callPread && call->args[2] < 4096) return 0;
  unsigned long long index = atomic_fetch_add(&supervisor->callCount, 1);
  if (index < supervisor->skipped || index - supervisor->skipped >= supervisor->affected) return 0;
  switch (supervisor->action) {
    case supervisedPass:
      return 0;
    case supervisedRefuse:
      return supervisor->error;
    case supervisedDelay:
      isReleased(supervisor, (int)supervisor->delayMilliseconds);
      return 0;
    case supervisedHold:
      if (isReleased(supervisor, 0)) return 0;
      eventfd_write(supervisor->held, 1);
      isReleased(supervisor, -1);
      return 0;
  }
  return 0;
}

static void *run(void *argument) {
  struct supervisor *supervisor = argument;
  struct seccomp_notif_sizes sizes;
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) return NULL;
  size_t requestSize = sizes.seccomp_notif, responseSize = sizes.seccomp_notif_resp;
  if (requestSize < sizeof(struct seccomp_notif)) requestSize = sizeof(struct seccomp_notif);
  if (responseSize < sizeof(struct seccomp_notif_resp)) responseSize = sizeof(struct seccomp_notif_resp);
  struct seccomp_notif *request = malloc(requestSize);
  struct seccomp_notif_resp *response = malloc(responseSize);
  while (request && response && !atomic_load(&supervisor->ending)) {
    struct pollfd polled = {supervisor->listener, POLLIN, 0};
    if (poll(&polled, 1, -1) < 0 && errno == EINTR) continue;
    if (!(polled.revents & POLLIN)) break;  // hung up: nobody has the filter any more
    memset(request, 0, requestSize);
    if (ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_RECV, request) != 0) continue;
    int error = act(supervisor, &request->data);
    memset(response, 0, responseSize);
    response->id = request->id;
    response->error = -error;
    if (error == 0) response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SEND, response);  // fails if the caller was killed
  }
  free(request);
  free(response);
  return NULL;
}

struct supervisor *supervisorStart(int listener, const struct supervision *plan) {
  struct supervisor *supervisor = calloc(1, sizeof *supervisor);
  if (!supervisor) abort();
  supervisor->listener = listener;
  supervisor->held = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  supervisor->released = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  supervisor->skipped = plan->skipped;
  supervisor->affected = plan->affected;
  supervisor->action = plan->action;
  supervisor->error = plan->error;
  supervisor->delayMilliseconds = plan->delayMilliseconds;
  if (pthread_create(&supervisor->thread, NULL, run, supervisor) != 0) abort();
  return supervisor;
}

bool supervisorWaitForHold(struct supervisor *supervisor, pid_t child, int timeoutMilliseconds) {
  int handle = (int)syscall(SYS_pidfd_open, child, 0);
  struct pollfd polled[2] = {{supervisor->held, POLLIN, 0}, {handle, POLLIN, 0}};
  int ready;
  do ready = poll(polled, 2, timeoutMilliseconds);
  while (ready < 0 && errno == EINTR);
  close(handle);
  return ready > 0 && (polled[0].revents & POLLIN);
}

void supervisorRelease(struct supervisor *supervisor) { eventfd_write(supervisor->released, 1); }

uint64_t supervisorCallCount(struct supervisor *supervisor) { return atomic_load(&supervisor->callCount); }

void supervisorEnd(struct supervisor *supervisor) {
  atomic_store(&supervisor->ending, true);
  supervisorRelease(supervisor);
  pthread_join(supervisor->thread, NULL);
  close(supervisor->listener);
  close(supervisor->held);
  close(supervisor->released);
  free(supervisor);
}
#endif
