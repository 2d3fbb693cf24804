// Everything that a copy may get right or wrong about one file, asked by name and never through a symbolic link.
#ifdef __linux__
#define _GNU_SOURCE
#include "CTestSupport.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int entryExamine(const char *path, struct entryFacts *facts) {
  struct stat status;
  if (lstat(path, &status) != 0) return errno;
  *facts = (struct entryFacts){
      .mode = status.st_mode,
      .user = status.st_uid,
      .group = status.st_gid,
      .deviceMajor = major(status.st_rdev),
      .deviceMinor = minor(status.st_rdev),
      .linkCount = status.st_nlink,
      .size = status.st_size,
      .accessedSeconds = status.st_atim.tv_sec,
      .modifiedSeconds = status.st_mtim.tv_sec,
      .accessedNanoseconds = (uint32_t)status.st_atim.tv_nsec,
      .modifiedNanoseconds = (uint32_t)status.st_mtim.tv_nsec,
  };
  // The handle has the inode's generation in it: a number that is used again is not taken for the same file.
  union {
    struct file_handle handle;
    char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
  } named;
  named.handle.handle_bytes = MAX_HANDLE_SZ;
  int mount;
  char *text = facts->identity;
  size_t left = sizeof facts->identity;
  int used = snprintf(text, left, "%llx", (unsigned long long)status.st_ino);
  if (name_to_handle_at(AT_FDCWD, path, &named.handle, &mount, 0) != 0) return 0;
  for (unsigned index = 0; index < named.handle.handle_bytes && used + 3 < (int)left; index++)
    used += snprintf(text + used, left - (size_t)used, "%02x", named.handle.f_handle[index]);
  return 0;
}

int entrySetTimes(
    const char *path, int64_t accessedSeconds, uint32_t accessedNanoseconds, int64_t modifiedSeconds,
    uint32_t modifiedNanoseconds) {
  struct timespec times[2] = {
      {accessedSeconds, accessedNanoseconds},
      {modifiedSeconds, modifiedNanoseconds},
  };
  return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

int entryTarget(const char *path, struct childOutput *target) {
  *target = (struct childOutput){malloc(PATH_MAX), 0};
  ssize_t count = readlink(path, (char *)target->bytes, PATH_MAX);
  if (count < 0) return errno;
  target->count = (size_t)count;
  return 0;
}

static void append(struct childOutput *output, const void *bytes, size_t count) {
  output->bytes = realloc(output->bytes, output->count + count);
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

int entryAttributes(const char *path, struct childOutput *attributes) {
  enum { capacity = 1 << 16 };
  *attributes = (struct childOutput){NULL, 0};
  char *names = malloc(2 * capacity), *value = names + capacity;
  ssize_t count = llistxattr(path, names, capacity);
  int error = count < 0 && errno != ENOTSUP ? errno : 0;
  for (char *name = names; error == 0 && name < names + count; name += strlen(name) + 1) {
    ssize_t length = lgetxattr(path, name, value, capacity);
    if (length < 0) {
      error = errno;
      break;
    }
    uint32_t stored = (uint32_t)length;
    append(attributes, name, strlen(name) + 1);
    append(attributes, &stored, sizeof stored);
    append(attributes, value, (size_t)length);
  }
  free(names);
  return error;
}

int fileHoles(const char *path, int64_t size, char *text, size_t capacity) {
  text[0] = 0;
  int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return errno;
  size_t used = 0;
  int64_t offset = 0;
  while (offset < size) {
    int64_t hole = lseek(descriptor, offset, SEEK_HOLE);
    if (hole < 0 || hole >= size) break;
    int64_t data = lseek(descriptor, hole, SEEK_DATA);
    offset = data < 0 ? size : data;
    int added = snprintf(
        text + used, capacity - used, "%s%lld-%lld", used ? "," : "", (long long)hole, (long long)offset);
    if (added < 0 || (size_t)added >= capacity - used) break;
    used += (size_t)added;
  }
  close(descriptor);
  return 0;
}

static int compareNames(const void *one, const void *other) {
  return strcmp(*(char *const *)one, *(char *const *)other);
}

int directoryNames(const char *path, char **names, size_t *count) {
  *names = NULL;
  *count = 0;
  DIR *stream = opendir(path);
  if (!stream) return errno;
  char **list = NULL;
  size_t length = 0, capacity = 0, bytes = 0;
  struct dirent *entry;
  while ((errno = 0, entry = readdir(stream))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (length == capacity) list = realloc(list, (capacity = capacity ? 2 * capacity : 16) * sizeof *list);
    list[length] = strdup(entry->d_name);
    bytes += strlen(list[length++]) + 1;
  }
  int error = errno;
  closedir(stream);
  if (length) qsort(list, length, sizeof *list, compareNames);
  char *next = *names = malloc(bytes + 1);
  for (size_t index = 0; index < length; index++) {
    next = stpcpy(next, list[index]) + 1;
    free(list[index]);
  }
  free(list);
  *count = bytes;
  return error;
}

int fileDigest(const char *path, uint64_t *digest) {
  enum { blockSize = 4096, blockCount = 64 };
  static const uint8_t zeros[blockSize];
  int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return errno;
  uint8_t *bytes = malloc((size_t)blockSize * blockCount);
  uint64_t value = 0xcbf29ce484222325ULL;
  int64_t offset = 0;
  int error = 0;
  while (true) {
    int64_t data = lseek(descriptor, offset, SEEK_DATA);
    if (data < 0) {
      if (errno != ENXIO) error = errno;
      break;
    }
    offset = data - data % blockSize;
    ssize_t count = pread(descriptor, bytes, (size_t)blockSize * blockCount, offset);
    if (count <= 0) {
      if (count < 0) error = errno;
      break;
    }
    for (ssize_t start = 0; start < count; start += blockSize) {
      size_t length = (size_t)(count - start < blockSize ? count - start : blockSize);
      if (!memcmp(bytes + start, zeros, length)) continue;
      value = (value ^ (uint64_t)(offset + start)) * 0x100000001b3ULL;
      for (size_t index = 0; index < length; index++)
        value = (value ^ bytes[start + (ssize_t)index]) * 0x100000001b3ULL;
    }
    offset += count;
  }
  free(bytes);
  close(descriptor);
  *digest = value;
  return error;
}
#endif
