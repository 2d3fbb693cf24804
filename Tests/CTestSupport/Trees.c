#ifdef __linux__
#define _GNU_SOURCE
#include "CTestSupport.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Everything here walks by directory descriptors, two at a time: trees may be deeper than PATH_MAX and than
// the limit of descriptors.

static const int directoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct names {
  char **list;
  size_t count;
};

static int compareNames(const void *one, const void *other) {
  return strcmp(*(char *const *)one, *(char *const *)other);
}

static void freeNames(struct names *names) {
  for (size_t index = 0; index < names->count; index++) free(names->list[index]);
  free(names->list);
}

// All names in a directory but the two dots, sorted. 0 or an errno.
static int readNames(int directory, struct names *names) {
  *names = (struct names){NULL, 0};
  int copy = openat(directory, ".", directoryFlags);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream) return errno;
  size_t capacity = 0;
  struct dirent *entry;
  while ((errno = 0, entry = readdir(stream))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (names->count == capacity) {
      capacity = capacity ? capacity * 2 : 16;
      names->list = realloc(names->list, capacity * sizeof *names->list);
    }
    names->list[names->count++] = strdup(entry->d_name);
  }
  int error = errno;
  closedir(stream);
  if (names->count) qsort(names->list, names->count, sizeof *names->list, compareNames);
  return error;
}

// Goes from a directory to the one around it.
static int moveUp(int *directory) {
  int around = openat(*directory, "..", directoryFlags);
  int error = errno;
  close(*directory);
  *directory = around;
  return around < 0 ? error : 0;
}

static int moveDown(int *directory, const char *name) {
  int inside = openat(*directory, name, directoryFlags);
  int error = errno;
  close(*directory);
  *directory = inside;
  return inside < 0 ? error : 0;
}

struct difference {
  char *message;
  size_t capacity;
};

__attribute__((format(printf, 2, 3))) static int differs(struct difference *found, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(found->message, found->capacity, format, arguments);
  va_end(arguments);
  return -1;
}

static int compareFiles(int one, int other, const char *name, struct difference *found) {
  static const size_t size = 1 << 16;
  int oneFile = openat(one, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int otherFile = openat(other, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int answer = 0;
  if (oneFile < 0 || otherFile < 0) {
    answer = differs(found, "%s: cannot be opened", name);
  } else {
    char *bytes = malloc(2 * size);
    ssize_t count, otherCount;
    do {
      count = read(oneFile, bytes, size);
      otherCount = read(otherFile, bytes + size, size);
      if (count < 0 || count != otherCount || memcmp(bytes, bytes + size, count) != 0)
        answer = differs(found, "%s: other contents", name);
    } while (answer == 0 && count > 0);
    free(bytes);
  }
  close(oneFile);
  close(otherFile);
  return answer;
}

static int compareEntries(
    int one, int other, const char *name, bool isPart, bool *isDirectory, struct difference *found) {
  struct stat status, otherStatus;
  *isDirectory = false;
  if (fstatat(one, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return differs(found, "%s: not there", name);
  if (fstatat(other, name, &otherStatus, AT_SYMLINK_NOFOLLOW) != 0)
    return differs(found, "%s: not in the other", name);
  *isDirectory = S_ISDIR(status.st_mode);
  // A part of a copy may have directories that are still writable.
  mode_t mask = isPart && S_ISDIR(status.st_mode) ? S_IFMT : 07777 | S_IFMT;
  if ((status.st_mode & mask) != (otherStatus.st_mode & mask))
    return differs(found, "%s: mode %o and %o", name, status.st_mode, otherStatus.st_mode);
  if (S_ISREG(status.st_mode)) {
    if (status.st_size != otherStatus.st_size)
      return differs(
          found, "%s: %lld and %lld bytes", name, (long long)status.st_size, (long long)otherStatus.st_size);
    return compareFiles(one, other, name, found);
  }
  if (S_ISLNK(status.st_mode)) {
    char target[PATH_MAX + 1], otherTarget[PATH_MAX + 1];
    ssize_t count = readlinkat(one, name, target, sizeof target);
    ssize_t otherCount = readlinkat(other, name, otherTarget, sizeof otherTarget);
    if (count < 0 || count != otherCount || memcmp(target, otherTarget, count) != 0)
      return differs(found, "%s: leads elsewhere", name);
  }
  if ((S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) && status.st_rdev != otherStatus.st_rdev)
    return differs(found, "%s: another device", name);
  return 0;
}

// 0: equal, -1: different, else an errno.
static int compareDirectories(int *one, int *other, bool isPart, struct difference *found) {
  struct names names, otherNames;
  int answer = readNames(*one, &names);
  if (answer == 0) answer = readNames(*other, &otherNames);
  if (answer != 0) return answer;
  if (!isPart && names.count != otherNames.count)
    answer = differs(found, "%zu and %zu entries", names.count, otherNames.count);
  for (size_t index = 0; answer == 0 && index < names.count; index++) {
    const char *name = names.list[index];
    bool isDirectory;
    answer = compareEntries(*one, *other, name, isPart, &isDirectory, found);
    if (answer != 0 || !isDirectory) continue;
    answer = moveDown(one, name);
    if (answer == 0) answer = moveDown(other, name);
    if (answer == 0) answer = compareDirectories(one, other, isPart, found);
    if (answer == 0) answer = moveUp(one);
    if (answer == 0) answer = moveUp(other);
  }
  freeNames(&names);
  freeNames(&otherNames);
  return answer;
}

int treeDifference(const char *path, const char *otherPath, bool isPart, char *message, size_t capacity) {
  struct difference found = {message, capacity};
  message[0] = 0;
  int one = open(path, directoryFlags), other = open(otherPath, directoryFlags);
  int answer = one < 0 || other < 0 ? errno : compareDirectories(&one, &other, isPart, &found);
  if (one >= 0) close(one);
  if (other >= 0) close(other);
  return answer;
}

static int writeFile(int directory, const char *name, int number, size_t size) {
  int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return errno;
  char *bytes = malloc(size + 1);
  for (size_t index = 0; index < size; index++) bytes[index] = (char)(1 + (index * 31 + (size_t)number) % 255);
  ssize_t count = write(file, bytes, size);
  int error = count == (ssize_t)size ? 0 : errno;
  free(bytes);
  close(file);
  return error;
}

int treeMakeFlat(const char *path, int count, size_t size) {
  int directory = open(path, directoryFlags), error = directory < 0 ? errno : 0;
  for (int number = 0; error == 0 && number < count; number++) {
    char name[32];
    snprintf(name, sizeof name, "file-%d", number);
    error = writeFile(directory, name, number, size);
  }
  if (directory >= 0) close(directory);
  return error;
}

int treeMakeDeep(const char *path, int levels, const char *name, int siblingEvery) {
  int directory = open(path, directoryFlags), error = directory < 0 ? errno : 0;
  for (int level = 0; error == 0 && level < levels; level++) {
    error = writeFile(directory, "file", level, 100);
    bool hasSiblings = siblingEvery && level % siblingEvery == 0;
    // On both sides of the chain: directories are copied in the order in which they were made.
    if (error == 0 && hasSiblings && mkdirat(directory, "a-sibling", 0755) != 0) error = errno;
    if (error == 0 && mkdirat(directory, name, 0755) != 0) error = errno;
    if (hasSiblings) {
      if (error == 0 && mkdirat(directory, "z-sibling", 0755) != 0) error = errno;
      for (int side = 0; error == 0 && side < 2; side++) {
        int sibling = openat(directory, side ? "z-sibling" : "a-sibling", directoryFlags);
        error = sibling < 0 ? errno : writeFile(sibling, "file", level, 100);
        if (sibling >= 0) close(sibling);
      }
    }
    if (error == 0) error = moveDown(&directory, name);
  }
  if (directory >= 0) close(directory);
  return error;
}

static int removeContents(int *directory) {
  struct names names;
  int error = readNames(*directory, &names);
  if (error != 0) return error;
  for (size_t index = 0; error == 0 && index < names.count; index++) {
    const char *name = names.list[index];
    if (unlinkat(*directory, name, 0) == 0) continue;
    if (errno != EISDIR && errno != EPERM) {
      error = errno;
      break;
    }
    (void)fchmodat(*directory, name, 0700, 0);
    error = moveDown(directory, name);
    if (error == 0) error = removeContents(directory);
    if (error == 0) error = moveUp(directory);
    if (error == 0 && unlinkat(*directory, name, AT_REMOVEDIR) != 0) error = errno;
  }
  freeNames(&names);
  return error;
}

int treeRemoveDeep(const char *path) {
  int directory = open(path, directoryFlags);
  if (directory < 0) return errno;
  int error = removeContents(&directory);
  if (directory >= 0) close(directory);
  return error == 0 && rmdir(path) != 0 ? errno : error;
}

int descriptorsBelow(const char *path) {
  DIR *stream = opendir("/proc/self/fd");
  if (!stream) return -1;
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(stream))) {
    char target[PATH_MAX + 1];
    ssize_t length = readlinkat(dirfd(stream), entry->d_name, target, PATH_MAX);
    if (length >= (ssize_t)strlen(path) && !memcmp(target, path, strlen(path))) count++;
  }
  closedir(stream);
  return count;
}

int pathsExchange(const char *path, const char *otherPath) {
  return renameat2(AT_FDCWD, path, AT_FDCWD, otherPath, RENAME_EXCHANGE) == 0 ? 0 : errno;
}

int socketMake(const char *path) { return mknod(path, S_IFSOCK | 0644, 0) == 0 ? 0 : errno; }
#endif
