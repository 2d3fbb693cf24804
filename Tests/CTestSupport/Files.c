#ifdef __linux__
#define _GNU_SOURCE
#include "CTestSupport.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

enum { blockSize = 1 << 20 };

// The eight bytes at 8 * index; none of them is 0.
static uint64_t patternWord(uint64_t index, uint64_t seed) {
  uint64_t word = (index + 1) * 0x9e3779b97f4a7c15ULL + seed * 0xbf58476d1ce4e5b9ULL;
  word ^= word >> 29;
  word *= 0x94d049bb133111ebULL;
  return (word ^ (word >> 32)) | 0x0101010101010101ULL;
}

static void patternFill(uint8_t *bytes, int64_t offset, size_t count, uint64_t seed) {
  size_t done = 0;
  while (done < count) {
    uint64_t position = (uint64_t)offset + done;
    uint64_t word = patternWord(position / 8, seed);
    size_t skip = position % 8, length = 8 - skip;
    if (length > count - done) length = count - done;
    memcpy(bytes + done, (uint8_t *)&word + skip, length);
    done += length;
  }
}

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// Reads until the count or the end. Returns a count or -errno.
static int64_t readFully(int descriptor, uint8_t *bytes, size_t count, int64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = pread(descriptor, bytes + done, count - done, offset + (int64_t)done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (int64_t)done;
}

int patternWrite(const char *path, int64_t offset, int64_t length, uint64_t seed) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return errno;
  uint8_t *block = malloc(blockSize);
  int error = 0;
  for (int64_t done = 0; done < length && error == 0;) {
    size_t count = (size_t)smaller(blockSize, length - done);
    patternFill(block, offset + done, count, seed);
    ssize_t wrote = pwrite(descriptor, block, count, offset + done);
    if (wrote < 0 && errno != EINTR) error = errno;
    if (wrote > 0) done += wrote;
  }
  free(block);
  if (close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

static int64_t firstDifference(const uint8_t *a, const uint8_t *b, size_t count) {
  if (memcmp(a, b, count) == 0) return -1;
  for (size_t i = 0; i < count; i++)
    if (a[i] != b[i]) return (int64_t)i;
  return -1;
}

int64_t patternDifference(const char *path, int64_t offset, int64_t length, uint64_t seed) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -1 - errno;
  uint8_t *expected = malloc(blockSize), *found = malloc(blockSize);
  int64_t answer = -1;
  for (int64_t done = 0; done < length && answer == -1; done += blockSize) {
    size_t count = (size_t)smaller(blockSize, length - done);
    patternFill(expected, offset + done, count, seed);
    int64_t got = readFully(descriptor, found, count, offset + done);
    if (got < 0) {
      answer = -1 + got;
      break;
    }
    int64_t difference = firstDifference(expected, found, (size_t)got);
    if (difference < 0 && (size_t)got < count) difference = got;
    if (difference >= 0) answer = offset + done + difference;
  }
  free(expected);
  free(found);
  close(descriptor);
  return answer;
}

// The next byte of data at or after the offset; the size where there is none.
static int64_t nextData(int descriptor, int64_t offset, int64_t size) {
  int64_t data = lseek(descriptor, offset, SEEK_DATA);
  if (data >= 0) return data;
  return errno == ENXIO ? size : offset;
}

int64_t fileDifference(const char *path, const char *otherPath, int64_t limit) {
  int a = open(path, O_RDONLY | O_CLOEXEC);
  if (a < 0) return -1 - errno;
  int b = open(otherPath, O_RDONLY | O_CLOEXEC);
  if (b < 0) {
    int error = errno;
    close(a);
    return -1 - error;
  }
  int64_t sizeA = lseek(a, 0, SEEK_END), sizeB = lseek(b, 0, SEEK_END);
  int64_t end = smaller(sizeA, sizeB), answer = -1;
  if (limit >= 0) end = smaller(end, limit);
  uint8_t *bytesA = malloc(blockSize), *bytesB = malloc(blockSize);
  int64_t offset = 0;
  while (answer == -1) {
    offset = smaller(nextData(a, offset, sizeA), nextData(b, offset, sizeB));
    if (offset >= end) break;
    size_t count = (size_t)smaller(blockSize, end - offset);
    int64_t gotA = readFully(a, bytesA, count, offset), gotB = readFully(b, bytesB, count, offset);
    if (gotA < 0 || gotB < 0) {
      answer = -1 + smaller(gotA, gotB);
      break;
    }
    int64_t difference = firstDifference(bytesA, bytesB, (size_t)smaller(gotA, gotB));
    if (difference >= 0) answer = offset + difference;
    offset += (int64_t)count;
  }
  if (answer == -1 && (limit < 0 ? sizeA != sizeB : end < limit)) answer = end;
  free(bytesA);
  free(bytesB);
  close(a);
  close(b);
  return answer;
}

int64_t fileDataRanges(const char *path, struct dataRange *ranges, size_t capacity) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  int64_t count = 0, offset = 0;
  while ((size_t)count < capacity) {
    int64_t start = lseek(descriptor, offset, SEEK_DATA);
    if (start < 0) {
      if (errno != ENXIO) count = -errno;
      break;
    }
    offset = lseek(descriptor, start, SEEK_HOLE);
    ranges[count++] = (struct dataRange){start, offset};
  }
  close(descriptor);
  return count;
}

int fileExtents(const char *path, uint32_t *extents, uint32_t *shared) {
  enum { capacity = 4096 };
  *extents = *shared = 0;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  struct fiemap *map = calloc(1, sizeof *map + capacity * sizeof(struct fiemap_extent));
  map->fm_length = FIEMAP_MAX_OFFSET;
  map->fm_flags = FIEMAP_FLAG_SYNC;
  map->fm_extent_count = capacity;
  int error = ioctl(descriptor, FS_IOC_FIEMAP, map) == 0 ? 0 : errno;
  if (error == 0) {
    *extents = map->fm_mapped_extents;
    for (uint32_t i = 0; i < map->fm_mapped_extents; i++)
      if (map->fm_extents[i].fe_flags & FIEMAP_EXTENT_SHARED) *shared += 1;
  }
  free(map);
  close(descriptor);
  return error;
}

int64_t fileCachedBytes(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  struct stat status;
  int64_t answer = 0;
  if (fstat(descriptor, &status) != 0) {
    answer = -errno;
  } else if (status.st_size > 0) {
    size_t pageSize = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = ((size_t)status.st_size + pageSize - 1) / pageSize;
    void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    unsigned char *resident = malloc(pages);
    if (mapping == MAP_FAILED || mincore(mapping, (size_t)status.st_size, resident) != 0) {
      answer = -errno;
    } else {
      for (size_t i = 0; i < pages; i++) answer += (resident[i] & 1) * (int64_t)pageSize;
    }
    if (mapping != MAP_FAILED) munmap(mapping, (size_t)status.st_size);
    free(resident);
  }
  close(descriptor);
  return answer;
}

int fileDropFromCache(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  int error = fsync(descriptor) == 0 ? posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) : errno;
  close(descriptor);
  return error;
}

int64_t fileFirstUnreadable(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM);
  int64_t size = lseek(descriptor, 0, SEEK_END), answer = -1;
  uint8_t page[4096];
  for (int64_t offset = 0; offset < size && answer < 0; offset += (int64_t)sizeof page)
    if (pread(descriptor, page, sizeof page, offset) <= 0) answer = offset;
  close(descriptor);
  return answer;
}

int64_t fileSystemMagic(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (int64_t)status.f_type : 0;
}

static int removeEntry(const char *path, const struct stat *status, int kind, struct FTW *walk) {
  (void)status, (void)kind, (void)walk;
  return remove(path);
}

int treeRemove(const char *path) {
  return nftw(path, removeEntry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ? 0 : errno;
}

bool processHasOpen(pid_t process, const char *path) {
  struct stat wanted, found;
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/fd", process);
  DIR *directory = stat(path, &wanted) == 0 ? opendir(name) : NULL;
  if (!directory) return false;
  bool answer = false;
  struct dirent *entry;
  while (!answer && (entry = readdir(directory)))
    answer = entry->d_name[0] != '.' && fstatat(dirfd(directory), entry->d_name, &found, 0) == 0 &&
             found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino;
  closedir(directory);
  return answer;
}

int64_t processMemoryMax(pid_t process) {
  char line[256];
  snprintf(line, sizeof line, "/proc/%d/status", process);
  FILE *status = fopen(line, "re");
  if (!status) return -1;
  long kibibytes = -1;
  while (kibibytes < 0 && fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %ld", &kibibytes);
  fclose(status);
  return kibibytes < 0 ? -1 : kibibytes * 1024LL;
}

int dropBehindRefusal(const char *path) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return errno;
  struct iovec vector = {"x", 1};
  int error = pwritev2(descriptor, &vector, 1, 0, 0x80 /* RWF_DONTCACHE */) == 1 ? 0 : errno;
  close(descriptor);
  unlink(path);
  return error;
}

int fileChangeOwner(const char *path, uint32_t user) { return lchown(path, user, user) == 0 ? 0 : errno; }

int deviceMake(const char *path, uint32_t major, uint32_t minor) {
  if (mknod(path, S_IFCHR | 0666, makedev(major, minor)) != 0) return errno;
  return chmod(path, 0666) == 0 ? 0 : errno;
}
#endif
