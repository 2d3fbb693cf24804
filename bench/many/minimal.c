// What a job of many cached files takes when nothing is done but the system calls it needs: no checks of what may
// happen otherwise, no report, no options. Not a way to copy or load files: what the cores can give at best here.
//
//   minimal copy THREADS SOURCE DESTINATION   a directory of files, or of directories of files
//   minimal load THREADS LIST                 names that end with a zero byte
//   minimal keep THREADS LIST                 the same, each file into memory of its own that stays
//   minimal memory THREADS BYTES              no files: so many bytes from memory to memory, what no copy is faster than
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 16, BUFFER_BYTES = 1 << 20 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *memory(size_t count) {
  void *bytes = malloc(count);
  if (!bytes) fail("malloc");
  return bytes;
}

struct names {
  char **all;
  int count;
};

static void add(struct names *names, char *name) {
  if ((names->count & (names->count - 1)) == 0) {
    names->all = realloc(names->all, sizeof(char *) * (names->count ? 2 * names->count : 1));
    if (!names->all) fail("realloc");
  }
  names->all[names->count++] = name;
}

static int order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// The files of a directory, in their names' order, and its directories.
static void list(int directory, struct names *files, struct names *directories) {
  DIR *stream = fdopendir(dup(directory));
  if (!stream) fail("fdopendir");
  for (struct dirent *entry; (entry = readdir(stream));) {
    if (entry->d_name[0] == '.') continue;
    add(entry->d_type == DT_DIR ? directories : files, strdup(entry->d_name));
  }
  closedir(stream);
  qsort(files->all, files->count, sizeof(char *), order);
}

// --- copy: one directory's files are dealt out in batches; directories, one to each thread

static int source, destination;
static struct names rootFiles, rootDirectories;
static atomic_int nextBatch, nextDirectory;

// The kernel may have dropped pages of what was cached: then the rest is waited for.
static ssize_t readWhole(int descriptor, char *buffer, size_t room, ssize_t size) {
  struct iovec vector = {buffer, room};
  ssize_t count = preadv2(descriptor, &vector, 1, 0, RWF_NOWAIT);
  return count >= size ? count : pread(descriptor, buffer, room, 0);
}

// Files take each step together, and one thread at a time creates them: those who create file by file wait for each other
// file by file, in the kernel.
static pthread_spinlock_t creation;

static void copyFiles(int from, int to, char *const *names, int count, char *buffer) {
  struct stat statuses[BATCH];
  int in[BATCH], out[BATCH];
  for (int i = 0; i < count; i++) {
    in[i] = openat(from, names[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in[i] < 0 || fstat(in[i], &statuses[i]) != 0) fail(names[i]);
  }
  pthread_spin_lock(&creation);
  for (int i = 0; i < count; i++) {
    out[i] = openat(to, names[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, statuses[i].st_mode & 0777);
    if (out[i] < 0) fail(names[i]);
  }
  pthread_spin_unlock(&creation);
  for (int i = 0; i < count; i++) {
    ssize_t read = readWhole(in[i], buffer, BUFFER_BYTES, statuses[i].st_size);
    if (read != statuses[i].st_size || pwrite(out[i], buffer, read, 0) != read) fail(names[i]);
  }
  for (int i = 0; i < count; i++) {
    close(out[i]);
    close(in[i]);
  }
}

static void copyAll(int from, int to, const struct names *files, int start, int end, char *buffer) {
  if (end > files->count) end = files->count;
  for (int file = start; file < end; file += BATCH)
    copyFiles(from, to, files->all + file, end - file < BATCH ? end - file : BATCH, buffer);
}

static void *copy(void *unused) {
  (void)unused;
  char *buffer = memory(BUFFER_BYTES);
  for (int i; (i = atomic_fetch_add(&nextDirectory, 1)) < rootDirectories.count;) {
    const char *name = rootDirectories.all[i];
    int from = openat(source, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0 || mkdirat(destination, name, 0755) != 0) fail(name);
    int to = openat(destination, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to < 0) fail(name);
    struct names files = {0}, directories = {0};
    list(from, &files, &directories);
    copyAll(from, to, &files, 0, files.count, buffer);
    close(to);
    close(from);
  }
  for (int i; (i = atomic_fetch_add(&nextBatch, BATCH)) < rootFiles.count;)
    copyAll(source, destination, &rootFiles, i, i + BATCH, buffer);
  return NULL;
}

// --- load

static atomic_llong byteCount;
static bool keeps;

static void *load(void *unused) {
  (void)unused;
  char *buffer = memory(BUFFER_BYTES);
  long long loaded = 0;
  for (int i; (i = atomic_fetch_add(&nextBatch, BATCH)) < rootFiles.count;) {
    for (int file = i; file < i + BATCH && file < rootFiles.count; file++) {
      struct stat status;
      int in = open(rootFiles.all[file], O_RDONLY | O_CLOEXEC);
      if (in < 0 || fstat(in, &status) != 0) fail(rootFiles.all[file]);
      if (keeps) buffer = memory(status.st_size + 1);
      ssize_t count = readWhole(in, buffer, keeps ? status.st_size + 1 : BUFFER_BYTES, status.st_size);
      if (count != status.st_size) fail(rootFiles.all[file]);
      loaded += count;
      close(in);
    }
  }
  atomic_fetch_add(&byteCount, loaded);
  return NULL;
}

// --- memory

static char *origin, *copied;
static long long memoryBytes;

// In pieces, as a file's bytes are copied; each piece lies outside of the caches when its turn comes.
static void *copyMemory(void *unused) {
  (void)unused;
  for (long long at; (at = (long long)BUFFER_BYTES * atomic_fetch_add(&nextBatch, 1)) < memoryBytes;)
    memcpy(copied + at, origin + at, memoryBytes - at < BUFFER_BYTES ? memoryBytes - at : BUFFER_BYTES);
  return NULL;
}

static void *touched(size_t count) { return memset(memory(count), 1, count); }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void readList(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (descriptor < 0 || fstat(descriptor, &status) != 0) fail(path);
  char *bytes = memory(status.st_size + 1);
  if (read(descriptor, bytes, status.st_size) != status.st_size) fail(path);
  for (char *name = bytes; name < bytes + status.st_size; name += strlen(name) + 1) add(&rootFiles, name);
}

static void run(int threadCount, void *(*work)(void *)) {
  pthread_t threads[threadCount];
  for (int i = 0; i < threadCount; i++)
    if (pthread_create(&threads[i], NULL, work, NULL) != 0) fail("pthread_create");
  for (int i = 0; i < threadCount; i++) pthread_join(threads[i], NULL);
}

int main(int count, char **arguments) {
  int threadCount = count > 2 ? atoi(arguments[2]) : 0;
  if (threadCount >= 1 && count == 5 && strcmp(arguments[1], "copy") == 0) {
    source = open(arguments[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (source < 0 || mkdir(arguments[4], 0755) != 0) fail("open");
    destination = open(arguments[4], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (destination < 0) fail("open");
    list(source, &rootFiles, &rootDirectories);
    if (pthread_spin_init(&creation, PTHREAD_PROCESS_PRIVATE) != 0) fail("pthread_spin_init");
    run(threadCount, copy);
  } else if (threadCount >= 1 && count == 4 && (strcmp(arguments[1], "load") == 0 || strcmp(arguments[1], "keep") == 0)) {
    keeps = arguments[1][0] == 'k';
    readList(arguments[3]);
    run(threadCount, load);
    printf("{\"files\": %d, \"bytes\": %lld}\n", rootFiles.count, (long long)byteCount);
  } else if (threadCount >= 1 && count == 4 && strcmp(arguments[1], "memory") == 0) {
    memoryBytes = atoll(arguments[3]);
    origin = touched(memoryBytes);
    copied = touched(memoryBytes);
    double start = now();
    run(threadCount, copyMemory);
    printf("{\"bytes\": %lld, \"seconds\": %.6f}\n", memoryBytes, now() - start);
  } else {
    fputs("usage: minimal copy THREADS SOURCE DESTINATION | minimal load|keep THREADS LIST | "
          "minimal memory THREADS BYTES\n", stderr);
    return 2;
  }
  return 0;
}
