// Takes memory from the kernel, touches every page of it, and either gives it back (`touch`) or
// keeps it (`hold`).
//
// Why: a virtual machine's host takes free pages back, and the first touch of such a page then costs
// thousands of times an ordinary page fault. That cost lands on whichever program touches the page
// first, which in a copy benchmark is whoever fills the page cache. `hold` keeps most of the memory
// out of that game for a whole benchmark, `touch` makes what is left warm just before a timed run.
//
//     ballast hold BYTES     touches, prints "ready", holds until standard input ends
//     ballast touch BYTES    touches, exits
//
// Exit status: 0 fine, 1 no memory, 2 misuse.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { threadsMax = 8 };

struct Part {
    volatile char *start;
    size_t length;
};

static void *touchPart(void *argument) {
    const struct Part *part = argument;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t offset = 0; offset < part->length; offset += page) part->start[offset] = 1;
    return NULL;
}

// On every core: a page that the host has taken costs a trip to the host, and those trips overlap.
static void touch(char *memory, size_t length) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t count = cores < 1 ? 1 : cores > threadsMax ? threadsMax : (size_t)cores;
    const size_t share = (length / count) & ~(size_t)0x1fffff;  // 2 MiB: no huge page is split
    pthread_t threads[threadsMax];
    int started[threadsMax] = {0};
    struct Part parts[threadsMax];
    for (size_t i = 0; i < count; i++) {
        const size_t length_i = i + 1 == count ? length - i * share : share;
        parts[i] = (struct Part){memory + i * share, length_i};
        started[i] = pthread_create(&threads[i], NULL, touchPart, &parts[i]) == 0;
        if (!started[i]) touchPart(&parts[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (started[i]) pthread_join(threads[i], NULL);
}

// If the estimate of the free memory was wrong, the ballast is what must die, not a neighbour.
static void volunteerForOutOfMemory(void) {
    const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, "1000", 4) < 0) fprintf(stderr, "ballast: oom_score_adj: %s\n", strerror(errno));
    close(fd);
}

int main(int argc, char **argv) {
    if (argc != 3 || (strcmp(argv[1], "hold") != 0 && strcmp(argv[1], "touch") != 0)) {
        fprintf(stderr, "usage: ballast hold|touch BYTES\n");
        return 2;
    }
    char *end = NULL;
    const unsigned long long length = strtoull(argv[2], &end, 10);
    if (end == argv[2] || *end != '\0') {
        fprintf(stderr, "ballast: not a number of bytes: %s\n", argv[2]);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlive the benchmark, however it ended
    volunteerForOutOfMemory();
    if (length > 0) {
        char *memory =
            mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            fprintf(stderr, "ballast: mmap of %llu bytes: %s\n", length, strerror(errno));
            return 1;
        }
        touch(memory, length);
        // Keeps the ballast from being swapped out. Ordinary users may not lock this much, and
        // without swap it makes no difference: a refusal is fine.
        if (strcmp(argv[1], "hold") == 0) (void)mlock(memory, length);
    }
    if (strcmp(argv[1], "touch") == 0) return 0;

    printf("ready\n");
    fflush(stdout);
    char byte;
    ssize_t count;
    do count = read(STDIN_FILENO, &byte, 1);
    while (count > 0 || (count < 0 && errno == EINTR));
    return 0;
}
