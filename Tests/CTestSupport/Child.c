#ifdef __linux__
#define _GNU_SOURCE
#include "Supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the tests' system call filters know x86_64 and aarch64"
#endif

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

const int32_t callRead = SYS_read, callWrite = SYS_write, callPread = SYS_pread64, callPwrite = SYS_pwrite64;
const int32_t callReadv = SYS_readv, callWritev = SYS_writev;
const int32_t callPreadv = SYS_preadv, callPwritev = SYS_pwritev;
const int32_t callPreadv2 = SYS_preadv2, callPwritev2 = SYS_pwritev2;
const int32_t callOpenat = SYS_openat, callFcntl = SYS_fcntl, callIoctl = SYS_ioctl;
const int32_t callFallocate = SYS_fallocate, callFtruncate = SYS_ftruncate;
const int32_t callCopyFileRange = SYS_copy_file_range, callCachestat = SYS_cachestat;
const int32_t callIoUringSetup = SYS_io_uring_setup, callIoUringEnter = SYS_io_uring_enter;
const int32_t callIoUringRegister = SYS_io_uring_register, callExitGroup = SYS_exit_group;
const int32_t callCloseRange = SYS_close_range;
const uint32_t requestFiclone = 0x40049409, flagDirect = O_DIRECT;

enum { filterLengthMax = 512 };

struct filter {
  struct sock_filter steps[filterLengthMax];
  unsigned short count;
};

static void append(struct filter *filter, struct sock_filter step) {
  if (filter->count == filterLengthMax) abort();
  filter->steps[filter->count++] = step;
}

static void load(struct filter *filter, size_t offset) {
  append(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct filter *filter, uint32_t value) {
  append(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

// Goes on with the next step if the loaded word equals the value, else past `skipped` steps.
static void unlessEqualSkip(struct filter *filter, uint32_t value, uint8_t skipped) {
  append(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped));
}

static void build(struct filter *filter, const struct childRequest *request) {
  filter->count = 0;
  load(filter, offsetof(struct seccomp_data, arch));
  // Calls of another architecture have other numbers: they are none of the filter's business.
  append(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0));
  answer(filter, SECCOMP_RET_ALLOW);
  for (size_t i = 0; i < request->refusedCount; i++) {
    const struct refusedCall *refused = &request->refused[i];
    load(filter, offsetof(struct seccomp_data, nr));
    if (refused->argument < 0) {
      unlessEqualSkip(filter, (uint32_t)refused->call, 1);
    } else {
      unlessEqualSkip(filter, (uint32_t)refused->call, 4);
      load(filter, offsetof(struct seccomp_data, args) + 8 * (size_t)refused->argument);  // little endian
      append(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, refused->mask));
      unlessEqualSkip(filter, refused->value, 1);
    }
    answer(filter, SECCOMP_RET_ERRNO | ((uint32_t)refused->error & SECCOMP_RET_DATA));
  }
  if (request->supervision) {
    load(filter, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < request->supervision->callCount; i++) {
      unlessEqualSkip(filter, (uint32_t)request->supervision->calls[i], 1);
      answer(filter, SECCOMP_RET_USER_NOTIF);
    }
  }
  answer(filter, SECCOMP_RET_ALLOW);
}

static int sendDescriptor(int socket, int descriptor) {
  char byte = 0;
  struct iovec vector = {&byte, 1};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return sendmsg(socket, &message, 0) == 1 ? 0 : errno;
}

// The descriptor, or -1 if the other side closed without sending one.
static int receiveDescriptor(int socket) {
  char byte;
  struct iovec vector = {&byte, 1};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t count;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  struct cmsghdr *header = count == 1 ? CMSG_FIRSTHDR(&message) : NULL;
  if (!header || header->cmsg_type != SCM_RIGHTS) return -1;
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

static int limit(int resource, int64_t value) {
  if (value < 0) return 0;
  struct rlimit both = {(rlim_t)value, (rlim_t)value};
  return setrlimit((__rlimit_resource_t)resource, &both) == 0 ? 0 : errno;
}

static int installFilter(const struct childRequest *request, int listenerSocket) {
  struct filter filter;
  build(&filter, request);
  struct sock_fprog program = {filter.count, filter.steps};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if (!request->supervision) {
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
  }
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (listener < 0 && errno == EINVAL) {
    flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;  // before 5.19
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  }
  if (listener < 0) return errno;
  return sendDescriptor(listenerSocket, (int)listener);
}

// Runs between fork and exec: only async-signal-safe calls, since other threads may have held locks.
static int prepare(const struct childRequest *request, int mountNamespace, int listenerSocket) {
  if (dup2(request->standardInput, 0) < 0 || dup2(request->standardOutput, 1) < 0 ||
      dup2(request->standardError, 2) < 0)
    return errno;
  // Only the three: what the tests have open is none of the child's business.
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return errno;
  if (request->terminal) {
    if (setsid() < 0 || ioctl(0, TIOCSCTTY, 0) != 0) return errno;
  } else if (setpgid(0, 0) != 0) {
    return errno;
  }
  for (int signal = 1; signal < NSIG; signal++) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &standard, NULL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  alarm(request->alarmSeconds);
  umask(022);
  if (mountNamespace >= 0 && setns(mountNamespace, CLONE_NEWNS) != 0) return errno;
  if (request->directory && chdir(request->directory) != 0) return errno;
  int error;
  if ((error = limit(RLIMIT_FSIZE, request->fileSizeMax)) != 0) return error;
  if ((error = limit(RLIMIT_MEMLOCK, request->lockedMemoryMax)) != 0) return error;
  if ((error = limit(RLIMIT_NOFILE, request->openFilesMax)) != 0) return error;
  if (request->user >= 0) {
    // The raw calls: glibc's would first look for other threads of the forked process.
    long id = (long)request->user;
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, id, id, id) != 0 ||
        syscall(SYS_setresuid, id, id, id) != 0)
      return errno;
  }
  if (request->refusedCount > 0 || request->supervision) return installFilter(request, listenerSocket);
  return 0;
}

pid_t childStart(const struct childRequest *request, struct supervisor **supervisor) {
  *supervisor = NULL;
  int failure[2], listener[2] = {-1, -1}, mountNamespace = -1;
  if (request->mountNamespaceOf > 0) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", request->mountNamespaceOf);
    mountNamespace = open(path, O_RDONLY | O_CLOEXEC);
    if (mountNamespace < 0) return -errno;
  }
  if (pipe2(failure, O_CLOEXEC) != 0) return -errno;
  if (request->supervision && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, listener) != 0)
    return -errno;

  // What a child does before its exec it may do in its parent's memory, unless somebody else must answer its calls
  // meanwhile: a fork copies the tables of a large process.
  bool isAlone = request->refusedCount == 0 && !request->supervision;
  pid_t child = isAlone ? vfork() : fork();
  if (child == 0) {
    int error = prepare(request, mountNamespace, listener[1]);
    if (error == 0) {
      execve(request->executable, request->arguments, request->environment);
      error = errno;
    }
    ssize_t written = write(failure[1], &error, sizeof error);
    _exit(written < 0 ? 126 : 127);
  }
  int forkError = errno;
  if (mountNamespace >= 0) close(mountNamespace);
  close(failure[1]);
  if (listener[1] >= 0) close(listener[1]);
  if (child < 0) {
    close(failure[0]);
    if (listener[0] >= 0) close(listener[0]);
    return -forkError;
  }
  // Before the wait for exec: the child's next watched call needs an answer.
  if (request->supervision) {
    int descriptor = receiveDescriptor(listener[0]);
    close(listener[0]);
    if (descriptor >= 0) *supervisor = supervisorStart(descriptor, request->supervision);
  }
  int error = 0;
  ssize_t count;
  do count = read(failure[0], &error, sizeof error);
  while (count < 0 && errno == EINTR);
  close(failure[0]);
  if (count == 0) return child;
  int status;
  waitpid(child, &status, 0);
  if (*supervisor) supervisorEnd(*supervisor);
  *supervisor = NULL;
  return -(error ? error : EIO);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

// Returns false at the end of the stream or where nothing more is there.
static bool drain(int descriptor, struct childOutput *output) {
  while (true) {
    uint8_t *bytes = realloc(output->bytes, output->count + 65536);
    if (!bytes) return false;
    output->bytes = bytes;
    ssize_t count = read(descriptor, output->bytes + output->count, 65536);
    if (count > 0) {
      output->count += (size_t)count;
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else {
      return count < 0 && errno == EAGAIN;
    }
  }
}

int childWait(
    pid_t child, int standardOutput, int standardError, int timeoutMilliseconds, struct childOutput *output,
    struct childOutput *error, int *status) {
  *output = *error = (struct childOutput){NULL, 0};
  int handle = (int)syscall(SYS_pidfd_open, child, 0);
  if (handle < 0) return errno;
  if (standardOutput >= 0) fcntl(standardOutput, F_SETFL, fcntl(standardOutput, F_GETFL) | O_NONBLOCK);
  if (standardError >= 0) fcntl(standardError, F_SETFL, fcntl(standardError, F_GETFL) | O_NONBLOCK);
  int64_t deadline = now() + timeoutMilliseconds;
  struct pollfd polled[3] = {{standardOutput, POLLIN, 0}, {standardError, POLLIN, 0}, {handle, POLLIN, 0}};
  bool timedOut = false;
  while (!(polled[2].revents & POLLIN)) {
    int64_t left = deadline - now();
    if (left <= 0 && !timedOut) {
      timedOut = true;
      // It leads a group: what it has started and would have waited for ends with it.
      kill(-child, SIGKILL);
    }
    if (poll(polled, 3, timedOut ? -1 : (int)left) < 0 && errno != EINTR) break;
    if (polled[0].revents && !drain(standardOutput, output)) polled[0].fd = -1;
    if (polled[1].revents && !drain(standardError, error)) polled[1].fd = -1;
  }
  if (polled[0].fd >= 0) drain(standardOutput, output);
  if (polled[1].fd >= 0) drain(standardError, error);
  close(handle);
  pid_t reaped;
  do reaped = waitpid(child, status, 0);
  while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return errno;
  return timedOut ? ETIMEDOUT : 0;
}

bool childHasEnded(pid_t child) {
  siginfo_t information = {0};
  int answered = waitid(P_PID, (id_t)child, &information, WEXITED | WNOHANG | WNOWAIT);
  return answered != 0 || information.si_pid == child;
}

int ioUringRefusal(void) {
  uint8_t parameters[120] = {0};  // struct io_uring_params
  long ring = syscall(SYS_io_uring_setup, 1, parameters);
  if (ring < 0) return errno;
  close((int)ring);
  return 0;
}
#endif
