// Runs one program and says what it cost, as one line of JSON on a descriptor.
//
//     measure RESULT_FD SYNC_FILE|- SYNC_DIRECTORY|- SYNC_FILE_SYSTEM|- PROGRAM [ARGUMENT]...
//
// The clock starts before the program is spawned. "returnNanoseconds" stops when it has been waited
// for; "diskNanoseconds" when the file and then the directory have been fsynced as well, and the file
// system that holds SYNC_FILE_SYSTEM has been synced (for trees: an fsync for each file of one would
// measure fsync).
//
// Why not from Python: the kernel starts a spawned program's peak resident size at its parent's
// (exec keeps the old address space's high-water mark), so every child of a Python process seems to
// use as much as Python does. This program is 2 MB small. Its own time between the clock's two ends
// is one vfork and one wait.
//
// CPU time is the program's own with all its threads; an io_uring's kernel workers are threads of
// the process and count. What the fsyncs cost here is given apart, as "syncCPUMicroseconds".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long nowNanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long microseconds(struct timeval time) {
    return time.tv_sec * 1000000LL + time.tv_usec;
}

static int syncPath(const char *path, int flags, int (*sync)(int)) {
    if (strcmp(path, "-") == 0) return 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0) return errno;
    const int error = sync(fd) < 0 ? errno : 0;
    close(fd);
    return error;
}

int main(int argc, char **argv) {
    if (argc < 6) {
        fprintf(stderr, "usage: measure RESULT_FD SYNC_FILE|- SYNC_DIRECTORY|- SYNC_FILE_SYSTEM|- "
                        "PROGRAM [ARGUMENT]...\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int result = atoi(argv[1]);
    fcntl(result, F_SETFD, FD_CLOEXEC);

    const long long start = nowNanoseconds();
    const pid_t child = vfork();  // what posix_spawn does; vfork itself lets the child ask for PDEATHSIG
    if (child < 0) {
        perror("measure: vfork");
        return 1;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // an interrupted benchmark leaves no copy running
        execvp(argv[5], argv + 5);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) {
            perror("measure: wait4");
            return 1;
        }
    const long long returned = nowNanoseconds();

    int syncError = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        syncError = syncPath(argv[2], 0, fsync);
        if (syncError == 0) syncError = syncPath(argv[3], O_DIRECTORY, fsync);
        if (syncError == 0) syncError = syncPath(argv[4], O_DIRECTORY, syncfs);
    }
    const long long durable = nowNanoseconds();

    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    dprintf(result,
            "{\"exitStatus\":%d,\"signal\":%d,\"syncError\":%d,\"returnNanoseconds\":%lld,"
            "\"diskNanoseconds\":%lld,\"userMicroseconds\":%lld,\"systemMicroseconds\":%lld,"
            "\"syncCPUMicroseconds\":%lld,\"maxResidentBytes\":%lld,"
            "\"voluntarySwitches\":%ld,\"involuntarySwitches\":%ld}\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0, syncError,
            returned - start, durable - start, microseconds(usage.ru_utime), microseconds(usage.ru_stime),
            microseconds(own.ru_utime) + microseconds(own.ru_stime), usage.ru_maxrss * 1024LL,
            usage.ru_nvcsw, usage.ru_nivcsw);
    return 0;
}
