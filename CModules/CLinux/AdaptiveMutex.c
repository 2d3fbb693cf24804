#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
  cacheLine = 64,
  // How long it is worth looking; more than the longest that the work takes while nobody waits for a device.
  spinNanoseconds = 200000,
  looksBetweenTimes = 32,
};

// Alone in its cache lines, which the other side looks at.
struct linuxAdaptiveMutex {
  pthread_mutex_t mutex;
} __attribute__((aligned(cacheLine)));

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

struct linuxAdaptiveMutex *linuxMakeAdaptiveMutex(void) {
  struct linuxAdaptiveMutex *lock = aligned_alloc(cacheLine, sizeof *lock);
  if (lock && pthread_mutex_init(&lock->mutex, NULL) != 0) {
    free(lock);
    return NULL;
  }
  return lock;
}

void linuxFreeAdaptiveMutex(struct linuxAdaptiveMutex *lock) {
  if (!lock) return;
  pthread_mutex_destroy(&lock->mutex);
  free(lock);
}

void linuxLock(struct linuxAdaptiveMutex *lock) {
  if (!lock || pthread_mutex_trylock(&lock->mutex) == 0) return;
  int64_t end = now() + spinNanoseconds;
  do {
    for (int look = 0; look < looksBetweenTimes; look++) relax();
    if (pthread_mutex_trylock(&lock->mutex) == 0) return;
  } while (now() < end);
  pthread_mutex_lock(&lock->mutex);
}

void linuxUnlock(struct linuxAdaptiveMutex *lock) {
  if (lock) pthread_mutex_unlock(&lock->mutex);
}

#endif
