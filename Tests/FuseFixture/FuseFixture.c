// A file system that shows a backing directory and misbehaves on request: the server-side copies, short
// transfers, changing sources and errors that no local file system offers on demand. The tests compile it
// with libfuse 3 and mount it where only they see it. It runs in one thread, so that its log is in order:
//
//   copy SOURCE-OFFSET DESTINATION-OFFSET COUNT RESULT
//   read OFFSET COUNT RESULT
//   write OFFSET COUNT RESULT
//   allocate OFFSET COUNT RESULT
//   open FLAGS RESULT
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static struct {
  char *backing;
  char *log;
  int offersCopy;         // server-side copies
  long copyCountMax;      // copy at most so many bytes per call; 0: all
  long copyFailsAfter;    // after so many copies, fail with copyError; -1: never
  long copyError;
  long readCountMax;      // answer reads with at most so many bytes; 0: all (needs direct_io)
  long readEndsAt;        // reads from this offset on find the end, whatever the size says; -1: never
  long readFailsAt;       // reads that touch this offset: EIO; -1: never
  long readsInterrupted;  // the first so many reads: EINTR
  long writeFullAt;       // writes that go beyond this offset: ENOSPC; -1: never
  long writeCountMax;     // take at most so many bytes per write; 0: all (needs direct_io)
  long changeAfter;       // once so many bytes have been read, set the size of the file read to changeSize
  long changeSize;
  int directIO;           // no page cache in front of this file system
  int refusesDirect;      // open with O_DIRECT: EINVAL
  int failsDirect;        // opens with O_DIRECT, but answers reads and writes then with EINVAL
  int refusesAllocate;    // fallocate: EOPNOTSUPP
} options = {
    .copyFailsAfter = -1, .copyError = EIO, .readEndsAt = -1, .readFailsAt = -1, .writeFullAt = -1,
    .changeAfter = -1,
};

#define OPTION(text, member) {text, offsetof(__typeof__(options), member), 1}
static const struct fuse_opt optionTable[] = {
    OPTION("backing=%s", backing),
    OPTION("log=%s", log),
    OPTION("offers_copy", offersCopy),
    OPTION("copy_count_max=%ld", copyCountMax),
    OPTION("copy_fails_after=%ld", copyFailsAfter),
    OPTION("copy_error=%ld", copyError),
    OPTION("read_count_max=%ld", readCountMax),
    OPTION("read_ends_at=%ld", readEndsAt),
    OPTION("read_fails_at=%ld", readFailsAt),
    OPTION("reads_interrupted=%ld", readsInterrupted),
    OPTION("write_full_at=%ld", writeFullAt),
    OPTION("write_count_max=%ld", writeCountMax),
    OPTION("change_after=%ld", changeAfter),
    OPTION("change_size=%ld", changeSize),
    OPTION("no_cache", directIO),
    OPTION("refuses_direct", refusesDirect),
    OPTION("fails_direct", failsDirect),
    OPTION("refuses_allocate", refusesAllocate),
    FUSE_OPT_END,
};

static int root;
static FILE *record;
static long copyCalls, bytesRead;

static const char *relative(const char *path) { return path[1] ? path + 1 : "."; }

static size_t atMost(long limit, size_t count) {
  return limit > 0 && count > (size_t)limit ? (size_t)limit : count;
}

static int result(int answer) { return answer < 0 ? -errno : 0; }

static void *start(struct fuse_conn_info *connection, struct fuse_config *configuration) {
  (void)connection;
  configuration->attr_timeout = configuration->entry_timeout = configuration->negative_timeout = 0;
  configuration->direct_io = options.directIO;
  return NULL;
}

static int getAttributes(const char *path, struct stat *status, struct fuse_file_info *file) {
  if (file) return result(fstat((int)file->fh, status));
  return result(fstatat(root, relative(path), status, AT_SYMLINK_NOFOLLOW));
}

static int openFile(const char *path, struct fuse_file_info *file) {
  int descriptor = -1;
  if (options.refusesDirect && (file->flags & O_DIRECT)) {
    errno = EINVAL;
  } else {
    descriptor = openat(root, relative(path), (file->flags & ~O_DIRECT) | O_CLOEXEC);
  }
  int answer = result(descriptor);
  file->fh = (uint64_t)descriptor;
  fprintf(record, "open %d %d\n", file->flags, answer);
  return answer;
}

static int create(const char *path, mode_t mode, struct fuse_file_info *file) {
  if (options.refusesDirect && (file->flags & O_DIRECT)) return -EINVAL;
  int descriptor = openat(root, relative(path), (file->flags & ~O_DIRECT) | O_CREAT | O_CLOEXEC, mode);
  file->fh = (uint64_t)descriptor;
  return result(descriptor);
}

static int readFile(const char *path, char *bytes, size_t count, off_t offset, struct fuse_file_info *file) {
  (void)path;
  ssize_t answer;
  if (options.readsInterrupted > 0) {
    options.readsInterrupted--;
    answer = -EINTR;
  } else if (options.failsDirect && (file->flags & O_DIRECT)) {
    answer = -EINVAL;
  } else if (options.readFailsAt >= 0 && offset + (off_t)count > options.readFailsAt) {
    answer = -EIO;
  } else {
    count = atMost(options.readCountMax, count);
    if (options.readEndsAt >= 0 && offset + (off_t)count > options.readEndsAt)
      count = offset < options.readEndsAt ? (size_t)(options.readEndsAt - offset) : 0;
    answer = pread((int)file->fh, bytes, count, offset);
    if (answer < 0) answer = -errno;
  }
  fprintf(record, "read %ld %zu %zd\n", (long)offset, count, answer);
  if (answer > 0) bytesRead += answer;
  if (options.changeAfter >= 0 && bytesRead >= options.changeAfter) {
    options.changeAfter = -1;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", (int)file->fh);
    if (truncate(name, options.changeSize) != 0) fprintf(record, "change failed\n");
  }
  return (int)answer;
}

static int writeFile(
    const char *path, const char *bytes, size_t count, off_t offset, struct fuse_file_info *file) {
  (void)path;
  ssize_t answer;
  count = atMost(options.writeCountMax, count);
  if (options.failsDirect && (file->flags & O_DIRECT)) {
    answer = -EINVAL;
  } else if (options.writeFullAt >= 0 && offset + (off_t)count > options.writeFullAt) {
    answer = -ENOSPC;
  } else {
    answer = pwrite((int)file->fh, bytes, count, offset);
    if (answer < 0) answer = -errno;
  }
  fprintf(record, "write %ld %zu %zd\n", (long)offset, count, answer);
  return (int)answer;
}

static ssize_t copyRange(
    const char *path, struct fuse_file_info *from, off_t fromOffset, const char *otherPath,
    struct fuse_file_info *to, off_t toOffset, size_t count, int flags) {
  (void)path, (void)otherPath, (void)flags;
  ssize_t answer;
  if (options.copyFailsAfter >= 0 && copyCalls++ >= options.copyFailsAfter) {
    answer = -options.copyError;
  } else {
    off_t at = fromOffset, onto = toOffset;
    size_t allowed = atMost(options.copyCountMax, count);
    answer = copy_file_range((int)from->fh, &at, (int)to->fh, &onto, allowed, 0);
    if (answer < 0) answer = -errno;
  }
  fprintf(record, "copy %ld %ld %zu %zd\n", (long)fromOffset, (long)toOffset, count, answer);
  return answer;
}

static int allocate(const char *path, int mode, off_t offset, off_t count, struct fuse_file_info *file) {
  (void)path;
  int answer = options.refusesAllocate ? -EOPNOTSUPP : result(fallocate((int)file->fh, mode, offset, count));
  fprintf(record, "allocate %ld %ld %d\n", (long)offset, (long)count, answer);
  return answer;
}

static int truncateFile(const char *path, off_t size, struct fuse_file_info *file) {
  if (file) return result(ftruncate((int)file->fh, size));
  int descriptor = openat(root, relative(path), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  int answer = result(ftruncate(descriptor, size));
  close(descriptor);
  return answer;
}

static int release(const char *path, struct fuse_file_info *file) {
  (void)path;
  close((int)file->fh);
  return 0;
}

static int removeFile(const char *path) { return result(unlinkat(root, relative(path), 0)); }

static int renameFile(const char *path, const char *newPath, unsigned int flags) {
  return result(renameat2(root, relative(path), root, relative(newPath), flags));
}

static int changeMode(const char *path, mode_t mode, struct fuse_file_info *file) {
  (void)file;
  return result(fchmodat(root, relative(path), mode, 0));
}

static int changeTimes(const char *path, const struct timespec times[2], struct fuse_file_info *file) {
  (void)file;
  return result(utimensat(root, relative(path), times, AT_SYMLINK_NOFOLLOW));
}

static int statistics(const char *path, struct statvfs *status) {
  (void)path;
  return result(fstatvfs(root, status));
}

static int list(
    const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *file,
    enum fuse_readdir_flags flags) {
  (void)offset, (void)file, (void)flags;
  int descriptor = openat(root, relative(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = descriptor < 0 ? NULL : fdopendir(descriptor);
  if (!directory) return -errno;
  struct dirent *entry;
  while ((entry = readdir(directory))) fill(buffer, entry->d_name, NULL, 0, 0);
  closedir(directory);
  return 0;
}

int main(int argumentCount, char **arguments) {
  struct fuse_args rest = FUSE_ARGS_INIT(argumentCount, arguments);
  if (fuse_opt_parse(&rest, &options, optionTable, NULL) != 0 || !options.backing || !options.log) return 2;
  root = open(options.backing, O_PATH | O_DIRECTORY | O_CLOEXEC);
  record = fopen(options.log, "we");
  if (root < 0 || !record) {
    perror("fuse fixture");
    return 1;
  }
  setvbuf(record, NULL, _IOLBF, 0);
  umask(0);
  struct fuse_operations operations = {
      .init = start, .getattr = getAttributes, .open = openFile, .create = create, .read = readFile,
      .write = writeFile, .fallocate = allocate, .truncate = truncateFile, .release = release,
      .unlink = removeFile, .rename = renameFile, .chmod = changeMode, .utimens = changeTimes,
      .statfs = statistics, .readdir = list,
  };
  if (options.offersCopy) operations.copy_file_range = copyRange;
  return fuse_main(rest.argc, rest.argv, &operations, NULL);
}
