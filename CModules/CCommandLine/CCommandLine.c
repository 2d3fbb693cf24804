#define _GNU_SOURCE
#include "CCommandLine.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const void *commandMakeOptionTable(const struct commandOption *options, int count) {
  struct option *table = calloc((size_t)count + 1, sizeof *table);
  for (int index = 0; table != NULL && index < count; index++) {
    table[index].name = options[index].name;
    table[index].has_arg = options[index].argument;
    table[index].val = options[index].value;
  }
  return table;
}

int commandNextOption(int argc, char *const *argv, const char *shortOptions, const void *table) {
  return getopt_long(argc, argv, shortOptions, table, NULL);
}

const char *commandOptionArgument(void) { return optarg; }
int commandOperandIndex(void) { return optind; }

void commandReportInsteadOfDying(void) {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

// Written once, before any other thread exists.
static sigset_t endingSignals;

void commandBlockEndingSignals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  sigemptyset(&endingSignals);
  for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    struct sigaction action;
    // Who started us may have had it ignored (nohup, a shell's background job): it stays so.
    if (sigaction(numbers[index], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset(&endingSignals, numbers[index]);
  }
  pthread_sigmask(SIG_BLOCK, &endingSignals, NULL);
}

int commandWaitForEndingSignal(void) {
  int number = 0;
  while (sigwait(&endingSignals, &number) != 0) {
  }
  return number;
}

int commandWriteWhole(int descriptor, const void *bytes, size_t count) {
  const char *rest = bytes;
  while (count > 0) {
    ssize_t written = write(descriptor, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    rest += written;
    count -= (size_t)written;
  }
  return 0;
}

int commandTerminalColumns(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int commandSyncFileSystem(int descriptor) {
#ifdef __linux__
  return syncfs(descriptor);
#else
  (void)descriptor;
  sync();
  return 0;
#endif
}
