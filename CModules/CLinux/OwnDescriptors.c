#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

enum {
  // The standard streams' numbers stand for nothing in the thread's table, so that no file of a user's ever gets them
  // and what the C library might print goes nowhere; files have the numbers from here on.
  firstFile = 3,
  // Files that are over and are closed together.
  fileCountOpenMax = 16,
  // Requests that wait or are under way: so many that the thread goes from one to the next by itself.
  requestCountMax = 2,
};

struct request {
  struct linuxSmallFileLoad *toRead, *toOpen;
  int readCount, openCount;
};

struct linuxOwnDescriptors {
  // How many requests there were, and how many are done: each side wakes the other by the number that it changes.
  _Atomic uint32_t asked, done;
  // Set by who sleeps until that number changes.
  _Atomic uint32_t sleepsUntilAsked, sleepsUntilDone;
  _Atomic bool isEnding;
  bool isReady;
  clockid_t clock;
  struct request requests[requestCountMax];
};

static void sleepWhile(_Atomic uint32_t *number, uint32_t value, _Atomic uint32_t *sleeps) {
  while (atomic_load(number) == value) {
    atomic_store(sleeps, 1);
    if (atomic_load(number) == value) syscall(SYS_futex, number, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
    atomic_store(sleeps, 0);
  }
}

static void wake(_Atomic uint32_t *number) {
  syscall(SYS_futex, number, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void change(_Atomic uint32_t *number, _Atomic uint32_t *sleeps) {
  atomic_fetch_add(number, 1);
  if (atomic_load(sleeps)) wake(number);
}

// As `change`, where the other side may free everything once it has seen the change: an address that nobody sleeps at
// any more wakes nobody.
static void changeLast(_Atomic uint32_t *number) {
  atomic_fetch_add(number, 1);
  wake(number);
}

int linuxTakeOwnCredentials(void) {
  int keeps = prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0);
  return keeps < 0 ? -1 : prctl(PR_SET_KEEPCAPS, keeps, 0, 0, 0);
}

// --- The thread

// From here on the thread shares no descriptor with anybody, and keeps none of the process's open.
static bool takeOwnTable(void) {
  if (syscall(SYS_close_range, 0, UINT_MAX, CLOSE_RANGE_UNSHARE) != 0) return false;
  int nothing = linuxEventDescriptor();
  if (nothing != 0) return false;
  for (int number = 1; number < firstFile; number++)
    if (dup2(nothing, number) < 0) return false;
  return true;
}

// Closes files that were only read, those that are over, with one call if their numbers have no gaps: those of files
// opened one after another have none. What closing fails with means nothing.
static void closeOver(struct linuxSmallFileLoad *loads, int count) {
  int first = INT_MAX, last = -1, openCount = 0;
  for (int index = 0; index < count; index++) {
    if (loads[index].descriptor < 0 || !loads[index].isOver) continue;
    if (loads[index].descriptor < first) first = loads[index].descriptor;
    if (loads[index].descriptor > last) last = loads[index].descriptor;
    openCount++;
  }
  if (openCount == 0) return;
  bool oneByOne = last - first + 1 != openCount || syscall(SYS_close_range, first, last, 0) != 0;
  for (int index = 0; index < count; index++) {
    if (loads[index].descriptor < 0 || !loads[index].isOver) continue;
    if (oneByOne) close(loads[index].descriptor);
    loads[index].descriptor = -1;
  }
}

static void readOpen(struct linuxSmallFileLoad *load) {
  load->isOver = true;
  load->isDone = linuxReadSmallFile(load);
  if (load->isDone) load->callCount++;  // closing it
}

static void perform(struct request request) {
  for (int index = 0; index < request.readCount; index++) readOpen(&request.toRead[index]);
  closeOver(request.toRead, request.readCount);
  for (int start = 0; start < request.openCount; start += fileCountOpenMax) {
    int left = request.openCount - start;
    int count = left < fileCountOpenMax ? left : fileCountOpenMax;
    for (int index = start; index < start + count; index++) {
      struct linuxSmallFileLoad *load = &request.toOpen[index];
      load->isOver = !linuxOpenSmallFile(load);
      if (!load->isOver && linuxFitsSmallFile(load)) readOpen(load);
    }
    closeOver(request.toOpen + start, count);
  }
}

static void *live(void *argument) {
  struct linuxOwnDescriptors *own = argument;
  linuxNameThread("uring-files");
  own->isReady = pthread_getcpuclockid(pthread_self(), &own->clock) == 0 && takeOwnTable();
  if (own->isReady) linuxTakeOwnCredentials();
  if (!own->isReady) {
    changeLast(&own->done);
    return NULL;
  }
  change(&own->done, &own->sleepsUntilDone);
  for (uint32_t number = 1;; number++) {
    sleepWhile(&own->asked, number - 1, &own->sleepsUntilAsked);
    if (atomic_load(&own->isEnding)) break;
    perform(own->requests[number % requestCountMax]);
    change(&own->done, &own->sleepsUntilDone);
  }
  free(own);
  return NULL;
}

// --- Starting, asking, ending. `done` is one more than the requests that are done: the start counts.

struct linuxOwnDescriptors *linuxStartOwnDescriptors(void) {
  struct linuxOwnDescriptors *own = calloc(1, sizeof *own);
  if (!own) return NULL;
  bool isStarted = linuxStartDetachedThread(live, own) == 0;
  if (isStarted) sleepWhile(&own->done, 0, &own->sleepsUntilDone);
  if (isStarted && own->isReady) return own;
  free(own);
  return NULL;
}

void linuxAwaitSmallFiles(struct linuxOwnDescriptors *own, uint32_t number) {
  for (uint32_t done; (int32_t)((done = atomic_load(&own->done)) - 1 - number) < 0;)
    sleepWhile(&own->done, done, &own->sleepsUntilDone);
}

uint32_t linuxBeginSmallFiles(
    struct linuxOwnDescriptors *own, struct linuxSmallFileLoad *toRead, int readCount,
    struct linuxSmallFileLoad *toOpen, int openCount) {
  uint32_t number = atomic_load(&own->asked) + 1;
  linuxAwaitSmallFiles(own, number - requestCountMax);
  own->requests[number % requestCountMax] = (struct request){toRead, toOpen, readCount, openCount};
  change(&own->asked, &own->sleepsUntilAsked);
  return number;
}

int64_t linuxOwnDescriptorsNanoseconds(const struct linuxOwnDescriptors *own) {
  struct timespec time;
  return clock_gettime(own->clock, &time) == 0 ? time.tv_sec * 1000000000LL + time.tv_nsec : 0;
}

void linuxEndOwnDescriptors(struct linuxOwnDescriptors *own) {
  linuxAwaitSmallFiles(own, atomic_load(&own->asked));
  atomic_store(&own->isEnding, true);
  changeLast(&own->asked);
}

#endif
