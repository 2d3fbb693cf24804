#define _GNU_SOURCE
#include "CLinux.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

// The calls for extended attributes know no directories: a name gets a path by its directory's descriptor.
struct path {
  char bytes[PATH_MAX];
};

// NULL, with errno, where it is too long.
static const char *pathOf(const struct linuxEntry *entry, struct path *path) {
  if (entry->directory == AT_FDCWD || entry->name[0] == '/') return entry->name;
  int count = snprintf(path->bytes, sizeof path->bytes, "/proc/self/fd/%d/%s", entry->directory, entry->name);
  if (count >= 0 && (size_t)count < sizeof path->bytes) return path->bytes;
  errno = ENAMETOOLONG;
  return NULL;
}

int linuxSetTimes(const struct linuxEntry *entry, const struct linuxTimes *times) {
  struct timespec values[2] = {
      {times->accessedSeconds, times->accessedNanoseconds}, {times->modifiedSeconds, times->modifiedNanoseconds}};
  if (entry->descriptor >= 0) return futimens(entry->descriptor, values);
  return utimensat(entry->directory, entry->name, values, AT_SYMLINK_NOFOLLOW);
}

int linuxSetOwner(const struct linuxEntry *entry, uint32_t user, uint32_t group) {
  if (entry->descriptor >= 0) return fchown(entry->descriptor, user, group);
  return fchownat(entry->directory, entry->name, user, group, AT_SYMLINK_NOFOLLOW);
}

// fchmodat follows symbolic links before Linux 6.6, so the name is pinned first.
int linuxSetMode(const struct linuxEntry *entry, uint32_t mode) {
  if (entry->descriptor >= 0) return fchmod(entry->descriptor, mode);
  int pinned = openat(entry->directory, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (pinned < 0) return -1;
  struct stat status;
  int answer = fstat(pinned, &status);
  if (answer == 0 && S_ISLNK(status.st_mode)) {
    errno = EOPNOTSUPP;
    answer = -1;
  }
  if (answer == 0) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", pinned);
    answer = chmod(path, mode);
  }
  int error = errno;
  close(pinned);
  errno = error;
  return answer;
}

ssize_t linuxListAttributes(const struct linuxEntry *entry, char *names, size_t count) {
  if (entry->descriptor >= 0) return flistxattr(entry->descriptor, names, count);
  struct path path;
  const char *text = pathOf(entry, &path);
  return text ? llistxattr(text, names, count) : -1;
}

ssize_t linuxGetAttribute(const struct linuxEntry *entry, const char *name, void *value, size_t count) {
  if (entry->descriptor >= 0) return fgetxattr(entry->descriptor, name, value, count);
  struct path path;
  const char *text = pathOf(entry, &path);
  return text ? lgetxattr(text, name, value, count) : -1;
}

int linuxSetAttribute(const struct linuxEntry *entry, const char *name, const void *value, size_t count) {
  if (entry->descriptor >= 0) return fsetxattr(entry->descriptor, name, value, count, 0);
  struct path path;
  const char *text = pathOf(entry, &path);
  return text ? lsetxattr(text, name, value, count, 0) : -1;
}

int linuxRemoveAttribute(const struct linuxEntry *entry, const char *name) {
  if (entry->descriptor >= 0) return fremovexattr(entry->descriptor, name);
  struct path path;
  const char *text = pathOf(entry, &path);
  return text ? lremovexattr(text, name) : -1;
}

#endif
